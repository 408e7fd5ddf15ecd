// One document: what it says, what it belongs to and what belongs to it; changed, added and deleted.
import { call, path, useResource } from "../../api.js";
import { html, useState } from "../../html.js";
import { Dialog } from "../../parts/dialog.js";
import { CopyJson, Json } from "../../parts/json.js";
import { Loaded, notify } from "../../parts/notices.js";
import { Text } from "../../parts/text.js";
import { go, link, route } from "../../route.js";
import { BodyForm, useBodyForm } from "./form.js";

/**
 * @typedef {import("../world.js").Kind} Kind
 * @typedef {import("../world.js").KindSize} KindSize
 * @typedef {import("../world.js").WorldDocument} WorldDocument
 */

/** @param {{kind: Kind, name: string, sizes: KindSize[], changes: number, onChanged: () => void}} props */
export function OneDocument({ kind, name, sizes, changes, onChanged }) {
  const place = path`/state/${kind.api}/${kind.kind}/${name}`;
  const found = useResource(
    async (signal) => /** @type {WorldDocument} */ (await call("GET", place, { signal })),
    [place, changes],
  );
  const [dialog, setDialog] = useState(/** @type {"change" | "delete" | undefined} */ (undefined));
  const close = () => setDialog(undefined);
  const children = sizes.filter((it) => it.api === kind.api && it.parent === kind.kind);
  const leave = () => go({ path: [kind.api, kind.kind] });
  return html`<section class="exchange" aria-label="Document">
    <div class="heading">
      <h2><${Text} value=${kind.kind} /> <${Text} value=${name} /></h2>
      <button type="button" disabled=${!found.value} onClick=${() => setDialog("change")}>Change</button>
      <button type="button" class="danger" disabled=${!found.value} onClick=${() => setDialog("delete")}>Delete</button>
      ${found.value && html`<${CopyJson} value=${found.value.body} />`}
      <span class="grow"></span>
      <button type="button" class="plain" aria-label="Close the document" onClick=${leave}>✕</button>
    </div>
    <${Loaded} of=${found}>
      ${(/** @type {WorldDocument} */ it) => html`
        <p class="facts">
          ${
            it.owner &&
            html`<span>
              of
              ${
                kind.parent
                  ? html`<a href=${link({ path: [kind.api, kind.parent, it.owner], query: {} })}
                      ><${Text} value=${kind.parent} /> <${Text} value=${it.owner}
                    /></a>`
                  : html`<${Text} value=${it.owner} />`
              }
            </span>`
          }
          ${it.at && html`<span>${kind.interval ? "from" : "at"} <${Text} value=${it.at} /></span>`}
          ${kind.interval && it.at && html`<span>${it.until ? "until " : "has not ended"}<${Text} value=${it.until} /></span>`}
          ${children.map(({ kind: child }) => html`<a href=${link({ path: [kind.api, child], query: { owner: it.key } })}>its documents of the kind ${child}</a>`)}
        </p>
        <${Json} value=${it.body} />
        ${dialog === "change" && html`<${ChangeDialog} kind=${kind} document=${it} onChanged=${onChanged} onClose=${close} />`}
      `}
    <//>
    ${
      dialog === "delete" &&
      html`<${Dialog}
        title="Delete a document"
        action="Delete"
        isDangerous
        onClose=${close}
        onSubmit=${async (/** @type {Record<string, string>} */ fields) => {
          await call("DELETE", place, { query: { cascade: fields.cascade === "on" ? "true" : undefined } });
          notify(`The ${kind.kind} '${name}' is deleted.`);
          leave();
          onChanged();
        }}
      >
        <p>The ${kind.kind} <${Text} value=${name} /> is deleted. This cannot be undone.</p>
        ${
          children.length > 0 &&
          html`<label class="check"
            ><input type="checkbox" name="cascade" />Also delete what belongs to it:
            ${children.map((it) => it.kind).join(", ")}</label
          >`
        }
      <//>`
    }
  </section>`;
}

/** @param {{kind: Kind, document: WorldDocument, onChanged: () => void, onClose: () => void}} props */
function ChangeDialog({ kind, document, onChanged, onClose }) {
  const form = useBodyForm(kind.schema, document.body);
  return html`<${Dialog}
    title="Change a document"
    action="Change"
    isWide
    onClose=${onClose}
    onSubmit=${async () => {
      await form.submit((body) => call("PUT", path`/state/${kind.api}/${kind.kind}/${document.key}`, { body }));
      notify(`The ${kind.kind} '${document.key}' is changed.`);
      onChanged();
    }}
  >
    <${BodyForm} form=${form} moments=${kind.moments} />
  <//>`;
}

/** @param {{kind: Kind, onChanged: () => void, onClose: () => void}} props */
export function AddDialog({ kind, onChanged, onClose }) {
  const form = useBodyForm(kind.schema, undefined);
  return html`<${Dialog}
    title=${`Add a document of the kind ${kind.kind}`}
    action="Add"
    isWide
    onClose=${onClose}
    onSubmit=${async () => {
      const made = await form.submit((body) => call("POST", path`/state/${kind.api}/${kind.kind}`, { body }));
      notify(`The ${kind.kind} '${made.key}' is added.`);
      onChanged();
      go({ path: [kind.api, kind.kind, made.key], query: route.value.query });
    }}
  >
    <${BodyForm} form=${form} moments=${kind.moments} />
  <//>`;
}
