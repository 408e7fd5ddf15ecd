// What a run has sent and validated: responses, parameters, rules of the contract, invariants.
import { html, useMemo } from "../../html.js";
import { Table } from "../../parts/table.js";
import { Code, formatNumber } from "../../parts/text.js";
import { go, route } from "../../route.js";

/** @typedef {import("./report.js").Report} Report */
/** @typedef {{key: string, cells: Array<string | number>}} Row */

/** The columns of each kind; numbers are counts. @type {Record<keyof Report["coverage"], string[]>} */
const KINDS = {
  responses: ["API", "Operation", "Status", "Phase", "Requests", "Findings"],
  parameters: ["API", "Operation", "Parameter", "In", "Valid", "Invalid"],
  rules: ["API", "Rule", "Of", "Validated", "Satisfied", "Violated"],
  invariants: ["API", "Invariant", "Evaluated"],
};

/** @param {{report: Report}} props */
export function Coverage({ report }) {
  const given = route.value.query.of ?? "";
  const kind = Object.hasOwn(KINDS, given) ? /** @type {keyof typeof KINDS} */ (given) : "responses";
  const rows = useMemo(
    () => report.coverage[kind].map((cells, index) => ({ key: String(index), cells })),
    [report, kind],
  );
  const columns = KINDS[kind].map((title, index) => ({
    title,
    class:
      title === "Rule" || title === "Invariant"
        ? "grow"
        : rows.some(({ cells }) => typeof cells[index] === "number")
          ? "number"
          : "",
    by: (/** @type {Row} */ row) => row.cells[index],
    cell: (/** @type {Row} */ { cells }) => {
      const value = cells[index];
      return typeof value === "number" ? formatNumber(value) : html`<${Code} value=${value} />`;
    },
  }));
  return html`
    <div class="heading">
      <label>
        Coverage of
        <select
          value=${kind}
          onChange=${(/** @type {any} */ event) => go({ query: { of: event.currentTarget.value } }, { replace: true })}
        >
          ${Object.keys(KINDS).map((it) => html`<option value=${it}>${it}</option>`)}
        </select>
      </label>
      <p class="hint" role="status">${formatNumber(rows.length)} in the report</p>
    </div>
    <${Table}
      key=${kind}
      label="Coverage"
      columns=${columns}
      rows=${rows}
      rowKey=${(/** @type {Row} */ row) => row.key}
    />
  `;
}
