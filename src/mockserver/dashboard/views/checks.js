// Checks: a report of `mockserver check` from a file of this machine. The page reads it itself and sends it nowhere.
import { SERVER } from "../api.js";
import { html, signal, useMemo, useState } from "../html.js";
import { ChoiceFilter, TextFilter } from "../parts/filters.js";
import { Failure } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Code, CopyButton, Text, count, formatNumber } from "../parts/text.js";
import { link, route } from "../route.js";
import { Coverage } from "./checks/coverage.js";
import { FindingDetails } from "./checks/finding.js";
import { readReport } from "./checks/report.js";
import { Evidence } from "./contracts/evidence.js";

/** @typedef {import("./checks/report.js").Report} Report */
/** @typedef {import("./checks/report.js").Finding} Finding */

/** The report that is open, until the page is closed. */
const report = signal(/** @type {Report | undefined} */ (undefined));

export default function Checks() {
  const [error, setError] = useState(/** @type {Error | undefined} */ (undefined));
  /** @param {Event & {currentTarget: HTMLInputElement}} event */
  const open = async (event) => {
    const input = event.currentTarget;
    const file = input.files?.[0];
    if (!file) {
      return;
    }
    try {
      report.value = readReport(file.name, await file.text());
      setError(undefined);
    } catch (error) {
      report.value = undefined;
      setError(/** @type {Error} */ (error));
    }
    input.value = ""; // so that the same file can be opened again
  };
  const isCoverage = route.value.path[0] === "coverage";
  return html`
    <${Heading} title="Checks">
      ${
        report.value &&
        html`<nav class="tabs" aria-label="Checks">
          <a href=${link({ path: [] })} aria-current=${isCoverage ? undefined : "page"}>Findings</a>
          <a href=${link({ path: ["coverage"], query: {} })} aria-current=${isCoverage ? "page" : undefined}
            >Coverage</a
          >
        </nav>`
      }
      <span class="grow"></span>
      <label class="file">Open a report <input type="file" accept=".json,application/json" onChange=${open} /></label>
    <//>
    ${error && html`<${Failure} error=${error} />`}
    ${
      report.value === undefined
        ? html`<${Hint} />`
        : html`<${Summary} report=${report.value} /> ${
              isCoverage
                ? html`<${Coverage} report=${report.value} />`
                : html`<${Findings} key=${report.value.file} report=${report.value} />`
            }`
    }
  `;
}

function Hint() {
  const command = `mockserver check ${SERVER} --report json=report.json`;
  return html`<p>
      This command checks this server against its contracts and writes a report that can be opened here. With the URL of
      another deployment, it checks that one.
    </p>
    <pre class="text" tabindex="0">${command}</pre>
    <p><${CopyButton} text=${command}>Copy the command<//></p>
    <p class="hint">The page reads the file itself. It is sent nowhere, and forgotten when the page is closed.</p>`;
}

/** @param {{report: Report}} props */
function Summary({ report }) {
  return html`<dl class="summary" aria-label="Report">
    <div>
      <dt>Report</dt>
      <dd><${Text} value=${report.file} /></dd>
    </div>
    <div>
      <dt>Target</dt>
      <dd><${Code} value=${report.target} /></dd>
    </div>
    ${report.apis.map(
      (it) =>
        html`<div>
          <dt><${Text} value=${it.api} /></dt>
          <dd>
            <strong class="status ${it.verdict === "pass" ? "good" : it.verdict === "fail" ? "bad" : "notable"}"
              ><${Text} value=${it.verdict}
            /></strong>
            ${" "}<span class="hint"
              >${count(it.requests, "request")}, ${it.seconds}
              s${it.seed === undefined ? "" : `, seed ${it.seed}`}</span
            >
            ${[...it.inconclusive, ...it.skipped].map((reason) => html`<div><${Text} value=${reason} /></div>`)}
          </dd>
        </div>`,
    )}
  </dl>`;
}

/** @param {{report: Report}} props */
function Findings({ report }) {
  const [selected, setSelected] = useState("");
  const filters = route.value.query;
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
        onSelect=${(/** @type {Finding} */ row) => setSelected(row.key)}
        empty=${report.findings.length > 0 ? "No finding passes the filters." : "The run found nothing."}
      />
      ${finding && html`<${FindingDetails} key=${finding.key} finding=${finding} onClose=${() => setSelected("")} />`}
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
