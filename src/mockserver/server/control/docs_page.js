// Shows a contract in Swagger UI. It is served with this server's URL first, so that "Try it out"
// reaches this server and not the vendor's. It is two folders above this page.
const api = decodeURIComponent(location.pathname.split("/").pop());

window.ui = SwaggerUIBundle({
  url: `../apis/${encodeURIComponent(api)}/openapi.json`,
  dom_id: "#ui",
  deepLinking: true,
  showExtensions: true, // x-evidence
  validatorUrl: null, // or it would send the page to a service on the internet
});
