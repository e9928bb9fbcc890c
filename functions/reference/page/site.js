// Starts Scalar on the document of the API that this page comes from, with the guides in it.
"use strict";

// Scalar's validator would try `eval`, which the policy of this page refuses. It reads this when it is loaded.
globalThis.__zod_globalConfig = { jitless: true };

/** The languages of the samples. Every other one that Scalar knows is hidden. */
const SAMPLES = { shell: ["curl"], js: ["fetch"], python: ["requests"] };
const HIDDEN = {
  c: true,
  clojure: true,
  csharp: true,
  dart: true,
  fsharp: true,
  go: true,
  http: true,
  java: true,
  js: ["axios", "jquery", "ofetch", "xhr"],
  julia: true,
  kotlin: true,
  node: true,
  objc: true,
  ocaml: true,
  php: true,
  powershell: true,
  python: ["aiohttp", "httpx_async", "httpx_sync", "python3"],
  r: true,
  ruby: true,
  rust: true,
  shell: ["httpie", "wget"],
  swift: true,
};

/** The JSON at an address, or undefined if nothing is there. */
async function read(address) {
  const answer = await fetch(address);
  return answer.ok ? answer.json() : undefined;
}

/** Shows the ids of `demo` as the examples of the parameters of these names. */
function fillIn(paths, demo) {
  for (const { parameters = [] } of Object.values(paths).flatMap((operations) => Object.values(operations))) {
    for (const parameter of parameters) {
      parameter.example = demo[parameter.name] ?? parameter.example;
    }
  }
}

async function start() {
  const root = document.getElementById("site");
  // `local` has a tenant and a customer to try the API with, and a token unless it asks for none. A deployment has
  // nothing there: whoever reads the page brings ids and a token along.
  let content, demo;
  try {
    [content, demo] = await Promise.all([read("docs/site.json"), read("docs/demo.json")]);
  } catch {
    // The next lines say so.
  }
  if (!content) {
    root.firstElementChild.textContent = "The documentation could not be loaded. Load the page again.";
    return;
  }
  if (demo) {
    fillIn(content.paths, demo);
  }
  // Requests go where the page comes from, stage and base path included, and may go nowhere else.
  content.servers = [{ url: new URL(".", location.href).href.replace(/\/$/, "") }];

  // Scalar opens at a section, but not at a heading in it, which is what follows a dot.
  const { hash } = location;
  const [guide] = /^#tag\/guide-[^.]*(?=\.)/.exec(hash) ?? [hash];
  history.replaceState(null, "", guide);
  root.textContent = "";
  // The link of a code stands in the button that opens its response. A click on the link is not one on the button.
  root.addEventListener("click", (event) => event.target.closest("button a[href]") && event.stopPropagation(), true);
  Scalar.createApiReference(root, {
    content,
    // The prefix of the ids of sections; `build/guides.rs` has it too.
    slug: "api",
    authentication: {
      preferredSecurityScheme: "bearer",
      securitySchemes: { bearer: { token: demo?.token ?? "" } },
    },
    // A token that is typed here is forgotten with the page.
    persistAuth: false,
    // Nothing of Scalar's maker: no measuring, fonts, proxy, tools, assistant or links to its products.
    telemetry: false,
    withDefaultFonts: false,
    showDeveloperTools: "never",
    hideClientButton: true,
    agent: { disabled: true },
    mcp: { disabled: true },
    hiddenClients: HIDDEN,
    featuredClients: Object.entries(SAMPLES).flatMap(([language, [client]]) => `${language}/${client}`),
    defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
    documentDownloadType: "none",
    // A schema stands where it is used.
    hideModels: true,
    orderSchemaPropertiesBy: "preserve",
    generateOperationSlug: ({ operationId }) => operationId,
    onLoaded: () => {
      if (hash !== guide) {
        location.hash = hash;
      }
    },
  });
}

addEventListener("DOMContentLoaded", start);
