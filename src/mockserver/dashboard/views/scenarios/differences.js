// What differs between two worlds: the scenario or a snapshot, and another snapshot or the present.
import { call, useResource } from "../../api.js";
import { html } from "../../html.js";
import { Loaded } from "../../parts/notices.js";
import { Code, Text, count, formatNumber } from "../../parts/text.js";
import { go, route } from "../../route.js";

const MOST = 500;

/**
 * @typedef {{field: string, before?: unknown, after?: unknown}} FieldChange
 * @typedef {{api: string, kind: string, key: string, change: "added" | "removed" | "changed", body?: object, fields?: FieldChange[]}} DocumentChange
 * @typedef {{equal: boolean, world: FieldChange[], added: number, removed: number, changed: number, documents: DocumentChange[]}} Diff
 */

export function Differences() {
  const { before = "", after = "" } = route.value.query;
  const snapshots = useResource(
    async (signal) => /** @type {Array<{name: string}>} */ ((await call("GET", "/snapshots", { signal })).snapshots),
  );
  const diff = useResource(
    async (signal) =>
      /** @type {Diff} */ (await call("GET", "/diff", { query: { from: before, to: after, limit: MOST }, signal })),
    [before, after],
  );
  /** @param {string} label @param {string} name @param {string} value @param {string} other */
  const choice = (label, name, value, other) =>
    html`<label
      >${label}
      <select
        value=${value}
        onChange=${(/** @type {any} */ event) =>
          go({ query: { ...route.value.query, [name]: event.currentTarget.value } }, { replace: true })}
      >
        <option value="">${other}</option>
        ${(snapshots.value ?? (value ? [{ name: value }] : [])).map((it) => html`<option value=${it.name}>${it.name}</option>`)}
      </select></label
    >`;
  return html`<p class="facts">
      ${choice("From", "before", before, "the scenario")} ${choice("to", "after", after, "the present world")}
      <button type="button" onClick=${diff.reload}>Reload</button>
    </p>
    <${Loaded} of=${diff}>${(/** @type {Diff} */ it) => html`<${OneDiff} diff=${it} />`}<//>`;
}

/** @param {{diff: Diff}} props */
function OneDiff({ diff }) {
  if (diff.equal) {
    return html`<p role="status">The two worlds are equal.</p>`;
  }
  const total = diff.added + diff.removed + diff.changed;
  const summary = `${count(total, "document")}: ${formatNumber(diff.added)} added, ${formatNumber(diff.removed)} removed, ${formatNumber(diff.changed)} changed`;
  return html`<p role="status">
      ${diff.documents.length < total ? `${summary}; the first ${formatNumber(diff.documents.length)} are listed.` : `${summary}.`}
    </p>
    <div class="diff" tabindex="0" role="region" aria-label="Differences">
      ${
        diff.world.length > 0 &&
        html`<section>
          <h2>The world</h2>
          <${Fields} fields=${diff.world} />
        </section>`
      }
      ${diff.documents.map(
        (it) =>
          html`<section key=${`${it.api}/${it.kind}/${it.key}`}>
            <h2>
              <span class="badge ${it.change}">${it.change}</span>${" "}<${Text}
                value=${`${it.api} ${it.kind} ${it.key}`}
              />
            </h2>
            ${it.fields ? html`<${Fields} fields=${it.fields} />` : html`<${Code} value=${JSON.stringify(it.body)} />`}
          </section>`,
      )}
    </div>`;
}

/** @param {{fields: FieldChange[]}} props */
function Fields({ fields }) {
  return html`<dl>
    ${fields.map(
      (it) =>
        html`<dt><${Code} value=${it.field} /></dt>
          <dd>
            ${"before" in it ? html`<del><${Code} value=${JSON.stringify(it.before)} /></del>` : html`<span class="hint">nothing</span>`}
            <span aria-hidden="true"> → </span>
            ${"after" in it ? html`<ins><${Code} value=${JSON.stringify(it.after)} /></ins>` : html`<span class="hint">nothing</span>`}
          </dd>`,
    )}
  </dl>`;
}
