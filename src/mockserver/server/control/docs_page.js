// Shows a contract in Swagger UI. "Try it out" must reach this server and not the vendor's, so this
// server stands first. It is two folders above this page.
const api = decodeURIComponent(location.pathname.split("/").pop());

fetch(`../apis/${encodeURIComponent(api)}/openapi.json`)
  .then((response) => response.json())
  .then((spec) => {
    const vendor = new URL(spec.servers[0].url.replace(/[{}]/g, ""), location.origin).pathname;
    const url = new URL(`../..${vendor}`, location.href).href;
    spec.servers.unshift({ url, description: "This mock" });
    window.ui = SwaggerUIBundle({
      spec,
      dom_id: "#ui",
      deepLinking: true,
      showExtensions: true, // x-evidence
      validatorUrl: null, // or it would send the page to a service on the internet
    });
  });
