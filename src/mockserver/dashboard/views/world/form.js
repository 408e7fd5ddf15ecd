// A form for a value that a JSON Schema describes: a control for each field, with its errors, or one for the whole JSON.
import { ControlError } from "../../api.js";
import { html, useId, useLayoutEffect, useMemo, useRef, useState } from "../../html.js";
import { Text } from "../../parts/text.js";
import { escapeToken, flatten, isNullable, listTypes } from "../../schema.js";

const BODY = "/request/body";
const LONG = 60; // so many characters of a text need more than one line

/**
 * @typedef {import("../../schema.js").Schema} Schema
 *
 * @typedef {object} Leaf a field with a control
 * @property {string} pointer
 * @property {string} name
 * @property {Schema} schema a flat one
 * @property {boolean} isRequired
 * @property {Leaf[]} [members] of an object whose fields are known; it has no control of its own
 */

/**
 * The state of a form. Texts are by pointer; an unchanged field keeps the value that it had.
 * @param {Schema} schema
 * @param {Record<string, any> | undefined} original undefined for a new value
 */
export function useBodyForm(schema, original) {
  const leaves = useMemo(() => listLeaves(flatten(schema, schema), schema, "", 0), [schema]);
  const [texts, setTexts] = useState(/** @type {Record<string, string>} */ ({}));
  const [json, setJson] = useState(/** @type {string | undefined} */ (undefined));
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));

  const build = () => {
    const wrong = /** @type {Record<string, string>} */ ({});
    const body = buildObject(leaves, original, texts, wrong) ?? {};
    return { body, wrong };
  };
  return {
    leaves,
    original,
    texts,
    json,
    errors,
    /** @param {string} pointer @param {string} text */
    setText: (pointer, text) => setTexts((it) => ({ ...it, [pointer]: text })),
    setJson,
    startJson: () => setJson(JSON.stringify(build().body, null, 2)),
    /**
     * Sends the body. Errors of fields are put to the fields, the rest is thrown.
     * @template T @param {(body: unknown) => Promise<T>} send @returns {Promise<T>}
     */
    submit: async (send) => {
      setErrors({});
      if (json !== undefined) {
        return send(parseJson(json, "The text"));
      }
      const { body, wrong } = build();
      if (Object.keys(wrong).length === 0) {
        try {
          return await send(body);
        } catch (error) {
          if (!(error instanceof ControlError) || error.errors.length === 0) {
            throw error;
          }
          const places = new Set(flattenLeaves(leaves).map((it) => it.pointer));
          const others = [];
          for (const fault of error.errors) {
            const place = findPlace((fault.field ?? "").replace(BODY, ""), places);
            if (place === undefined) {
              others.push(fault);
            } else {
              wrong[place] = [wrong[place], fault.reason].filter(Boolean).join("; ");
            }
          }
          setErrors(wrong);
          const sentence =
            others.length < error.errors.length ? "Nothing was changed: see what stands at the fields." : error.message;
          throw new ControlError(error.status, sentence, others);
        }
      }
      setErrors(wrong);
      throw new ControlError(0, "Nothing was sent: see what stands at the fields.");
    },
  };
}

/** @typedef {ReturnType<typeof useBodyForm>} Form */

/** The nearest field of a pointer that leads into one. @param {string} pointer @param {Set<string>} places */
function findPlace(pointer, places) {
  for (let place = pointer; place; place = place.slice(0, place.lastIndexOf("/"))) {
    if (places.has(place)) {
      return place;
    }
  }
  return undefined;
}

/** @param {Schema} flat @param {Schema} root @param {string} pointer @param {number} depth @returns {Leaf[]} */
function listLeaves(flat, root, pointer, depth) {
  return Object.entries(flat.properties ?? {}).map(([name, inner]) => {
    const schema = flatten(inner, root);
    const place = `${pointer}/${escapeToken(name)}`;
    const isGroup =
      listTypes(schema).includes("object") && Object.keys(schema.properties ?? {}).length > 0 && depth < 3;
    return {
      pointer: place,
      name,
      schema,
      isRequired: (flat.required ?? []).includes(name),
      members: isGroup ? listLeaves(schema, root, place, depth + 1) : undefined,
    };
  });
}

/** Those with a control. @param {Leaf[]} leaves @returns {Leaf[]} */
function flattenLeaves(leaves) {
  return leaves.flatMap((it) => (it.members ? flattenLeaves(it.members) : [it]));
}

/**
 * The object of some fields; undefined if it was none and no field of it has a value.
 * @param {Leaf[]} leaves
 * @param {any} original
 * @param {Record<string, string>} texts
 * @param {Record<string, string>} wrong gets what is no JSON
 */
function buildObject(leaves, original, texts, wrong) {
  const known = original !== null && typeof original === "object" ? original : undefined;
  const built = /** @type {Record<string, any>} */ ({ ...known });
  for (const leaf of leaves) {
    const before = known && Object.hasOwn(known, leaf.name) ? known[leaf.name] : undefined;
    const value = leaf.members
      ? buildObject(leaf.members, before, texts, wrong)
      : readLeaf(leaf, before, texts[leaf.pointer], wrong);
    if (value === undefined && !(leaf.members && leaf.isRequired)) {
      delete built[leaf.name];
    } else {
      built[leaf.name] = value ?? (leaf.members ? {} : value);
    }
  }
  return known === undefined && Object.keys(built).length === 0 ? undefined : built;
}

