// Scenarios: those that the server knows.
import { call, useResource } from "../api.js";
import { html } from "../html.js";
import { Loaded } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Text } from "../parts/text.js";

/** @typedef {{name: string, description: string}} Scenario */

export default function Scenarios() {
  const scenarios = useResource(
    async (signal) => /** @type {Scenario[]} */ ((await call("GET", "/scenarios", { signal })).scenarios),
  );
  const columns = [
    {
      title: "Name",
      by: (/** @type {Scenario} */ row) => row.name,
      cell: (/** @type {Scenario} */ row) => html`<${Text} value=${row.name} />`,
    },
    {
      title: "Description",
      class: "grow",
      cell: (/** @type {Scenario} */ row) => html`<${Text} value=${row.description} />`,
    },
  ];
  return html`<${Heading} title="Scenarios" />
    <${Loaded} of=${scenarios}>
      ${(/** @type {Scenario[]} */ rows) => html`<${Table} label="Scenarios" columns=${columns} rows=${rows} rowKey=${(/** @type {Scenario} */ row) => row.name} />`}
    <//>`;
}
