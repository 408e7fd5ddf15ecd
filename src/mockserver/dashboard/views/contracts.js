// Contracts: the operations of the APIs that are served; one of them as its contract says it, and to be tried out.
import { SERVER, call, useResource } from "../api.js";
import { html, useMemo } from "../html.js";
import { ChoiceFilter, TextFilter } from "../parts/filters.js";
import { Loaded } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Code, Text, count, formatNumber } from "../parts/text.js";
import { go, route } from "../route.js";
import { EVIDENCE, Evidence } from "./contracts/evidence.js";
import { Operation } from "./contracts/operation.js";

/** @typedef {{api: string, id: string, method: string, path: string, evidence: string}} Row */
/** @typedef {{name: string, title: string, openapi: string, docs: string, evidence: Record<string, number>, operations: Array<Omit<Row, "api">>}} Api */

export default function Contracts() {
  const apis = useResource((signal) => /** @type {Promise<Api[]>} */ (call("GET", "/apis", { signal })));
  const filters = route.value.query;
  const [api, id] = route.value.path;
  const all = useMemo(
    () => (apis.value ?? []).flatMap((it) => it.operations.map((operation) => ({ ...operation, api: it.name }))),
    [apis.value],
  );
  const rows = useMemo(() => filter(all, filters), [all, JSON.stringify(filters)]);
  const chosen = apis.value?.find((it) => it.name === (api ?? filters.api));
  return html`
    <${Heading} title="Contracts">
      <span class="grow"></span>
      <${ChoiceFilter} label="API" name="api" values=${(apis.value ?? []).map((it) => it.name)} />
      <${TextFilter} />
    <//>
    <${Loaded} of=${apis}>
      ${() => html`
        <div class="line">
          <p class="hint" role="status">${formatNumber(rows.length)} of ${count(all.length, "operation")}</p>
          ${
            chosen &&
            html`<p>
              <${Text} value=${chosen.title} />:${" "}
              ${EVIDENCE.map((it) => html`<${Evidence} value=${it} /> ${formatNumber(chosen.evidence[it] ?? 0)} `)}
              <a href="${SERVER}${chosen.openapi}">openapi.yaml</a> <a href="${SERVER}${chosen.docs}">documentation</a>
            </p>`
          }
        </div>
        <div class=${id ? "beside" : "whole"}>
          <${Table}
            label="Operations"
            columns=${id ? COLUMNS.slice(0, 3) : COLUMNS}
            rows=${rows}
            rowKey=${getKey}
            selected=${id && `${api}.${id}`}
            onSelect=${(/** @type {Row} */ row) => go({ path: [row.api, row.id, ...route.value.path.slice(2)] }, { replace: true })}
            empty="No operation passes the filters."
          />
          ${id && html`<${Operation} key=${`${api}.${id}`} api=${api} id=${id} />`}
        </div>
      `}
    <//>
  `;
}

const COLUMNS = [
  {
    title: "API",
    by: (/** @type {Row} */ row) => row.api,
    cell: (/** @type {Row} */ row) => html`<${Text} value=${row.api} />`,
  },
  {
    title: "Operation",
    class: "grow",
    by: (/** @type {Row} */ row) => row.id,
    cell: (/** @type {Row} */ row) => html`<${Code} value=${row.id} />`,
  },
  {
    title: "Evidence",
    by: (/** @type {Row} */ row) => row.evidence,
    cell: (/** @type {Row} */ row) => html`<${Evidence} value=${row.evidence} />`,
  },
  {
    title: "Request",
    class: "grow",
    by: (/** @type {Row} */ row) => row.path,
    cell: (/** @type {Row} */ row) => html`<span class="method">${row.method}</span> <${Code} value=${row.path} />`,
  },
];

/** @param {Row} row */
function getKey(row) {
  return `${row.api}.${row.id}`;
}

/** @param {Row[]} all @param {Record<string, string>} filters */
function filter(all, { api = "", text = "" }) {
  const wanted = text.toLowerCase();
  return all.filter(
    (it) =>
      (api === "" || it.api === api) && `${it.api}.${it.id} ${it.method} ${it.path}`.toLowerCase().includes(wanted),
  );
}
