// Contracts: the operations of the APIs that are served, with their evidence.
import { SERVER, call, useResource } from "../api.js";
import { html } from "../html.js";
import { Loaded } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Code, Text } from "../parts/text.js";

/** @typedef {{api: string, docs: string, id: string, method: string, path: string, evidence: string}} Operation */

export default function Contracts() {
  const operations = useResource(async (signal) => {
    const apis = await call("GET", "/apis", { signal });
    return /** @type {Operation[]} */ (
      apis.flatMap((/** @type {any} */ api) =>
        api.operations.map((/** @type {any} */ operation) => ({ ...operation, api: api.name, docs: api.docs })),
      )
    );
  });
  const columns = [
    {
      title: "API",
      by: (/** @type {Operation} */ row) => row.api,
      cell: (/** @type {Operation} */ row) => html`<a href="${SERVER}${row.docs}"><${Text} value=${row.api} /></a>`,
    },
    {
      title: "Operation",
      by: (/** @type {Operation} */ row) => row.id,
      cell: (/** @type {Operation} */ row) => html`<${Code} value=${row.id} />`,
    },
    {
      title: "Request",
      by: (/** @type {Operation} */ row) => row.path,
      class: "grow",
      cell: (/** @type {Operation} */ row) => html`<${Code} value=${`${row.method} ${row.path}`} />`,
    },
    {
      title: "Evidence",
      by: (/** @type {Operation} */ row) => row.evidence,
      cell: (/** @type {Operation} */ row) => row.evidence,
    },
  ];
  return html`<${Heading} title="Contracts" />
    <${Loaded} of=${operations}>
      ${(/** @type {Operation[]} */ rows) => html`<${Table} label="Operations" columns=${columns} rows=${rows} rowKey=${(/** @type {Operation} */ row) => `${row.api}.${row.id}`} />`}
    <//>`;
}
