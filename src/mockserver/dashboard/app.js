// The dashboard of a mock server.
import { html, render } from "./html.js";
import { Shell } from "./parts/shell.js";

render(html`<${Shell} />`, document.body);
