// Checks: how a deployment is checked against the contracts.
import { SERVER } from "../api.js";
import { html } from "../html.js";
import { Heading } from "../parts/shell.js";
import { CopyButton } from "../parts/text.js";

export default function Checks() {
  const command = `mockserver check ${SERVER} --html report.html`;
  return html`<${Heading} title="Checks" />
    <p>
      This command checks this server against its contracts and writes a report for a browser. With the URL of another
      deployment, it checks that one.
    </p>
    <pre class="text" tabindex="0">${command}</pre>
    <p><${CopyButton} text=${command}>Copy the command<//></p>`;
}