/**
 * The value of a field, undefined for none.
 * @param {Leaf} leaf @param {any} before @param {string | undefined} text @param {Record<string, string>} wrong
 */
function readLeaf({ pointer, schema, isRequired }, before, text, wrong) {
  if (text === undefined && (before !== undefined || !isRequired)) {
    return before;
  }
  const types = listTypes(schema);
  const written = text ?? "";
  if (written === "") {
    return isNullable(schema) ? null : isRequired && before !== "" ? "" : undefined;
  }
  if (schema.enum) {
    return schema.enum.find((/** @type {unknown} */ it) => String(it) === written) ?? written;
  }
  if (types.includes("string") || types.length === 0) {
    return written;
  }
  try {
    return JSON.parse(written);
  } catch {
    if (types.includes("object") || types.includes("array")) {
      wrong[pointer] = "This is not JSON.";
    }
    return written; // the server says what it should be
  }
}

/** @param {string} text @param {string} subject */
function parseJson(text, subject) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ControlError(0, `${subject} is not JSON: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {{form: Form, moments: string[]}} props */
export function BodyForm({ form, moments }) {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const id = useId();
  useLayoutEffect(() => {
    /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector("[aria-invalid]"))?.focus();
  }, [form.errors]);
  if (form.json !== undefined) {
    return html`<div class="field" ref=${box}>
      <label for=${id}>The document as JSON</label>
      <textarea
        id=${id}
        rows="18"
        dir="ltr"
        spellcheck=${false}
        value=${form.json}
        onInput=${(/** @type {any} */ event) => form.setJson(event.currentTarget.value)}
      ></textarea>
    </div>`;
  }
  return html`<div ref=${box}>
    ${form.leaves.map((leaf) => html`<${LeafField} key=${leaf.pointer} leaf=${leaf} value=${form.original?.[leaf.name]} form=${form} moments=${moments} />`)}
    <button type="button" class="small" onClick=${form.startJson}>Write it as JSON</button>
  </div>`;
}

/** @param {{leaf: Leaf, value: any, form: Form, moments: string[]}} props */
function LeafField({ leaf, value, form, moments }) {
  const id = useId();
  if (leaf.members) {
    return html`<fieldset>
      <legend><${Text} value=${leaf.name} /></legend>
      ${leaf.members.map((it) => html`<${LeafField} key=${it.pointer} leaf=${it} value=${value?.[it.name]} form=${form} moments=${moments} />`)}
    </fieldset>`;
  }
  const { schema, pointer, isRequired } = leaf;
  const text = form.texts[pointer] ?? format(value);
  const error = form.errors[pointer];
  const hint = describe(leaf, moments.includes(leaf.name));
  const control = {
    id,
    "aria-describedby": [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined,
    "aria-invalid": error ? "true" : undefined,
    value: text,
    onInput: (/** @type {any} */ event) => form.setText(pointer, event.currentTarget.value),
  };
  const choices = schema.enum ?? (listTypes(schema).includes("boolean") ? [true, false] : undefined);
  const isStructured = listTypes(schema).some((type) => type === "object" || type === "array");
  return html`<div class="field">
    <label for=${id}
      ><${Text} value=${leaf.name} />${isRequired && html` <span class="needed">(required)</span>`}</label
    >
    ${
      choices
        ? html`<select ...${control}>
            <option value="">${isNullable(schema) ? "null" : ""}</option>
            ${choices.filter((/** @type {unknown} */ it) => it !== null).map((/** @type {unknown} */ it) => html`<option value=${String(it)}>${String(it)}</option>`)}
            ${text !== "" && !choices.map(String).includes(text) && html`<option value=${text}>${text}</option>`}
          </select>`
        : isStructured || text.length > LONG || text.includes("\n")
          ? html`<textarea
              ...${control}
              rows=${Math.min(text.split("\n").length + 2, 8)}
              dir=${isStructured ? "ltr" : "auto"}
            ></textarea>`
          : html`<input ...${control} dir="auto" autocomplete="off" spellcheck=${false} />`
    }
    ${error && html`<span class="wrong" id="${id}-error"><${Text} value=${error} /></span>`}
    ${hint && html`<small id="${id}-hint">${hint}</small>`}
  </div>`;
}

/** @param {unknown} value */
function format(value) {
  if (value === undefined || value === null) {
    return "";
  }
  return typeof value === "string" ? value : JSON.stringify(value, null, typeof value === "object" ? 2 : 0);
}

/** What a field may be, in a few words. @param {Leaf} leaf @param {boolean} isMoment */
function describe({ schema }, isMoment) {
  const types = listTypes(schema).filter((it) => it !== "null");
  return [
    isMoment && "A moment: ISO 8601, or relative such as -1d or 'today 09:00'",
    !isMoment && !schema.enum && types.some((it) => it !== "string") && types.join(" or "),
    types.some((it) => it === "object" || it === "array") && "as JSON",
    isNullable(schema) && "empty is null",
    schema.description,
  ]
    .filter(Boolean)
    .join("; ");
}
