// Starts Scalar with the OpenAPI document and the guides.
"use strict";

// Without this setting, Scalar's validator would use `eval`, which the policy of this page forbids. Scalar reads it
// when it is loaded.
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
  // `local` provides a tenant and a customer to try the API with, and a token if it needs one. A deployment provides
  // nothing, so readers use their own ids and token.
  let content, demo;
  try {
    [content, demo] = await Promise.all([read("docs/site.json"), read("docs/demo.json")]);
  } catch {
    // The next lines handle the missing values.
  }
  if (!content) {
    root.firstElementChild.textContent = "The documentation could not be loaded. Load the page again.";
    return;
  }
  if (demo) {
    fillIn(content.paths, demo);
  }
  // Requests go to the server of this page, including its stage and base path. The policy forbids other servers.
  content.servers = [{ url: new URL(".", location.href).href.replace(/\/$/, "") }];

  // Scalar opens a section, but does not scroll to a heading in it. The heading is the part after the dot.
  const { hash } = location;
  const [guide] = /^#tag\/guide-[^.]*(?=\.)/.exec(hash) ?? [hash];
  history.replaceState(null, "", guide);
  root.textContent = "";
  // The link of a code is inside the button that opens its response. A click on the link must not press the button.
  root.addEventListener("click", (event) => event.target.closest("button a[href]") && event.stopPropagation(), true);
  Scalar.createApiReference(root, {
    content,
    // The prefix of the ids of sections. `build/guides.rs` contains it too.
    slug: "api",
    authentication: {
      preferredSecurityScheme: "bearer",
      securitySchemes: { bearer: { token: demo?.token ?? "" } },
    },
    // A token that is entered here is not stored.
    persistAuth: false,
    // Turn off everything that involves Scalar's maker: telemetry, fonts, proxy, tools, assistant and links to its
    // products.
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
    // Schemas are shown where they are used.
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
