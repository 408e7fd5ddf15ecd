// The mutations: what each does, and which are on in this sandbox.
import { call, path, useResource } from "../../api.js";
import { html, useMemo, useState } from "../../html.js";
import { Confirm } from "../../parts/dialog.js";
import { ChoiceFilter, TextFilter } from "../../parts/filters.js";
import { Loaded, attempt } from "../../parts/notices.js";
import { Prose } from "../../parts/schema-form.js";
import { Heading } from "../../parts/shell.js";
import { Table } from "../../parts/table.js";
import { Code, Text, count, formatNumber } from "../../parts/text.js";
import { route } from "../../route.js";

/** @typedef {{name: string, api: string, operations: string[], operator: string, description: string, active: boolean, everywhere: boolean}} Mutation */

const STATES = [
  ["on", "that are on"],
  ["off", "that are off"],
];

/** @param {{tabs: import("../../html.js").Children}} props */
export function Mutations({ tabs }) {
  const mutations = useResource(
    async (signal) => /** @type {Mutation[]} */ ((await call("GET", "/mutations", { signal })).mutations),
  );
  const [isTurningOff, setTurningOff] = useState(false);
  const all = mutations.value ?? [];
  const filters = route.value.query;
  const rows = useMemo(() => filter(all, filters), [all, JSON.stringify(filters)]);
  const canTurnOff = all.some((it) => it.active && !it.everywhere);

  /** @param {Mutation} mutation */
  const toggle = async ({ name, active: isOn }) => {
    await attempt(() => call(isOn ? "DELETE" : "PUT", path`/mutations/${name}`));
    mutations.reload();
  };
  const columns = [
    {
      title: "On",
      by: (/** @type {Mutation} */ row) => (row.active ? 0 : 1),
      cell: (/** @type {Mutation} */ row) =>
        html`<button
          type="button"
          role="switch"
          class="switch"
          aria-checked=${String(row.active)}
          aria-label=${row.name}
          disabled=${row.everywhere}
          title=${row.everywhere ? "The server was started with it" : undefined}
          onClick=${() => toggle(row)}
        ></button>`,
    },
    {
      title: "API",
      by: (/** @type {Mutation} */ row) => row.api,
      cell: (/** @type {Mutation} */ row) => html`<${Text} value=${row.api} />`,
    },
    {
      title: "Operations",
      by: (/** @type {Mutation} */ row) => row.operations.join(", "),
      cell: (/** @type {Mutation} */ row) => html`<${Text} value=${row.operations.join(", ")} />`,
    },
    {
      title: "Operator",
      by: (/** @type {Mutation} */ row) => row.operator,
      cell: (/** @type {Mutation} */ row) => html`<${Code} value=${row.operator} />`,
    },
    {
      title: "What is wrong",
      class: "grow",
      by: (/** @type {Mutation} */ row) => row.description,
      cell: (/** @type {Mutation} */ row) =>
        html`<span title=${row.name}><${Prose} text=${row.description} /></span
          >${row.everywhere && html` <span class="badge">in every sandbox</span>`}`,
    },
  ];
  return html`
    <${Heading} title="Faults">
      ${tabs}
      <span class="grow"></span>
      <${ChoiceFilter} label="API" name="api" values=${unique(all.map((it) => it.api))} />
      <${ChoiceFilter} label="Operator" name="operator" values=${unique(all.map((it) => it.operator))} />
      <${ChoiceFilter} label="State" name="state" values=${STATES} />
      <${TextFilter} />
    <//>
    <${Loaded} of=${mutations}>
      ${() => html`
        <div class="line">
          <p class="hint" role="status">${describe(rows.length, all)}</p>
          ${canTurnOff && html`<button type="button" class="small" onClick=${() => setTurningOff(true)}>Turn all off</button>`}
        </div>
        <${Table}
          label="Mutations"
          columns=${columns}
          rows=${rows}
          rowKey=${(/** @type {Mutation} */ row) => row.name}
          empty="No mutation passes the filters."
        />
      `}
    <//>
    ${
      isTurningOff &&
      html`<${Confirm}
        title="Turn all mutations off"
        action="Turn all off"
        onClose=${() => setTurningOff(false)}
        onConfirm=${async () => {
          await call("DELETE", "/mutations");
          mutations.reload();
          return "The mutations are off.";
        }}
      >
        <p>All mutations of this sandbox go off. Those that the server was started with stay on.</p>
      <//>`
    }
  `;
}

/** @param {number} shown @param {Mutation[]} all */
function describe(shown, all) {
  const active = all.filter((it) => it.active).length;
  return `${formatNumber(shown)} of ${count(all.length, "mutation")}, ${active === 0 ? "none" : formatNumber(active)} on. A mutation makes responses of this sandbox break the contract.`;
}

/** @param {Mutation[]} all @param {Record<string, string>} filters */
function filter(all, { api = "", operator = "", state = "", text = "" }) {
  const wanted = text.toLowerCase();
  return all.filter(
    (it) =>
      (api === "" || it.api === api) &&
      (operator === "" || it.operator === operator) &&
      (state === "" || it.active === (state === "on")) &&
      (wanted === "" || `${it.name} ${it.description}`.toLowerCase().includes(wanted)),
  );
}

/** @param {string[]} texts */
function unique(texts) {
  return [...new Set(texts)].sort();
}
