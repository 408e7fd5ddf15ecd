// World: the documents of the sandbox, by API and kind.
import { call, useResource } from "../api.js";
import { html } from "../html.js";
import { Loaded } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Text, formatNumber } from "../parts/text.js";

/** @typedef {{api: string, kind: string, parent: string | null, size: number}} Kind */

export default function World() {
  const kinds = useResource(async (signal) => /** @type {Kind[]} */ ((await call("GET", "/state", { signal })).kinds));
  const columns = [
    {
      title: "API",
      by: (/** @type {Kind} */ row) => row.api,
      cell: (/** @type {Kind} */ row) => html`<${Text} value=${row.api} />`,
    },
    {
      title: "Kind",
      by: (/** @type {Kind} */ row) => row.kind,
      class: "grow",
      cell: (/** @type {Kind} */ row) => html`<${Text} value=${row.kind} />`,
    },
    {
      title: "Documents",
      by: (/** @type {Kind} */ row) => row.size,
      class: "number",
      cell: (/** @type {Kind} */ row) => formatNumber(row.size),
    },
  ];
  return html`<${Heading} title="World" />
    <${Loaded} of=${kinds}>
      ${(/** @type {Kind[]} */ rows) => html`<${Table} label="Kinds of documents" columns=${columns} rows=${rows} rowKey=${(/** @type {Kind} */ row) => `${row.api}/${row.kind}`} />`}
    <//>`;
}
