"use strict";
// The page to try the API: Swagger UI on the application's own document.
(() => {
  const place = document.getElementById("explorer");
  globalThis.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.document,
    deepLinking: true,
    presets: [globalThis.SwaggerUIBundle.presets.apis],
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();
