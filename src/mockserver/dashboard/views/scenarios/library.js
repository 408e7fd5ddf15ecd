// The scenarios that the server knows: read one, load it, begin another one with it.
import { call, path, useResource } from "../../api.js";
import { html, useState } from "../../html.js";
import { Confirm, Field } from "../../parts/dialog.js";
import { PlainText } from "../../parts/json.js";
import { Loaded } from "../../parts/notices.js";
import { Table } from "../../parts/table.js";
import { CopyButton, Text } from "../../parts/text.js";
import { go, link, route, sandbox } from "../../route.js";

/** @typedef {{name: string, description: string}} Scenario */

export function Library() {
  const scenarios = useResource(
    async (signal) => /** @type {Scenario[]} */ ((await call("GET", "/scenarios", { signal })).scenarios),
  );
  const { scenario, search = "" } = route.value.query;
  const columns = [
    {
      title: "Name",
      by: (/** @type {Scenario} */ row) => row.name,
      cell: (/** @type {Scenario} */ row) => html`<${Text} value=${row.name} />`,
    },
    {
      title: "Description",
      class: "grow",
      cell: (/** @type {Scenario} */ row) => html`<${Text} value=${row.description} />`,
    },
  ];
  /** @param {Record<string, string>} query */
  const show = (query) => go({ query: { ...route.value.query, ...query } }, { replace: true });
  const wanted = search.toLowerCase();
  return html`<p>
      <label
        >Search
        <input
          type="search"
          dir="auto"
          value=${search}
          onInput=${(/** @type {any} */ event) => show({ search: event.currentTarget.value })}
      /></label>
    </p>
    <${Loaded} of=${scenarios}>
      ${(/** @type {Scenario[]} */ all) =>
        html`<div class=${scenario ? "split" : "whole"}>
          <${Table}
            label="Scenarios"
            columns=${columns}
            rows=${all.filter((it) => `${it.name}\n${it.description}`.toLowerCase().includes(wanted))}
            rowKey=${(/** @type {Scenario} */ row) => row.name}
            selected=${scenario}
            onSelect=${(/** @type {Scenario} */ row) => show({ scenario: row.name })}
            empty="No scenario is like that."
          />
          ${scenario && html`<${OneScenario} key=${scenario} name=${scenario} onClose=${() => show({ scenario: "" })} />`}
        </div>`}
    <//>`;
}

/** @param {{name: string, onClose: () => void}} props */
function OneScenario({ name, onClose }) {
  const found = useResource((signal) => call("GET", path`/scenarios/${name}`, { signal }), [name]);
  const [isLoading, setLoading] = useState(false);
  return html`<section class="exchange" aria-label="Scenario">
    <div class="heading">
      <h2><${Text} value=${name} /></h2>
      <button type="button" class="primary" onClick=${() => setLoading(true)}>Load</button>
      <a href=${link({ path: ["editor"], query: { scenario: name } })}>Open in the editor</a>
      ${found.value && html`<${CopyButton} text=${found.value.source}>Copy<//>`}
      <span class="grow"></span>
      <button type="button" class="plain" aria-label="Close the scenario" onClick=${onClose}>✕</button>
    </div>
    <${Loaded} of=${found}>${(/** @type {{source: string}} */ it) => html`<${PlainText} text=${it.source} />`}<//>
    ${isLoading && html`<${LoadDialog} name=${name} onClose=${() => setLoading(false)} />`}
  </section>`;
}

/** Asks before a scenario replaces the world. @param {{name: string, onClose: () => void}} props */
function LoadDialog({ name, onClose }) {
  return html`<${Confirm}
    title="Load a scenario"
    action="Load"
    onClose=${onClose}
    onConfirm=${async (/** @type {Record<string, string>} */ { seed, freeze }) => {
      await call("POST", "/load", { body: { scenario: name }, query: { seed, freeze_at: freeze } });
      return `The world of '${sandbox.value}' is that of the scenario '${name}'.`;
    }}
  >
    <p>
      The world of <${Text} value=${sandbox.value} /> is replaced by the scenario <${Text} value=${name} />: documents,
      clock, seed and faults. Its snapshots and its journal stay.
    </p>
    <${Field} label="Seed" hint="A number; without it, that of the scenario."
      ><input name="seed" inputmode="numeric" pattern="[0-9]*" autocomplete="off"
    /><//>
    <${Field}
      label="Freeze the clock at"
      hint="Such as 2025-08-21T14:30:00Z or -1d. Without it, the clock of the scenario."
      ><input name="freeze" maxlength="64" autocomplete="off"
    /><//>
  <//>`;
}
