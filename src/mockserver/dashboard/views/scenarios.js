// Scenarios that the server knows, an editor of scenarios, the snapshots of the sandbox, and what differs between worlds.
import { html } from "../html.js";
import { Heading } from "../parts/shell.js";
import { link, route } from "../route.js";
import { Differences } from "./scenarios/differences.js";
import { Editor } from "./scenarios/editor.js";
import { Library } from "./scenarios/library.js";
import { Snapshots } from "./scenarios/snapshots.js";

const PARTS = /** @type {const} */ ([
  ["", "Scenarios", Library],
  ["editor", "Editor", Editor],
  ["snapshots", "Snapshots", Snapshots],
  ["diff", "Differences", Differences],
]);

export default function Scenarios() {
  const chosen = route.value.path[0] ?? "";
  const [, , Part] = PARTS.find(([name]) => name === chosen) ?? PARTS[0];
  return html`<${Heading} title="Scenarios">
      <nav class="tabs" aria-label="Scenarios">
        ${PARTS.map(([name, title]) => html`<a key=${name} href=${link({ path: name ? [name] : [], query: {} })} aria-current=${name === chosen ? "page" : undefined}>${title}</a>`)}
      </nav>
    <//>
    <${Part} />`;
}
