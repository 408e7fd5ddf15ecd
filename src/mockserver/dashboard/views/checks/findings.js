// A report: the verdict on each API, and its findings, of which one is shown in full.
import { html, useMemo } from "../../html.js";
import { ChoiceFilter, TextFilter } from "../../parts/filters.js";
import { Table } from "../../parts/table.js";
import { Text, count, formatNumber } from "../../parts/text.js";
import { go, route } from "../../route.js";
import { Evidence } from "../contracts/evidence.js";
import { FindingDetails } from "./finding.js";

/** @typedef {import("./report.js").Report} Report */
/** @typedef {import("./report.js").Finding} Finding */

/** What is known of something, in pairs of a title and a value. @param {{label: string, facts: Array<[import("../../html.js").Children, import("../../html.js").Children]>}} props */
export function Facts({ label, facts }) {
  return html`<dl class="summary" aria-label=${label}>
    ${facts.map(
      ([title, value]) =>
        value &&
        html`<div>
          <dt>${title}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** The verdict on each API. @param {{report: Report}} props */
export function Verdicts({ report }) {
  return html`<${Facts}
    label="Verdicts"
    facts=${report.apis.map((it) => [
      html`<${Text} value=${it.api} />`,
      html`<strong class="status ${it.verdict === "pass" ? "good" : it.verdict === "fail" ? "bad" : "notable"}"
          ><${Text} value=${it.verdict} /></strong
        >${" "}<span class="hint"
          >${[count(it.requests, "request"), `${it.seconds} s`, it.seed !== undefined && `seed ${it.seed}`].filter(Boolean).join(", ")}</span
        >
        ${[...it.inconclusive, ...it.skipped].map((reason) => html`<div><${Text} value=${reason} /></div>`)}`,
    ])}
  />`;
}

/** @param {{report: Report}} props */
export function Findings({ report }) {
  const { finding: selected = "", ...filters } = route.value.query;
  /** @param {string} key */
  const select = (key) => go({ query: { ...filters, finding: key } }, { replace: true });
  const rows = useMemo(() => filter(report.findings, filters), [report, JSON.stringify(filters)]);
  const finding = rows.find((it) => it.key === selected);
  return html`
    <div class="heading">
      <p class="hint" role="status">${formatNumber(rows.length)} of ${count(report.findings.length, "finding")}</p>
      <span class="grow"></span>
      <${ChoiceFilter} label="Severity" name="severity" values=${["failure", "warning", "accepted"]} />
      <${ChoiceFilter} label="API" name="api" values=${report.apis.map((it) => it.api)} />
      <${TextFilter} />
    </div>
    <div class=${finding ? "split" : "whole"}>
      <${Table}
        label="Findings"
        columns=${COLUMNS}
        rows=${rows}
        rowKey=${(/** @type {Finding} */ row) => row.key}
        selected=${selected}
        onSelect=${(/** @type {Finding} */ row) => select(row.key)}
        empty=${report.findings.length > 0 ? "No finding passes the filters." : "The run found nothing."}
      />
      ${finding && html`<${FindingDetails} key=${finding.key} finding=${finding} onClose=${() => select("")} />`}
    </div>
  `;
}

const COLUMNS = [
  {
    title: "Severity",
    by: (/** @type {Finding} */ row) => ["failure", "warning", "accepted"].indexOf(row.severity),
    cell: (/** @type {Finding} */ row) =>
      html`<span class="badge ${{ failure: "bad", warning: "notable", accepted: "" }[row.severity]}"
        >${row.severity}</span
      >`,
  },
  {
    title: "API",
    by: (/** @type {Finding} */ row) => row.api,
    cell: (/** @type {Finding} */ row) => html`<${Text} value=${row.api} />`,
  },
  {
    title: "Operation",
    by: (/** @type {Finding} */ row) => row.operation,
    cell: (/** @type {Finding} */ row) => html`<${Text} value=${row.operation} />`,
  },
  {
    title: "Status",
    class: "number",
    by: (/** @type {Finding} */ row) => row.status,
    cell: (/** @type {Finding} */ row) => row.status || "",
  },
  {
    title: "What is wrong",
    class: "grow",
    by: (/** @type {Finding} */ row) => row.sentence,
    cell: (/** @type {Finding} */ row) => html`<${Text} value=${row.sentence} />`,
  },
  {
    title: "Evidence",
    by: (/** @type {Finding} */ row) => row.evidence,
    cell: (/** @type {Finding} */ row) => html`<${Evidence} value=${row.evidence} />`,
  },
  {
    title: "Count",
    class: "number",
    by: (/** @type {Finding} */ row) => row.count,
    cell: (/** @type {Finding} */ row) => formatNumber(row.count),
  },
];

/** @param {Finding[]} all @param {Record<string, string>} filters */
function filter(all, { severity = "", api = "", text = "" }) {
  const wanted = text.toLowerCase();
  return all.filter(
    (it) =>
      (severity === "" || it.severity === severity) &&
      (api === "" || it.api === api) &&
      `${it.name} ${it.operation} ${it.sentence}`.toLowerCase().includes(wanted),
  );
}
