// Faults: the rules of the sandbox.
import { call, useResource } from "../api.js";
import { html } from "../html.js";
import { Loaded } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Code, Text, formatNumber } from "../parts/text.js";

/** @typedef {{name: string, match: object, effect: object, matched: number, applied: number}} Fault */

export default function Faults() {
  const faults = useResource(
    async (signal) => /** @type {Fault[]} */ ((await call("GET", "/faults", { signal })).faults),
  );
  const columns = [
    {
      title: "Name",
      by: (/** @type {Fault} */ row) => row.name,
      cell: (/** @type {Fault} */ row) => html`<${Text} value=${row.name} />`,
    },
    { title: "Match", cell: (/** @type {Fault} */ row) => html`<${Code} value=${JSON.stringify(row.match)} />` },
    {
      title: "Effect",
      class: "grow",
      cell: (/** @type {Fault} */ row) => html`<${Code} value=${JSON.stringify(row.effect)} />`,
    },
    {
      title: "Matched",
      class: "number",
      by: (/** @type {Fault} */ row) => row.matched,
      cell: (/** @type {Fault} */ row) => formatNumber(row.matched),
    },
    {
      title: "Applied",
      class: "number",
      by: (/** @type {Fault} */ row) => row.applied,
      cell: (/** @type {Fault} */ row) => formatNumber(row.applied),
    },
  ];
  return html`<${Heading} title="Faults" />
    <${Loaded} of=${faults}>
      ${(/** @type {Fault[]} */ rows) => html`<${Table} label="Rules of faults" columns=${columns} rows=${rows} rowKey=${(/** @type {Fault} */ row) => row.name} empty="The sandbox has no rule." />`}
    <//>`;
}
