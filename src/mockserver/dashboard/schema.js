// Reads JSON Schemas (draft 4) and OpenAPI documents: places, schemas as forms and editors need them, examples.

/** @typedef {Record<string, any>} Schema */

/** A name as a token of a JSON Pointer. @param {string} name */
export function escapeToken(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** @param {string} token of a JSON Pointer */
export function unescapeToken(token) {
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}

/**
 * The value at a JSON Pointer with its references followed, and its own pointer.
 * @param {any} document @param {string} pointer
 * @returns {{value: any, pointer: string}}
 */
export function locate(document, pointer) {
  let value = document;
  let own = "";
  for (const token of pointer.split("/").slice(1)) {
    value = value?.[unescapeToken(token)];
    own += `/${token}`;
    for (let times = 0; typeof value?.$ref === "string" && times < 100; times++) {
      ({ value, pointer: own } = locate(document, value.$ref.slice(1)));
    }
  }
  return { value, pointer: own };
}

/** A schema with its references replaced by what they lead to, but for those that lead back. @param {any} document @param {any} schema @param {string[]} [within] @returns {any} */
export function expand(document, schema, within = []) {
  if (schema === null || typeof schema !== "object") {
    return schema;
  }
  if (Array.isArray(schema)) {
    return schema.map((it) => expand(document, it, within));
  }
  if (typeof schema.$ref === "string") {
    return within.includes(schema.$ref)
      ? schema
      : expand(document, locate(document, schema.$ref.slice(1)).value, [...within, schema.$ref]);
  }
  return Object.fromEntries(Object.entries(schema).map(([name, it]) => [name, expand(document, it, within)]));
}

/**
 * A schema without references and `allOf`, at its top: the properties of all parts together. Of `anyOf` and `oneOf`
 * the first counts, which for a moment is the one that is not relative.
 * @param {Schema} schema
 * @param {Schema} root where references lead to
 * @returns {Schema}
 */
export function flatten(schema, root) {
  let flat = /** @type {Schema} */ ({});
  for (let depth = 0; schema.$ref && depth < 20; depth++) {
    schema = locate(root, schema.$ref.slice(1)).value ?? {};
  }
  const { allOf = [], oneOf = [], ...own } = schema;
  const { anyOf = [] } = own;
  for (const part of [...allOf, ...anyOf.slice(0, 1), ...oneOf.slice(0, 1)]
    .map((it) => flatten(it, root))
    .concat(own)) {
    flat = {
      ...flat,
      ...part,
      properties: merge(flat.properties, part.properties),
      required: [...(flat.required ?? []), ...(part.required ?? [])],
    };
  }
  return flat;
}

/** @param {Record<string, Schema>} [first] @param {Record<string, Schema>} [second] */
function merge(first = {}, second = {}) {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    Array.from(names, (name) => [
      name,
      first[name] && second[name] ? { allOf: [first[name], second[name]] } : (first[name] ?? second[name]),
    ]),
  );
}

/** The types that a value may have. @param {Schema} schema a flat one @returns {string[]} */
export function listTypes(schema) {
  const types = schema.type ? [schema.type].flat() : hasProperties(schema) ? ["object"] : [];
  return schema.nullable ? [...types, "null"] : types;
}

/** @param {Schema} schema a flat one */
export function isNullable(schema) {
  return listTypes(schema).includes("null") || (schema.enum ?? []).includes(null);
}

/** Whether it says what the properties of an object are. @param {Schema} schema a flat one */
export function hasProperties({ properties = {} }) {
  return Object.keys(properties).length > 0;
}

/** The examples of a parameter or a content type, by name. @param {any} document @param {any} node @returns {Record<string, unknown>} */
export function listExamples(document, node) {
  const named = Object.entries(node?.examples ?? {})
    .map(([name, it]) => /** @type {const} */ ([name, it.$ref ? locate(document, it.$ref.slice(1)).value : it]))
    .filter(([, it]) => it && "value" in it)
    .map(([name, it]) => [name, it.value]);
  return node && "example" in node ? { example: node.example } : Object.fromEntries(named);
}
