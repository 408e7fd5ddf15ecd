// The rules of faults: in their order, with what they match and do, and how often they did.
import { call, path, useResource } from "../../api.js";
import { html, useEffect, useMemo, useState } from "../../html.js";
import { expand, flatten } from "../../openapi.js";
import { Dialog } from "../../parts/dialog.js";
import { Failure, Loaded, notify } from "../../parts/notices.js";
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
      html`<${Dialog}
        title="Delete a rule"
        action="Delete"
        isDangerous
        onClose=${close}
        onSubmit=${async () => {
          const name = /** @type {Fault} */ (opened.fault).name;
          await call("DELETE", path`/faults/${name}`);
          notify(`The rule '${name}' is deleted.`);
          faults.reload();
        }}
      >
        <p>From the next request on, <${Code} value=${opened.fault?.name} /> is not applied.</p>
      <//>`
    }
    ${
      opened?.kind === "delete all" &&
      html`<${Dialog}
        title="Delete all rules"
        action="Delete all"
        isDangerous
        onClose=${close}
        onSubmit=${async () => {
          await call("DELETE", "/faults");
          notify("The sandbox has no rule.");
          faults.reload();
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
    const [document, apis] = await Promise.all([
      call("GET", "/apis/control/openapi.json", { signal }),
      call("GET", "/apis", { signal }),
    ]);
    return { schemas: readSchemas(document), apis };
  });
  const { errors, send } = useFieldErrors();
  const suggestions = useMemo(() => listSuggestions(known.value?.apis ?? []), [known.value]);
  const schemas = known.value?.schemas;

  /** @param {Record<string, string>} fields */
  const save = async (fields) => {
    const { match, effect } = /** @type {Schemas} */ (schemas);
    const name = fields["/name"];
    const body = {
      match: readSchemaFields(match, "/match", fields),
      effect: readSchemaFields(effect, "/effect", fields),
    };
    const made = await send(() =>
      fault
        ? call("PUT", path`/faults/${fault.name}`, { body })
        : call("POST", "/faults", { body: { ...(name && { name }), ...body } }),
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
    ${known.error && html`<${Failure} error=${known.error} onRetry=${known.reload} />`}
    ${
      schemas &&
      html`${fault ? html`<p>It keeps its place in the order. Its counters begin at 0.</p>` : html`<${SchemaFields} properties=${{ name: schemas.name }} base="" errors=${errors} />`}
        <fieldset class="schema">
          <legend>Match: which requests</legend>
          <p class="hint">All parts must match. Without any, every request to an API does.</p>
          <${SchemaFields}
            properties=${schemas.match}
            base="/match"
            values=${fault?.match}
            suggestions=${suggestions}
            errors=${errors}
          />
        </fieldset>
        <fieldset class="schema">
          <legend>Effect: what happens to them</legend>
          <p class="hint">
            One of <${Code} value="status, limit, connection, truncate, stale, duplicate" />; all else can be combined
            with it.
          </p>
          <${SchemaFields} properties=${schemas.effect} base="/effect" values=${fault?.effect} errors=${errors} />
        </fieldset>`
    }
  <//>`;
}

/** @typedef {{name: any, match: Record<string, any>, effect: Record<string, any>}} Schemas */

/** The schemas of a rule, in the contract of the control API. @param {any} document @returns {Schemas} */
function readSchemas(document) {
  const { NewFault, FaultMatch, FaultEffect } = document.components.schemas;
  const resolve = (/** @type {Record<string, any>} */ properties) =>
    Object.fromEntries(Object.entries(properties).map(([name, it]) => [name, flatten(expand(document, it))]));
  return {
    name: resolve({ name: NewFault.properties.name }).name,
    match: resolve(FaultMatch.properties),
    effect: resolve(FaultEffect.properties),
  };
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
