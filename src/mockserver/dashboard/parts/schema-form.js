// A form by a JSON Schema. What is typed is sent as it is meant, and the server says what is wrong with it.
import { ControlError } from "../api.js";
import { html, useEffect, useId, useState } from "../html.js";
import { escapeToken, flatten, hasProperties, isNullable, listTypes } from "../schema.js";
import { Text } from "./text.js";

/**
 * @typedef {import("../schema.js").Schema} Schema
 * @typedef {{value: string, label?: string}} Suggestion
 * @typedef {{name: string, pointer: string, schema: Schema, isRequired: boolean, members?: Field[]}} Field
 *   `schema` is a flat one; a field with `members` is an object whose fields are known, and has no control of its own
 */

const BODY = /^\/request\/body/;
const DEPTH = 3; // an object deeper inside is written as JSON
const LONG = 60; // so many characters of a text need more than one line

/**
 * A field for each property, in lines of name, control and description. A control is named by the JSON Pointer of its
 * value in the body; an error stands at its field.
 * @param {object} props
 * @param {Schema} props.schema of an object
 * @param {Schema} [props.root] where its references lead to
 * @param {string} [props.base] the JSON Pointer of the object
 * @param {Record<string, any>} [props.values] what the fields show at first
 * @param {Record<string, Suggestion[]>} [props.suggestions] values to choose from, by property
 * @param {Record<string, string>} [props.hints] what a value may be, by property, in the place of its types
 * @param {Map<string, string>} [props.errors] sentences by JSON Pointer
 */
export function SchemaFields({ schema, root = schema, base = "", values, suggestions, hints, errors }) {
  const fields = listFields(flatten(schema, root), root, base);
  return html`<${Fields} ...${{ fields, values, suggestions, hints, errors }} />`;
}

/**
 * @param {Schema} flat @param {Schema} root @param {string} base @param {number} [depth]
 * @returns {Field[]}
 */
function listFields(flat, root, base, depth = 0) {
  return Object.entries(flat.properties ?? {}).map(([name, inner]) => {
    const schema = flatten(inner, root);
    const pointer = `${base}/${escapeToken(name)}`;
    const members = hasProperties(schema) && depth < DEPTH ? listFields(schema, root, pointer, depth + 1) : undefined;
    return { name, pointer, schema, isRequired: (flat.required ?? []).includes(name), members };
  });
}

/** @param {{fields: Field[], values?: Record<string, any>, suggestions?: Record<string, Suggestion[]>, hints?: Record<string, string>, errors?: Map<string, string>}} props */
function Fields({ fields, values, suggestions = {}, hints = {}, errors = new Map() }) {
  return fields.map((field) => {
    const { name, pointer, schema, members } = field;
    return members
      ? html`<fieldset class="schema" key=${pointer}>
          <legend><${Text} value=${name} /></legend>
          ${schema.description && html`<p class="hint"><${Prose} text=${schema.description} /></p>`}
          <${Fields} ...${{ fields: members, values: values?.[name], suggestions, hints, errors }} />
        </fieldset>`
      : html`<${OneField}
          key=${pointer}
          field=${field}
          value=${values?.[name]}
          suggestions=${suggestions[name] ?? []}
          hint=${hints[name] ?? describe(field.schema)}
          error=${findError(errors, pointer)}
        />`;
  });
}

