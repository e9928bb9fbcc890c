// Starts Swagger UI on the document of the API that this page comes from.
"use strict";

(async () => {
  /** The JSON at an address, or undefined where there is none. */
  const read = async (address) => {
    const answer = await fetch(address);
    return answer.ok ? answer.json() : undefined;
  };

  const root = document.getElementById("explorer");
  // `local` knows a tenant to try the API with, and a token unless it asks for none. A deployment has nothing there, and
  // whoever reads the page brings a token along.
  let spec, demo;
  try {
    [spec, demo] = await Promise.all([read("openapi.json"), read("docs/demo.json")]);
  } catch {
    // Told below.
  }
  if (!spec) {
    root.firstElementChild.textContent = "The reference could not be loaded. Load the page again.";
    return;
  }

  // Requests go where the page comes from, stage and base path included, and may go nowhere else.
  spec.servers = [{ url: new URL(".", location.href).href.replace(/\/$/, ""), description: "Where this page is from" }];
  if (demo) {
    for (const operations of Object.values(spec.paths)) {
      for (const { parameters = [] } of Object.values(operations)) {
        for (const parameter of parameters.filter(({ name }) => name === "clientId")) {
          parameter.example = demo.clientId;
        }
      }
    }
  }

  const ui = SwaggerUIBundle({
    spec,
    domNode: root,
    deepLinking: true,
    displayRequestDuration: true,
    // A token that is typed here is forgotten with the page.
    persistAuthorization: false,
    // What the address of the page says could otherwise make it show another API's document.
    queryConfigEnabled: false,
    validatorUrl: null,
    onComplete: () => {
      if (demo?.token) {
        ui.preauthorizeApiKey("bearer", demo.token);
      }
    },
  });
})();
