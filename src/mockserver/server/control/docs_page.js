// Shows a contract in Swagger UI. "Try it out" must reach this server and not the vendor's, so this
// server stands first.
const api = decodeURIComponent(location.pathname.split("/").pop());

fetch(`/__mock__/apis/${encodeURIComponent(api)}/openapi.json`)
  .then((response) => response.json())
  .then((spec) => {
    const vendor = spec.servers[0].url.replace(/[{}]/g, "");
    const url = location.origin + new URL(vendor, location.origin).pathname;
    spec.servers.unshift({ url, description: "This mock" });
    window.ui = SwaggerUIBundle({
      spec,
      dom_id: "#ui",
      deepLinking: true,
      showExtensions: true, // x-evidence
      validatorUrl: null, // or it would send the page to a service on the internet
    });
  });
