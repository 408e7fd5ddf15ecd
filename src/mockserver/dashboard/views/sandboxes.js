// Sandboxes: which there are, with age, size and last use; create, open, reset and delete one.
import { call, path, useResource } from "../api.js";
import { html, useState } from "../html.js";
import { Confirm, Dialog, Field } from "../parts/dialog.js";
import { Loaded, notify } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Code, Text, count, formatAge, formatNumber } from "../parts/text.js";
import { go, link, route, sandbox } from "../route.js";

/**
 * @typedef {object} Sandbox as `Sandbox` of the control API
 * @property {string} name
 * @property {string} scenario
 * @property {number} seed
 * @property {{now: string, mode: string}} clock
 * @property {number} documents
 * @property {number} snapshots
 * @property {number} age
 * @property {number} idle
 */

export default function Sandboxes() {
  const list = useResource(
    async (signal) => /** @type {Sandbox[]} */ ((await call("GET", "/sandboxes", { signal })).sandboxes),
  );
  const [dialog, setDialog] = useState(
    /** @type {{kind: "create" | "reset" | "delete", name: string} | undefined} */ (undefined),
  );
  const close = () => setDialog(undefined);
  const filter = route.value.query.name ?? "";
  const columns = [
    {
      title: "Name",
      by: (/** @type {Sandbox} */ row) => row.name,
      class: "grow",
      cell: (/** @type {Sandbox} */ row) =>
        html`<a href=${link({ view: "traffic", path: [], query: {}, sandbox: row.name })}
            ><${Text} value=${row.name} /></a
          >${row.name === sandbox.value && html` <span class="badge">this one</span>`}`,
    },
    {
      title: "Scenario",
      by: (/** @type {Sandbox} */ row) => row.scenario,
      cell: (/** @type {Sandbox} */ row) => html`<${Text} value=${row.scenario} />`,
    },
    {
      title: "Documents",
      by: (/** @type {Sandbox} */ row) => row.documents,
      class: "number",
      cell: (/** @type {Sandbox} */ row) => formatNumber(row.documents),
    },
    {
      title: "Snapshots",
      by: (/** @type {Sandbox} */ row) => row.snapshots,
      class: "number",
      cell: (/** @type {Sandbox} */ row) => formatNumber(row.snapshots),
    },
    {
      title: "Seed",
      by: (/** @type {Sandbox} */ row) => row.seed,
      class: "number",
      cell: (/** @type {Sandbox} */ row) => html`<${Code} value=${row.seed} />`,
    },
    {
      title: "Clock",
      by: (/** @type {Sandbox} */ row) => row.clock.mode,
      cell: (/** @type {Sandbox} */ row) => row.clock.mode,
    },
    {
      title: "Age",
      by: (/** @type {Sandbox} */ row) => row.age,
      class: "number",
      cell: (/** @type {Sandbox} */ row) => formatAge(row.age),
    },
    {
      title: "Last use",
      by: (/** @type {Sandbox} */ row) => row.idle,
      class: "number",
      cell: (/** @type {Sandbox} */ row) => formatAge(row.idle),
    },
    {
      title: "Actions",
      cell: (/** @type {Sandbox} */ row) => html`
        <button
          type="button"
          class="small"
          aria-label="Reset ${row.name}"
          onClick=${() => setDialog({ kind: "reset", name: row.name })}
        >
          Reset
        </button>
        ${row.name !== "default" && html`<button type="button" class="small" aria-label="Delete ${row.name}" onClick=${() => setDialog({ kind: "delete", name: row.name })}>Delete</button>`}
      `,
    },
  ];
  return html`
    <${Heading} title="Sandboxes">
      <button type="button" class="primary" onClick=${() => setDialog({ kind: "create", name: "" })}>
        Create a sandbox
      </button>
      <button type="button" onClick=${list.reload}>Reload</button>
      <span class="grow"></span>
      <label
        >Name
        <input
          type="search"
          dir="auto"
          value=${filter}
          onInput=${(/** @type {any} */ event) => go({ query: { name: event.currentTarget.value } }, { replace: true })}
      /></label>
    <//>
    <${Loaded} of=${list}>
      ${(/** @type {Sandbox[]} */ all) => {
        const rows = all.filter(({ name }) => name.includes(filter));
        return html`<p class="hint" role="status">
            ${rows.length < all.length ? `${formatNumber(rows.length)} of ` : ""}${count(all.length, "sandbox", "sandboxes")}
          </p>
          <${Table}
            label="Sandboxes"
            columns=${columns}
            rows=${rows}
            rowKey=${(/** @type {Sandbox} */ row) => row.name}
            empty="No sandbox has such a name."
          />`;
      }}
    <//>
    ${dialog?.kind === "create" && html`<${CreateDialog} onClose=${close} />`}
    ${
      dialog?.kind === "reset" &&
      html`<${Confirm}
        title="Reset a sandbox"
        action="Reset"
        onClose=${close}
        onConfirm=${async () => {
          await call("POST", "/reset", { sandbox: dialog.name });
          list.reload();
          return `The sandbox '${dialog.name}' is as its scenario says.`;
        }}
      >
        <p>
          The world of <${Text} value=${dialog.name} /> becomes what its scenario says: documents, clock, seed and
          faults. Its snapshots and its journal stay.
        </p>
      <//>`
    }
    ${
      dialog?.kind === "delete" &&
      html`<${Confirm}
        title="Delete a sandbox"
        action="Delete"
        onClose=${close}
        onConfirm=${async () => {
          await call("DELETE", path`/sandboxes/${dialog.name}`);
          if (dialog.name === sandbox.value) {
            go({ sandbox: "default" });
          }
          list.reload();
          return `The sandbox '${dialog.name}' is deleted.`;
        }}
      >
        <p>
          The world of <${Text} value=${dialog.name} />, its snapshots and its journal are deleted. This cannot be
          undone.
        </p>
      <//>`
    }
  `;
}

/** @param {{onClose: () => void}} props */
function CreateDialog({ onClose }) {
  const scenarios = useResource(async (signal) => (await call("GET", "/scenarios", { signal })).scenarios);
  /** @param {Record<string, string>} fields */
  const create = async ({ name, scenario, seed, freeze }) => {
    const body = {
      name,
      ...(scenario && { scenario }),
      ...(seed && { seed: Number(seed) }),
      ...(freeze && { clock: { freeze } }),
    };
    await call("POST", "/sandboxes", { body });
    notify(`The sandbox '${name}' is created.`);
    go({ view: "traffic", path: [], query: {}, sandbox: name });
  };
  return html`<${Dialog} title="Create a sandbox" action="Create" onClose=${onClose} onSubmit=${create}>
    <${Field} label="Name" hint="Letters, digits, '.', '_' and '-'."
      ><input name="name" required maxlength="64" autocomplete="off" spellcheck=${false}
    /><//>
    <${Field} label="Scenario">
      <select name="scenario">
        <option value="">The scenario of the server</option>
        ${(scenarios.value ?? []).map((/** @type {{name: string}} */ it) => html`<option value=${it.name}>${it.name}</option>`)}
      </select>
    <//>
    <${Field} label="Seed" hint="A number; without it, that of the scenario."
      ><input name="seed" inputmode="numeric" pattern="[0-9]*" autocomplete="off"
    /><//>
    <${Field}
      label="Freeze the clock at"
      hint="Such as 2025-08-21T14:30:00Z, -1d or 'today 09:00'. Without it, the clock of the scenario."
    >
      <input name="freeze" autocomplete="off" />
    <//>
  <//>`;
}
