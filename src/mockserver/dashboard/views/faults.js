// Faults: the rules of the sandbox, its mutations and its events.
import { html } from "../html.js";
import { link, route } from "../route.js";
import { Events } from "./faults/events.js";
import { Mutations } from "./faults/mutations.js";
import { Rules } from "./faults/rules.js";

const PARTS = [
  { name: "rules", title: "Rules", component: Rules },
  { name: "mutations", title: "Mutations", component: Mutations },
  { name: "events", title: "Events", component: Events },
];

export default function Faults() {
  const part = PARTS.find(({ name }) => name === route.value.path[0]) ?? PARTS[0];
  const tabs = html`<nav class="tabs" aria-label="Faults">
    ${PARTS.map(({ name, title }) => html`<a key=${name} href=${link({ path: [name], query: {} })} aria-current=${part.name === name ? "page" : undefined}>${title}</a>`)}
  </nav>`;
  return html`<${part.component} key=${part.name} tabs=${tabs} />`;
}
