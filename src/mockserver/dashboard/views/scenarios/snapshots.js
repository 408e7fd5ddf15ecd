// The snapshots of the sandbox: take, restore, compare, download, upload and delete one.
import { call, path, send, useResource } from "../../api.js";
import { html, useState } from "../../html.js";
import { formatMoment } from "../../parts/clock.js";
import { Confirm, Dialog, Field } from "../../parts/dialog.js";
import { saveFile } from "../../parts/file.js";
import { Loaded, attempt, notify } from "../../parts/notices.js";
import { Table } from "../../parts/table.js";
import { Text, formatNumber } from "../../parts/text.js";
import { link, sandbox } from "../../route.js";

/** @typedef {{name: string, scenario: string, seed: number, clock: {now: string, mode: string}, documents: number, taken: string}} Snapshot */

export function Snapshots() {
  const snapshots = useResource(
    async (signal) => /** @type {Snapshot[]} */ ((await call("GET", "/snapshots", { signal })).snapshots),
  );
  const [dialog, setDialog] = useState(
    /** @type {{kind: "take" | "upload" | "restore" | "delete", name: string} | undefined} */ (undefined),
  );
  const close = () => setDialog(undefined);
  /** @param {"restore" | "delete"} kind @param {string} action @param {string} name */
  const button = (kind, action, name) =>
    html`<button type="button" class="small" aria-label="${action} ${name}" onClick=${() => setDialog({ kind, name })}>
      ${action}
    </button>`;
  const columns = [
    {
      title: "Name",
      by: (/** @type {Snapshot} */ row) => row.name,
      class: "grow",
      cell: (/** @type {Snapshot} */ row) => html`<${Text} value=${row.name} />`,
    },
    {
      title: "Scenario",
      by: (/** @type {Snapshot} */ row) => row.scenario,
      cell: (/** @type {Snapshot} */ row) => html`<${Text} value=${row.scenario} />`,
    },
    {
      title: "Documents",
      by: (/** @type {Snapshot} */ row) => row.documents,
      class: "number",
      cell: (/** @type {Snapshot} */ row) => formatNumber(row.documents),
    },
    {
      title: "Its clock",
      by: (/** @type {Snapshot} */ row) => row.clock.now,
      cell: (/** @type {Snapshot} */ row) => `${formatMoment(Date.parse(row.clock.now))}, ${row.clock.mode}`,
    },
    {
      title: "Taken (UTC)",
      by: (/** @type {Snapshot} */ row) => row.taken,
      cell: (/** @type {Snapshot} */ row) => formatMoment(Date.parse(row.taken)),
    },
    {
      title: "Actions",
      class: "actions",
      cell: (/** @type {Snapshot} */ { name }) =>
        html`${button("restore", "Restore", name)}
          <button
            type="button"
            class="small"
            aria-label="Download ${name}"
            onClick=${() => attempt(() => download(name))}
          >
            Download
          </button>
          ${button("delete", "Delete", name)}
          <a href=${link({ path: ["diff"], query: { before: name } })} aria-label="Compare ${name}">Compare</a>`,
    },
  ];
  /** @param {string} sentence */
  const done = (sentence) => {
    notify(sentence);
    snapshots.reload();
  };
  return html`<p>
      <button type="button" class="primary" onClick=${() => setDialog({ kind: "take", name: "" })}>
        Take a snapshot
      </button>
      ${" "}<button type="button" onClick=${() => setDialog({ kind: "upload", name: "" })}>Upload a file</button> ${" "}
      <button type="button" onClick=${snapshots.reload}>Reload</button>
    </p>
    <${Loaded} of=${snapshots}>
      ${(/** @type {Snapshot[]} */ rows) => html`<${Table} label="Snapshots" columns=${columns} rows=${rows} rowKey=${(/** @type {Snapshot} */ row) => row.name} empty="The sandbox has no snapshot." />`}
    <//>
    ${
      dialog?.kind === "take" &&
      html`<${Dialog}
        title="Take a snapshot"
        action="Take"
        onClose=${close}
        onSubmit=${async (/** @type {Record<string, string>} */ { name, replace }) => {
          await call("POST", "/snapshots", { body: { name, replace: replace === "on" } });
          done(`The snapshot '${name}' is taken.`);
        }}
      >
        <${Field} label="Name" hint="Letters, digits, '.', '_' and '-'."
          ><input name="name" required maxlength="64" autocomplete="off" spellcheck=${false}
        /><//>
        <label class="check"><input type="checkbox" name="replace" />Replace a snapshot of the same name</label>
      <//>`
    }
    ${dialog?.kind === "upload" && html`<${UploadDialog} onDone=${done} onClose=${close} />`}
    ${
      dialog?.kind === "restore" &&
      html`<${Confirm}
        title="Restore a snapshot"
        action="Restore"
        onClose=${close}
        onConfirm=${async () => {
          await call("POST", path`/snapshots/${dialog.name}/restore`);
          snapshots.reload();
          return `The world is that of the snapshot '${dialog.name}'.`;
        }}
      >
        <p>
          The world of <${Text} value=${sandbox.value} /> is replaced by the snapshot <${Text} value=${dialog.name} />.
          What has changed since then is lost, unless you take a snapshot first.
        </p>
      <//>`
    }
    ${
      dialog?.kind === "delete" &&
      html`<${Confirm}
        title="Delete a snapshot"
        action="Delete"
        onClose=${close}
        onConfirm=${async () => {
          await call("DELETE", path`/snapshots/${dialog.name}`);
          snapshots.reload();
          return `The snapshot '${dialog.name}' is deleted.`;
        }}
      >
        <p>The snapshot <${Text} value=${dialog.name} /> is deleted. This cannot be undone.</p>
      <//>`
    }`;
}

/** Saves the file of a snapshot. @param {string} name */
async function download(name) {
  const response = await send("GET", path`/snapshots/${name}/file`);
  saveFile(await response.blob(), `${name}.json`);
}

/** @param {{onDone: (sentence: string) => void, onClose: () => void}} props */
function UploadDialog({ onDone, onClose }) {
  const [file, setFile] = useState(/** @type {File | undefined} */ (undefined));
  return html`<${Dialog}
    title="Upload a snapshot"
    action="Upload"
    onClose=${onClose}
    onSubmit=${async (/** @type {Record<string, string>} */ { name }) => {
      await send("PUT", path`/snapshots/${name}/file`, { raw: file, headers: { "Content-Type": "application/json" } });
      onDone(`The snapshot '${name}' is uploaded.`);
    }}
  >
    <${Field} label="File" hint="As it was downloaded here, or by 'mockserver snapshot'."
      ><input
        type="file"
        accept=".json,application/json"
        required
        onChange=${(/** @type {any} */ event) => setFile(event.currentTarget.files[0])}
    /><//>
    <${Field} label="Name" hint="A snapshot of the same name is replaced."
      ><input name="name" required maxlength="64" autocomplete="off" spellcheck=${false}
    /><//>
  <//>`;
}
