// JSON Schemas (draft 4) of the control API, as forms and editors need them.

/** @typedef {Record<string, any>} Schema */

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
    schema = follow(root, schema.$ref);
  }
  const { allOf = [], anyOf = [], oneOf = [], ...own } = schema;
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

/** @param {Schema} root @param {string} reference such as `#/definitions/api/Entry` */
function follow(root, reference) {
  return (
    reference
      .split("/")
      .slice(1)
      .reduce((inside, token) => inside?.[token.replaceAll("~1", "/").replaceAll("~0", "~")], root) ?? {}
  );
}

/** The types that a value may have. @param {Schema} schema a flat one @returns {string[]} */
export function listTypes(schema) {
  if (schema.type) {
    return [schema.type].flat();
  }
  return schema.properties && Object.keys(schema.properties).length > 0 ? ["object"] : [];
}

/** @param {Schema} schema a flat one */
export function isNullable(schema) {
  return listTypes(schema).includes("null") || (schema.enum ?? []).includes(null);
}

/** A name as a token of a JSON Pointer. @param {string} name */
export function escapeToken(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
