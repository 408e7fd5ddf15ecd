// Fields of a form by the properties of a JSON Schema. What is typed is sent as it is meant, and the server says what is wrong with it.
import { ControlError } from "../api.js";
import { html, useEffect, useId, useState } from "../html.js";
import { Text } from "./text.js";

/**
 * @typedef {object} Schema of a property, as far as a form needs it
 * @property {string} [type]
 * @property {string} [description]
 * @property {unknown[]} [enum]
 * @property {unknown} [default]
 * @property {Schema} [additionalProperties] of an object whose members are texts
 * @property {Schema} [items]
 */

/**
 * A field for each property, in lines of name, control and description. A control is named by the JSON Pointer of its
 * value in the body; an error stands at its field.
 * @param {object} props
 * @param {Record<string, Schema>} props.properties
 * @param {string} props.base the JSON Pointer of the object
 * @param {Record<string, any>} [props.values] what the fields show at first
 * @param {string[]} [props.required]
 * @param {Record<string, Suggestion[]>} [props.suggestions] values to choose from, by property
 * @param {Map<string, string>} [props.errors] sentences by JSON Pointer
 */
export function SchemaFields({ properties, base, values = {}, required = [], suggestions = {}, errors = new Map() }) {
  return Object.entries(properties).map(
    ([name, schema]) =>
      html`<${SchemaField}
        key=${name}
        name=${name}
        pointer=${`${base}/${escape(name)}`}
        schema=${schema}
        value=${values[name]}
        isRequired=${required.includes(name)}
        suggestions=${suggestions[name] ?? []}
        error=${findError(errors, `${base}/${escape(name)}`)}
      />`,
  );
}

/** @typedef {{value: string, label?: string}} Suggestion */

/** @param {{name: string, pointer: string, schema: Schema, value: unknown, isRequired: boolean, suggestions: Suggestion[], error?: string}} props */
function SchemaField({ name, pointer, schema, value, isRequired, suggestions, error }) {
  const id = useId();
  const common = {
    id,
    name: pointer,
    "aria-describedby": [schema.description && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" "),
    "aria-invalid": error ? "true" : undefined,
  };
  // The values are those at first: what is typed stays when the form is shown again with its errors.
  let control;
  if (schema.enum && !schema.enum.every((it) => typeof it === "boolean")) {
    control = html`<select ...${common} required=${isRequired}>
      <option value=""></option>
      ${schema.enum.map((it) => html`<option value=${String(it)} selected=${it === value}>${String(it)}</option>`)}
    </select>`;
  } else if (schema.type === "boolean") {
    control = html`<input type="checkbox" ...${common} defaultChecked=${value ?? schema.default === true} />`;
  } else if (isLong(schema)) {
    const hint = schema.type === "array" ? "a value in each line" : "Name: value";
    const text = writeLines(value);
    control = html`<textarea
      ...${common}
      rows="2"
      placeholder=${hint}
      spellcheck=${false}
      defaultValue=${text}
    ></textarea>`;
  } else {
    control = html`<input
      ...${common}
      dir="auto"
      defaultValue=${value ?? ""}
      required=${isRequired}
      inputmode=${schema.type === "integer" ? "numeric" : schema.type === "number" ? "decimal" : undefined}
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
    <small id="${id}-hint"><${Prose} text=${schema.description ?? ""} /></small>
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

/**
 * The object that the fields of a form say, without those that are empty.
 * @param {Record<string, Schema>} properties
 * @param {string} base as for the fields
 * @param {Record<string, string>} fields of the form
 */
export function readSchemaFields(properties, base, fields) {
  /** @type {Record<string, unknown>} */
  const values = {};
  for (const [name, schema] of Object.entries(properties)) {
    const text = fields[`${base}/${escape(name)}`];
    if (text !== undefined && text !== "") {
      values[name] = readValue(text, schema);
    }
  }
  return values;
}

/** @param {string} text @param {Schema} schema @returns {unknown} */
function readValue(text, schema) {
  if (schema.type === "boolean") {
    return text === "on";
  }
  if (schema.type === "integer" || schema.type === "number") {
    return /^[-+]?[0-9.]+(e[-+]?[0-9]+)?$/i.test(text.trim()) ? Number(text) : text;
  }
  if (!isLong(schema)) {
    return text;
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (schema.type === "array") {
    return lines.map((line) => readValue(line, schema.items ?? {}));
  }
  return Object.fromEntries(
    lines.map((line) => line.split(/:\s*(.*)/s)).map(([key, value]) => [key.trim(), value ?? ""]),
  );
}

/** @param {Schema} schema */
function isLong({ type }) {
  return type === "object" || type === "array";
}

/** @param {unknown} value */
function writeLines(value) {
  if (Array.isArray(value)) {
    return value.join("\n");
  }
  return Object.entries(value ?? {})
    .map(([name, it]) => `${name}: ${it}`)
    .join("\n");
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
        const pointer = (it.field ?? "").replace(/^\/request\/body/, "");
        const isThere = [...document.querySelectorAll("dialog [name]")].some((control) =>
          `${pointer}/`.startsWith(`${control.getAttribute("name")}/`),
        );
        isThere ? placed.set(pointer, it.reason) : rest.push(it);
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

/** @param {string} name */
function escape(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
