// One document: what it says, what it belongs to and what belongs to it; changed, added and deleted.
import { ControlError, call, path, useResource } from "../../api.js";
import { html, useState } from "../../html.js";
import { Confirm, Dialog, Field } from "../../parts/dialog.js";
import { CopyJson, Json } from "../../parts/json.js";
import { Loaded, notify } from "../../parts/notices.js";
import { SchemaFields, readSchemaFields, useFieldErrors } from "../../parts/schema-form.js";
import { Text } from "../../parts/text.js";
import { go, link, route } from "../../route.js";

const MOMENT = "A moment: ISO 8601, or relative such as -1d or 'today 09:00'";

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
              of${" "}
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
        ${dialog === "change" && html`<${DocumentDialog} kind=${kind} document=${it} onChanged=${onChanged} onClose=${close} />`}
      `}
    <//>
    ${
      dialog === "delete" &&
      html`<${Confirm}
        title="Delete a document"
        action="Delete"
        onClose=${close}
        onConfirm=${async (/** @type {Record<string, string>} */ fields) => {
          await call("DELETE", place, { query: { cascade: fields.cascade === "on" ? "true" : undefined } });
          leave();
          onChanged();
          return `The ${kind.kind} '${name}' is deleted.`;
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

/**
 * A document, new or as it is: by a form, or as JSON.
 * @param {{kind: Kind, document?: WorldDocument, onChanged: () => void, onClose: () => void}} props
 */
export function DocumentDialog({ kind, document, onChanged, onClose }) {
  const [json, setJson] = useState(/** @type {string | undefined} */ (undefined));
  const { errors, send } = useFieldErrors();
  const form = { schema: kind.schema, values: document?.body };
  /** @param {any} event */
  const writeJson = (event) => {
    const fields = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(event.currentTarget.form)));
    setJson(JSON.stringify(readSchemaFields(fields, form), null, 2));
  };
  /** @param {Record<string, string>} fields */
  const save = async (fields) => {
    const body = fields.json === undefined ? readSchemaFields(fields, form) : parseJson(fields.json);
    const place = path`/state/${kind.api}/${kind.kind}`;
    const made = await send(() =>
      document ? call("PUT", `${place}${path`/${document.key}`}`, { body }) : call("POST", place, { body }),
    );
    notify(`The ${kind.kind} '${made.key}' is ${document ? "changed" : "added"}.`);
    onChanged();
    if (!document) {
      go({ path: [kind.api, kind.kind, made.key], query: route.value.query });
    }
  };
  return html`<${Dialog}
    title=${document ? "Change a document" : `Add a document of the kind ${kind.kind}`}
    action=${document ? "Change" : "Add"}
    isWide
    onClose=${onClose}
    onSubmit=${save}
  >
    ${
      json === undefined
        ? html`<${SchemaFields}
              ...${form}
              hints=${Object.fromEntries(kind.moments.map((it) => [it, MOMENT]))}
              errors=${errors}
            />
            <button type="button" class="small" onClick=${writeJson}>Write it as JSON</button>`
        : html`<${Field} label="The document as JSON">
            <textarea name="json" rows="18" dir="ltr" spellcheck=${false} defaultValue=${json}></textarea>
          <//>`
    }
  <//>`;
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ControlError(0, `The text is not JSON: ${/** @type {Error} */ (error).message}`);
  }
}
