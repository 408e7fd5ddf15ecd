// The events: what happens in a world without a request.
import { call, path, useResource } from "../../api.js";
import { html, useState } from "../../html.js";
import { Dialog } from "../../parts/dialog.js";
import { Loaded, notify } from "../../parts/notices.js";
import { Prose, SchemaFields, readSchemaFields, useFieldErrors } from "../../parts/schema-form.js";
import { Heading } from "../../parts/shell.js";
import { Table } from "../../parts/table.js";
import { Code, Text } from "../../parts/text.js";

/** @typedef {{name: string, type: string, required: boolean, default?: unknown, minimum?: number, maximum?: number}} Option */
/** @typedef {{name: string, api: string, description: string, options: Option[]}} Event */

const AT = {
  type: "string",
  description: "Such as `2025-08-21T14:30:00Z` or `-10m`. Without it, now, by the world's clock.",
};

/** @param {{tabs: import("../../html.js").Children}} props */
export function Events({ tabs }) {
  const events = useResource(
    async (signal) => /** @type {Event[]} */ ((await call("GET", "/events", { signal })).events),
  );
  const [chosen, setChosen] = useState(/** @type {Event | undefined} */ (undefined));
  const columns = [
    {
      title: "API",
      by: (/** @type {Event} */ row) => row.api,
      cell: (/** @type {Event} */ row) => html`<${Text} value=${row.api} />`,
    },
    {
      title: "Event",
      by: (/** @type {Event} */ row) => row.name,
      cell: (/** @type {Event} */ row) => html`<${Code} value=${row.name} />`,
    },
    {
      title: "What happens",
      class: "grow",
      cell: (/** @type {Event} */ row) => html`<${Prose} text=${row.description} />`,
    },
    {
      title: "Options",
      cell: (/** @type {Event} */ row) => html`<${Code} value=${row.options.map((it) => it.name).join(", ")} />`,
    },
    {
      title: "Actions",
      cell: (/** @type {Event} */ row) =>
        html`<button type="button" class="small" aria-label="Trigger ${row.name}" onClick=${() => setChosen(row)}>
          Trigger
        </button>`,
    },
  ];
  return html`
    <${Heading} title="Faults">${tabs}<//>
    <p class="hint">
      An event changes the world as the vendor's own system does, without a request to the API. The view World shows
      what has changed.
    </p>
    <${Loaded} of=${events}>
      ${(/** @type {Event[]} */ rows) => html`<${Table} label="Events" columns=${columns} rows=${rows} rowKey=${(/** @type {Event} */ row) => row.name} empty="No API that is served has an event." />`}
    <//>
    ${chosen && html`<${EventDialog} event=${chosen} onClose=${() => setChosen(undefined)} />`}
  `;
}

/** @param {{event: Event, onClose: () => void}} props */
function EventDialog({ event, onClose }) {
  const { errors, send } = useFieldErrors();
  const ids = useResource((signal) => call("GET", "/ids", { query: { api: event.api }, signal }));
  const options = {
    type: "object",
    properties: Object.fromEntries(event.options.map(({ required: _, ...schema }) => [schema.name, schema])),
    required: event.options.filter((it) => it.required).map((it) => it.name),
  };
  const schema = { properties: { with: options, at: AT }, required: ["with"] };
  /** @param {Record<string, string>} fields */
  const trigger = async (fields) => {
    const body = readSchemaFields(fields, { schema });
    const { at } = await send(() => call("POST", path`/events/${event.name}`, { body }));
    notify(`The event '${event.name}' happened at ${at}.`);
  };
  return html`<${Dialog} title="Trigger ${event.name}" action="Trigger" isWide onClose=${onClose} onSubmit=${trigger}>
    <p><${Prose} text=${event.description} /></p>
    <${SchemaFields} schema=${schema} suggestions=${groupIds(ids.value?.ids ?? [])} errors=${errors} />
  <//>`;
}

/** The ids of the sandbox by their kind, of which options have the names. @param {Array<{kind: string, key: string, name: string, use: string}>} ids */
function groupIds(ids) {
  return Object.groupBy(
    ids.map(({ kind, key, name, use }) => ({ kind, value: key, label: [name, use].filter(Boolean).join(", ") })),
    (it) => it.kind,
  );
}
