// The rules of faults: in their order, with what they match and do, and how often they did.
import { call, path, useResource } from "../../api.js";
import { html, useEffect, useState } from "../../html.js";
import { Confirm, Dialog } from "../../parts/dialog.js";
import { Loaded, notify } from "../../parts/notices.js";
import { SchemaFields, readSchemaFields, useFieldErrors } from "../../parts/schema-form.js";
import { Heading } from "../../parts/shell.js";
import { Table } from "../../parts/table.js";
import { Code, count, formatNumber } from "../../parts/text.js";

/** @typedef {{name: string, match: Record<string, unknown>, effect: Record<string, unknown>, matched: number, applied: number}} Fault */
/** @typedef {{kind: "form" | "delete" | "delete all", fault?: Fault}} Opened */

const PERIOD = 2_000; // milliseconds between two looks at the counters

/** @param {{tabs: import("../../html.js").Children}} props */
export function Rules({ tabs }) {
  const faults = useResource(
    async (signal) => /** @type {Fault[]} */ ((await call("GET", "/faults", { signal })).faults),
  );
  const [opened, setOpened] = useState(/** @type {Opened | undefined} */ (undefined));
  const close = () => setOpened(undefined);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || faults.reload(), PERIOD);
    return () => clearInterval(timer);
  }, []);
  const columns = [
    { title: "Order", class: "number", cell: (/** @type {Numbered} */ row) => row.order },
    { title: "Name", cell: (/** @type {Numbered} */ row) => html`<${Code} value=${row.name} />` },
    {
      title: "Match",
      class: "grow",
      cell: (/** @type {Numbered} */ row) =>
        Object.keys(row.match).length > 0
          ? html`<${Parts} of=${row.match} />`
          : html`<span class="hint">every request to an API</span>`,
    },
    { title: "Effect", class: "grow", cell: (/** @type {Numbered} */ row) => html`<${Parts} of=${row.effect} />` },
    { title: "Matched", class: "number", cell: (/** @type {Numbered} */ row) => formatNumber(row.matched) },
    { title: "Applied", class: "number", cell: (/** @type {Numbered} */ row) => formatNumber(row.applied) },
    {
      title: "Actions",
      cell: (/** @type {Numbered} */ row) => html`
        <button
          type="button"
          class="small"
          aria-label="Change ${row.name}"
          onClick=${() => setOpened({ kind: "form", fault: row })}
        >
          Change
        </button>
        <button
          type="button"
          class="small"
          aria-label="Delete ${row.name}"
          onClick=${() => setOpened({ kind: "delete", fault: row })}
        >
          Delete
        </button>
      `,
    },
  ];
  const rows = (faults.value ?? []).map((it, index) => ({ ...it, order: index + 1 }));
  return html`
    <${Heading} title="Faults">
      ${tabs}
      <span class="grow"></span>
      <button type="button" class="primary" onClick=${() => setOpened({ kind: "form" })}>Add a rule</button>
      ${rows.length > 0 && html`<button type="button" onClick=${() => setOpened({ kind: "delete all" })}>Delete all rules</button>`}
    <//>
    <p class="hint">
      A rule says what goes wrong with requests that it matches. All rules that match are combined, in their order; of
      effects that replace the response, the first is applied.
    </p>
    <${Loaded} of=${faults}>
      ${() => html`<${Table} label="Rules" columns=${columns} rows=${rows} rowKey=${(/** @type {Numbered} */ row) => row.name} empty="The sandbox has no rule." />`}
    <//>
    ${opened?.kind === "form" && html`<${RuleDialog} fault=${opened.fault} onDone=${faults.reload} onClose=${close} />`}
    ${
      opened?.kind === "delete" &&
      html`<${Confirm}
        title="Delete a rule"
        action="Delete"
        onClose=${close}
        onConfirm=${async () => {
          const name = /** @type {Fault} */ (opened.fault).name;
          await call("DELETE", path`/faults/${name}`);
          faults.reload();
          return `The rule '${name}' is deleted.`;
        }}
      >
        <p>From the next request on, <${Code} value=${opened.fault?.name} /> is not applied.</p>
      <//>`
    }
    ${
      opened?.kind === "delete all" &&
      html`<${Confirm}
        title="Delete all rules"
        action="Delete all"
        onClose=${close}
        onConfirm=${async () => {
          await call("DELETE", "/faults");
          faults.reload();
          return "The sandbox has no rule.";
        }}
      >
        <p>
          ${count(rows.length, "rule is", "rules are")} deleted. Those of the scenario are there again after a reset.
        </p>
      <//>`
    }
  `;
}

/** @typedef {Fault & {order: number}} Numbered */

/** The parts of a match or an effect. @param {{of: Record<string, unknown>}} props */
function Parts({ of }) {
  return Object.entries(of).map(
    ([name, value]) =>
      html`${" "}<span class="part"><span class="hint">${name}</span> <${Code} value=${write(value)} /></span>`,
  );
}

/** @param {unknown} value */
function write(value) {
  return typeof value === "object" ? JSON.stringify(value) : value;
}

/**
 * A rule, new or as it is, by the schema of the control API.
 * @param {{fault?: Fault, onDone: () => void, onClose: () => void}} props
 */
function RuleDialog({ fault, onDone, onClose }) {
  const known = useResource(async (signal) => {
    const [root, apis] = await Promise.all([
      call("GET", "/apis/control/openapi.json", { signal }),
      call("GET", "/apis", { signal }),
    ]);
    const { FaultBody, NewFault } = root.components.schemas;
    const values = fault && { match: fault.match, effect: fault.effect };
    return { form: { schema: fault ? FaultBody : NewFault, root, values }, suggestions: listSuggestions(apis) };
  });
  const { errors, send } = useFieldErrors();

  /** @param {Record<string, string>} fields */
  const save = async (fields) => {
    const body = readSchemaFields(fields, /** @type {NonNullable<typeof known.value>} */ (known.value).form);
    const made = await send(() =>
      fault ? call("PUT", path`/faults/${fault.name}`, { body }) : call("POST", "/faults", { body }),
    );
    notify(`The rule '${made.name}' holds from the next request on.`);
    onDone();
  };
  return html`<${Dialog}
    title=${fault ? `Change the rule ${fault.name}` : "Add a rule"}
    action=${fault ? "Change" : "Add"}
    isWide
    onClose=${onClose}
    onSubmit=${save}
  >
    <${Loaded} of=${known}>
      ${(/** @type {NonNullable<typeof known.value>} */ { form, suggestions }) =>
        html`${fault && html`<p>It keeps its place in the order. Its counters begin at 0.</p>`}
          <${SchemaFields} ...${form} suggestions=${suggestions} errors=${errors} />`}
    <//>
  <//>`;
}

/** @param {Array<{name: string, title: string, operations: Array<{id: string, method: string, path: string}>}>} apis */
function listSuggestions(apis) {
  return {
    api: apis.map(({ name, title }) => ({ value: name, label: title })),
    operation: apis.flatMap(({ operations }) =>
      operations.map(({ id, method, path }) => ({ value: id, label: `${method} ${path}` })),
    ),
  };
}
