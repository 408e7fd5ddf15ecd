// What may stand at a place of a text, by a JSON Schema of draft 4.
import { locate } from "../../schema.js";

/** @typedef {Record<string, any>} Schema */
/**
 * @typedef {object} Suggestion
 * @property {string} label
 * @property {string} insert what replaces the word at the caret
 * @property {string} detail what kind of value it is
 * @property {string} description
 */

/**
 * The keys and values that fit a place and what is typed there: first those that begin with it.
 * @param {Schema} root @param {import("./yaml.js").Place} place @param {string} typed
 * @returns {Suggestion[]}
 */
export function suggest(root, place, typed) {
  let schemas = spread(root, root, place.texts[0]);
  place.path.forEach((token, index) => {
    schemas = schemas.flatMap((it) => enter(it, token)).flatMap((it) => spread(root, it, place.texts[index + 1]));
  });
  /** @type {Map<string, Suggestion>} */
  const all = new Map();
  for (const schema of schemas) {
    const offered = [
      ...(place.isValue ? listValues(schema, place) : []),
      ...(place.isKey ? listKeys(root, schema, place) : []),
    ];
    offered.forEach((it) => all.has(it.label) || all.set(it.label, it));
  }
  const wanted = typed.replace(/^["']/, "").toLowerCase();
  const fitting = [...all.values()].filter((it) => it.label.toLowerCase().includes(wanted));
  /** @param {Suggestion} it */
  const isFirst = (it) => it.label.toLowerCase().startsWith(wanted);
  return [...fitting.filter(isFirst), ...fitting.filter((it) => !isFirst(it))];
}

/**
 * A schema and all that it is made of. Of alternatives those count that fit the texts that are there already.
 * @param {Schema} root @param {Schema} schema @param {Record<string, string>} texts @param {number} [depth]
 * @returns {Schema[]}
 */
function spread(root, schema, texts, depth = 0) {
  if (depth > 20 || !schema || typeof schema !== "object") {
    return [];
  }
  if (typeof schema.$ref === "string") {
    return spread(root, locate(root, schema.$ref.slice(1)).value, texts, depth + 1);
  }
  const alternatives = [schema.anyOf ?? [], schema.oneOf ?? []].flatMap((all) => {
    const fitting = all.filter((/** @type {Schema} */ it) => fits(root, it, texts));
    return fitting.length > 0 ? fitting : all;
  });
  return [schema, ...[...(schema.allOf ?? []), ...alternatives].flatMap((it) => spread(root, it, texts, depth + 1))];
}

/** Whether no text is another one than a schema wants. @param {Schema} root @param {Schema} schema @param {Record<string, string>} texts */
function fits(root, schema, texts) {
  const { properties = {} } = typeof schema.$ref === "string" ? locate(root, schema.$ref.slice(1)).value : schema;
  return Object.entries(texts).every(([name, text]) => {
    const values = Object.hasOwn(properties, name) ? listFixed(properties[name]) : [];
    return values.length === 0 || values.some((it) => String(it) === text);
  });
}

/** The schemas of a member or an item. @param {Schema} schema @param {string | number} token @returns {Schema[]} */
function enter(schema, token) {
  if (typeof token === "number") {
    const { items } = schema;
    return Array.isArray(items) ? items.slice(token, token + 1) : items ? [items] : [];
  }
  if (Object.hasOwn(schema.properties ?? {}, token)) {
    return [schema.properties[token]];
  }
  const matching = Object.entries(schema.patternProperties ?? {}).filter(([pattern]) =>
    new RegExp(pattern, "u").test(token),
  );
  if (matching.length > 0) {
    return matching.map(([, it]) => it);
  }
  return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
}

/** @param {Schema} root @param {Schema} schema @param {import("./yaml.js").Place} place @returns {Suggestion[]} */
function listKeys(root, schema, { siblings, hasColon, isFlow, column }) {
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => !siblings.includes(name));
  return fields.map(([name, field]) => {
    const parts = spread(root, field, {});
    const types = new Set(parts.flatMap((it) => it.type ?? (it.properties ? "object" : [])));
    const isNested = types.size > 0 && [...types].every((it) => it === "object" || it === "array");
    let insert = writeScalar(name);
    if (!hasColon) {
      const below = `:\n${" ".repeat(column + 2)}${types.has("object") ? "" : "- "}`;
      insert += isNested && !isFlow ? below : ": ";
    }
    const isRequired = (schema.required ?? []).includes(name);
    return {
      ...{ label: name, insert },
      detail: [...types].join(" or ") + (isRequired ? ", required" : ""),
      description: parts.find((it) => it.description)?.description ?? "",
    };
  });
}

/** @param {Schema} schema @param {import("./yaml.js").Place} place @returns {Suggestion[]} */
function listValues(schema, place) {
  const types = [schema.type ?? []].flat();
  const values = listFixed(schema);
  if (values.length === 0) {
    values.push(...(types.includes("boolean") ? [true, false] : []), ...(types.includes("null") ? [null] : []));
  }
  const suggestions = values
    .filter((it) => it === null || typeof it !== "object")
    .map((it) => ({ label: String(it), insert: writeScalar(it), detail: "", description: schema.description ?? "" }));
  if (types.includes("array") && place.isKey) {
    suggestions.push({ label: "- ", insert: "- ", detail: "item", description: schema.description ?? "" });
  }
  return suggestions;
}

/** The values that a schema lists. @param {Schema} schema @returns {unknown[]} */
function listFixed(schema) {
  const literal = /^\^([\w-]+)\$$/.exec(schema.pattern ?? "")?.[1]; // a pattern of one text
  return [...(schema.enum ?? []), ...("const" in schema ? [schema.const] : []), ...(literal ? [literal] : [])];
}

/** A scalar as YAML; a text that would be read as something else has quotes. @param {unknown} value */
function writeScalar(value) {
  const isPlain =
    /^[A-Za-z_][\w./-]*$/.test(String(value)) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(String(value));
  return typeof value !== "string" || isPlain ? String(value) : JSON.stringify(value);
}
