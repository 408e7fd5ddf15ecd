// World: the kinds of documents of the sandbox; the documents of one kind, in a table or on a timeline.
import { call, path, useResource } from "../api.js";
import { html, useState } from "../html.js";
import { Loaded } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Text, formatNumber } from "../parts/text.js";
import { go, link, route } from "../route.js";
import { DocumentDialog, OneDocument } from "./world/document.js";
import { Documents } from "./world/documents.js";
import { Timeline } from "./world/timeline.js";

/**
 * @typedef {{api: string, kind: string, parent: string | null, size: number}} KindSize
 * @typedef {object} Kind as `getKind` of the control API says
 * @property {string} api
 * @property {string} kind
 * @property {string | null} parent
 * @property {string | null} label
 * @property {string[]} moments
 * @property {boolean} interval
 * @property {import("../schema.js").Schema} schema
 *
 * @typedef {object} WorldDocument as `Document` of the control API
 * @property {string} api
 * @property {string} kind
 * @property {string} key
 * @property {string} owner
 * @property {string | null} at
 * @property {string | null} until
 * @property {Record<string, any>} body
 */

export default function World() {
  const sizes = useResource(
    async (signal) => /** @type {KindSize[]} */ ((await call("GET", "/state", { signal })).kinds),
  );
  const [api, kind] = route.value.path;
  if (api && kind) {
    return html`<${OneKind} key=${`${api}/${kind}`} api=${api} name=${kind} sizes=${sizes} />`;
  }
  const columns = [
    {
      title: "API",
      by: (/** @type {KindSize} */ row) => row.api,
      cell: (/** @type {KindSize} */ row) => html`<${Text} value=${row.api} />`,
    },
    {
      title: "Kind",
      by: (/** @type {KindSize} */ row) => row.kind,
      class: "grow",
      cell: (/** @type {KindSize} */ row) =>
        html`<a href=${link({ path: [row.api, row.kind], query: {} })}><${Text} value=${row.kind} /></a>`,
    },
    {
      title: "Belongs to",
      by: (/** @type {KindSize} */ row) => row.parent ?? "",
      cell: (/** @type {KindSize} */ row) => html`<${Text} value=${row.parent} />`,
    },
    {
      title: "Documents",
      by: (/** @type {KindSize} */ row) => row.size,
      class: "number",
      cell: (/** @type {KindSize} */ row) => formatNumber(row.size),
    },
  ];
  return html`<${Heading} title="World"><button type="button" onClick=${sizes.reload}>Reload</button><//>
    <${Loaded} of=${sizes}>
      ${(/** @type {KindSize[]} */ rows) => html`<${Table} label="Kinds of documents" columns=${columns} rows=${rows} rowKey=${(/** @type {KindSize} */ row) => `${row.api}/${row.kind}`} empty="No API has documents." />`}
    <//>`;
}

/** @param {{api: string, name: string, sizes: import("../api.js").Resource<KindSize[]>}} props */
function OneKind({ api, name, sizes }) {
  const kind = useResource(
    async (signal) => /** @type {Kind} */ (await call("GET", path`/kinds/${api}/${name}`, { signal })),
  );
  const [changes, setChanges] = useState(0);
  const [isAdding, setAdding] = useState(false);
  const { query, path: place } = route.value;
  const selected = place[2];
  const onChanged = () => {
    setChanges((it) => it + 1);
    sizes.reload();
  };
  /** @param {string} field */
  const set = (field) => (/** @type {any} */ event) =>
    go({ query: { ...query, [field]: event.currentTarget.value } }, { replace: true });
  const hasTime = (kind.value?.moments.length ?? 0) > 0;
  const isTimeline = hasTime && query.show === "timeline";
  return html`<${Heading} title="World">
      <a href=${link({ path: [], query: {} })}>All kinds</a>
      <label
        >Kind
        <select
          class="kinds"
          value=${`${api}/${name}`}
          onChange=${(/** @type {any} */ event) => go({ path: event.currentTarget.value.split("/"), query: {} })}
        >
          ${(sizes.value ?? [{ api, kind: name, parent: null, size: 0 }]).map((it) => html`<option value=${`${it.api}/${it.kind}`}>${it.api} ${it.kind} (${formatNumber(it.size)})</option>`)}
        </select></label
      >
      <button type="button" class="primary" disabled=${!kind.value} onClick=${() => setAdding(true)}>Add</button>
      <button type="button" onClick=${onChanged}>Reload</button>
      ${
        hasTime &&
        html`<span class="choice" role="group" aria-label="Shown as">
          ${["table", "timeline"].map(
            (it) =>
              html`<button
                type="button"
                aria-pressed=${(it === "timeline") === isTimeline}
                onClick=${() => go({ query: { ...query, show: it === "table" ? "" : it } })}
              >
                ${it === "table" ? "Table" : "Timeline"}
              </button>`,
          )}
        </span>`
      }
      <span class="grow"></span>
      ${kind.value?.parent && html`<label>Of <${Text} value=${kind.value.parent} /><input type="search" dir="auto" value=${query.owner ?? ""} onInput=${set("owner")} /></label>`}
      <label
        >Search<input type="search" dir="auto" maxlength="1000" value=${query.search ?? ""} onInput=${set("search")}
      /></label>
    <//>
    <${Loaded} of=${kind}>
      ${(/** @type {Kind} */ it) =>
        html`<div class=${selected === undefined ? "whole" : "split"}>
          ${
            isTimeline
              ? html`<${Timeline} kind=${it} sizes=${sizes.value ?? []} changes=${changes} />`
              : html`<${Documents} kind=${it} changes=${changes} />`
          }
          ${selected !== undefined && html`<${OneDocument} key=${selected} kind=${it} name=${selected} sizes=${sizes.value ?? []} changes=${changes} onChanged=${onChanged} />`}
        </div>`}
    <//>
    ${isAdding && kind.value && html`<${DocumentDialog} kind=${kind.value} onChanged=${onChanged} onClose=${() => setAdding(false)} />`}`;
}
