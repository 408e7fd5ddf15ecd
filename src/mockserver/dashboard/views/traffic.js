// Traffic: the exchanges of the sandbox as they come.
import { call, useResource } from "../api.js";
import { html } from "../html.js";
import { Loaded } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Code, Text, formatTime } from "../parts/text.js";

/** @typedef {{id: string, at: string, method: string, path: string, query: string, status: number, api: string, operation: string, duration: number}} Exchange */

export default function Traffic() {
  const journal = useResource(
    async (signal) =>
      /** @type {Exchange[]} */ ((await call("GET", "/journal", { query: { limit: 1000 }, signal })).entries),
  );
  const columns = [
    {
      title: "Time",
      by: (/** @type {Exchange} */ row) => row.id,
      cell: (/** @type {Exchange} */ row) => formatTime(row.at),
    },
    {
      title: "Status",
      by: (/** @type {Exchange} */ row) => row.status,
      class: "number",
      cell: (/** @type {Exchange} */ row) => row.status || "none",
    },
    {
      title: "Operation",
      by: (/** @type {Exchange} */ row) => row.operation,
      cell: (/** @type {Exchange} */ row) => html`<${Text} value=${row.operation} />`,
    },
    {
      title: "Request",
      class: "grow",
      cell: (/** @type {Exchange} */ row) =>
        html`<${Code} value=${`${row.method} ${row.path}${row.query && `?${row.query}`}`} />`,
    },
    {
      title: "Duration",
      by: (/** @type {Exchange} */ row) => row.duration,
      class: "number",
      cell: (/** @type {Exchange} */ row) => `${row.duration.toFixed(1)} ms`,
    },
  ];
  return html`<${Heading} title="Traffic"><button type="button" onClick=${journal.reload}>Reload</button><//>
    <${Loaded} of=${journal}>
      ${(/** @type {Exchange[]} */ rows) => html`<${Table} label="Exchanges" columns=${columns} rows=${rows} rowKey=${(/** @type {Exchange} */ row) => row.id} empty="No request has come to this sandbox yet." />`}
    <//>`;
}