/** @param {{field: Field, value: unknown, suggestions: Suggestion[], hint: string, error?: string}} props */
function OneField({ field, value, suggestions, hint, error }) {
  const { name, pointer, schema, isRequired } = field;
  const id = useId();
  const hasHint = Boolean(hint || schema.description);
  const isNeeded = isRequired && !isNullable(schema);
  const common = {
    id,
    name: pointer,
    "aria-describedby": [hasHint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined,
    "aria-invalid": error ? "true" : undefined,
  };
  // The values are those at first: what is typed stays when the form is shown again with its errors.
  const text = write(schema, value);
  const choices = listChoices(schema);
  let control;
  if (choices) {
    const others = text === "" || choices.includes(text) ? [] : [text];
    control = html`<select ...${common} required=${isNeeded}>
      <option value="">${isNullable(schema) ? "null" : ""}</option>
      ${[...choices, ...others].map((it) => html`<option value=${it} selected=${it === text}>${it}</option>`)}
    </select>`;
  } else if (isSwitch(schema)) {
    control = html`<input type="checkbox" ...${common} defaultChecked=${value === true} />`;
  } else if (isStructured(schema) || text.length > LONG || text.includes("\n")) {
    control = html`<textarea
      ...${common}
      rows=${Math.min(text.split("\n").length + 1, 8)}
      dir=${isStructured(schema) && !isInLines(schema, value) ? "ltr" : "auto"}
      spellcheck=${false}
      defaultValue=${text}
    ></textarea>`;
  } else {
    control = html`<input
      ...${common}
      dir="auto"
      defaultValue=${text}
      required=${isNeeded && value !== ""}
      placeholder=${schema.default === undefined || schema.default === "" ? undefined : String(schema.default)}
      list=${suggestions.length > 0 ? `${id}-list` : undefined}
      autocomplete="off"
      spellcheck=${false}
    />`;
  }
  return html`<div class="schema-field">
    <label for=${id}
      ><${Text} value=${name} />${isRequired && html`<span class="required" title="required"> *</span>`}</label
    >
    <div>${control}</div>
    ${
      hasHint &&
      html`<small id="${id}-hint"
        >${hint && html`<span>${hint}. </span>`}<${Prose} text=${schema.description ?? ""}
      /></small>`
    }
    ${error && html`<div class="field-error" id="${id}-error"><${Text} value=${error} /></div>`}
    ${
      suggestions.length > 0 &&
      html`<datalist id="${id}-list">
        ${suggestions.map((it) => html`<option value=${it.value} label=${it.label}></option>`)}
      </datalist>`
    }
  </div>`;
}

/** A sentence of a contract, in which names stand between backticks. @param {{text: string}} props */
export function Prose({ text }) {
  return text
    .split(/`([^`]+)`/)
    .map((part, index) =>
      index % 2 ? html`<code dir="ltr"><${Text} value=${part} /></code>` : html`<${Text} value=${part} />`,
    );
}

/** What a value may be, in a few words; of one that may be several things, its description says it. @param {Schema} schema */
function describe(schema) {
  if (schema.anyOf) {
    return "";
  }
  const { type, minimum, maximum } = schema;
  const isMap = isInLines(schema) && type === "object";
  const words = { integer: "a whole number", number: "a number", array: "a list", object: isMap ? "" : "an object" };
  const bounds = [minimum !== undefined && `at least ${minimum}`, maximum !== undefined && `at most ${maximum}`];
  const form = isMap ? "Name: value in each line" : isInLines(schema) ? "a value in each line" : "as JSON";
  const hint = [
    !schema.enum &&
      listTypes(schema)
        .map((it) => words[/** @type {"array"} */ (it)])
        .filter(Boolean)
        .join(" or "),
    ...bounds,
    isStructured(schema) && form,
    isNullable(schema) && "empty is null",
  ]
    .filter(Boolean)
    .join(", ");
  return hint.charAt(0).toUpperCase() + hint.slice(1);
}

/** The texts of a select; undefined if any value can be typed. @param {Schema} schema */
function listChoices(schema) {
  if (isSwitch(schema)) {
    return undefined;
  }
  const values = schema.enum ?? (listTypes(schema).includes("boolean") ? [true, false] : undefined);
  return values?.filter((/** @type {unknown} */ it) => it !== null).map(String);
}

/** Whether only true can be meant where nothing is said. @param {Schema} schema */
function isSwitch({ type, nullable, default: value }) {
  return type === "boolean" && value !== true && !nullable;
}

/** @param {Schema} schema */
function isStructured(schema) {
  return listTypes(schema).some((type) => type === "object" || type === "array");
}

/** Whether a list or the members of an object stand in lines, not as JSON. @param {Schema} schema @param {unknown} [value] */
function isInLines(schema, value) {
  const inner = schema.type === "array" ? (schema.items ?? {}) : schema.additionalProperties;
  const isPlain = schema.type === "array" || (schema.type === "object" && !hasProperties(schema));
  const texts = Object.values(value ?? {});
  return (
    isPlain &&
    ["string", "integer", "number"].includes(inner?.type) &&
    texts.every((it) => typeof it !== "object" && !/^\s*$|\n/.test(String(it)))
  );
}

/** A value as the text of its control. @param {Schema} schema @param {unknown} value */
function write(schema, value) {
  if (value === undefined || value === null) {
    return "";
  }
  if (typeof value !== "object") {
    return String(value);
  }
  if (!isInLines(schema, value)) {
    return JSON.stringify(value, null, 2);
  }
  const lines = Array.isArray(value) ? value : Object.entries(value).map(([name, it]) => `${name}: ${it}`);
  return lines.join("\n");
}

/**
 * The object that the fields of a form say. A field that was not changed keeps the value that it had; one that is empty
 * has none, or null if it may be that.
 * @param {Record<string, string>} fields of the form
 * @param {Pick<Parameters<typeof SchemaFields>[0], "schema" | "root" | "base" | "values">} of as for the fields
 */
export function readSchemaFields(fields, { schema, root = schema, base = "", values }) {
  return readObject(listFields(flatten(schema, root), root, base), fields, values) ?? {};
}

/** Undefined if it was none, and no field of it has a value. @param {Field[]} members @param {Record<string, string>} fields @param {any} before @returns {any} */
function readObject(members, fields, before) {
  const isObject = before !== null && typeof before === "object";
  const values = isObject ? { ...before } : {};
  for (const { name, pointer, schema, isRequired, members: inner } of members) {
    const own = isObject && Object.hasOwn(before, name) ? before[name] : undefined;
    const value = inner
      ? (readObject(inner, fields, own) ?? (isRequired ? {} : undefined))
      : readField(fields[pointer] ?? "", schema, own, isRequired);
    if (value === undefined) {
      delete values[name];
    } else {
      values[name] = value;
    }
  }
  return isObject || Object.keys(values).length > 0 ? values : undefined;
}

/** @param {string} text @param {Schema} schema @param {unknown} before @param {boolean} isRequired @returns {unknown} */
function readField(text, schema, before, isRequired) {
  if (isSwitch(schema)) {
    const isOn = text === "on";
    return isOn === (before === true) && before !== undefined ? before : isOn || (isRequired ? false : undefined);
  }
  if (before !== undefined && text.replaceAll("\r\n", "\n") === write(schema, before)) {
    return before;
  }
  if (text === "") {
    return isNullable(schema) && (isRequired || before !== undefined) ? null : isRequired ? "" : undefined;
  }
  return readValue(text, schema, before);
}

/** @param {string} text @param {Schema} schema @param {unknown} [before] @returns {unknown} */
function readValue(text, schema, before) {
  const types = listTypes(schema);
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (schema.enum) {
    return schema.enum.find((/** @type {unknown} */ it) => String(it) === text) ?? text;
  }
  if (isStructured(schema) && isInLines(schema, before)) {
    return schema.type === "array"
      ? lines.map((line) => readValue(line, schema.items))
      : Object.fromEntries(
          lines
            .map((line) => line.split(/:\s*(.*)/s))
            .map(([name, value]) => [name.trim(), readValue(value ?? "", schema.additionalProperties)]),
        );
  }
  if (types.includes("string") || types.length === 0) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text; // the server says what it should be
  }
}

/**
 * The errors of the fields of a form. `send` sends what the form says; what the control API says of a field stands at
 * it, the first such field gets the focus, and the rest is thrown.
 */
export function useFieldErrors() {
  const [errors, setErrors] = useState(/** @type {Map<string, string>} */ (new Map()));
  useEffect(() => {
    if (errors.size > 0) {
      /** @type {HTMLElement | null} */ (document.querySelector('dialog [aria-invalid="true"]'))?.focus();
    }
  }, [errors]);
  /** @template T @param {() => Promise<T>} action @returns {Promise<T>} */
  const send = async (action) => {
    setErrors(new Map());
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof ControlError)) {
        throw error;
      }
      const placed = new Map();
      const rest = [];
      for (const it of error.errors) {
        const pointer = (it.field ?? "").replace(BODY, "");
        const isThere = [...document.querySelectorAll("dialog [name]")].some((control) =>
          `${pointer}/`.startsWith(`${control.getAttribute("name")}/`),
        );
        isThere ? placed.set(pointer, [placed.get(pointer), it.reason].filter(Boolean).join("; ")) : rest.push(it);
      }
      setErrors(placed);
      throw placed.size > 0
        ? new ControlError(error.status, "The server refused this. What is wrong stands at its field.", rest)
        : error;
    }
  };
  return { errors, send };
}

/** The error of a field, or of something inside it. @param {Map<string, string>} errors @param {string} pointer */
function findError(errors, pointer) {
  const found = [...errors].filter(([place]) => place === pointer || place.startsWith(`${pointer}/`));
  return found.map(([, sentence]) => sentence).join("; ") || undefined;
}
