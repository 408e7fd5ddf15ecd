// Reads an OpenAPI document: places, schemas, examples.

/**
 * The value at a JSON Pointer with its references followed, and its own pointer.
 * @param {any} document @param {string} pointer
 * @returns {{value: any, pointer: string}}
 */
export function locate(document, pointer) {
  let value = document;
  let own = "";
  for (const token of pointer.split("/").slice(1)) {
    value = value?.[token.replaceAll("~1", "/").replaceAll("~0", "~")];
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

/** The examples of a parameter or a content type, by name. @param {any} document @param {any} node @returns {Record<string, unknown>} */
export function listExamples(document, node) {
  const named = Object.entries(node?.examples ?? {})
    .map(([name, it]) => /** @type {const} */ ([name, it.$ref ? locate(document, it.$ref.slice(1)).value : it]))
    .filter(([, it]) => it && "value" in it)
    .map(([name, it]) => [name, it.value]);
  return node && "example" in node ? { example: node.example } : Object.fromEntries(named);
}

/** A schema without references, the parts of its `allOf` merged. @param {any} schema @returns {any} */
export function flatten({ allOf = [], ...rest }) {
  return Object.assign({}, ...allOf.map(flatten), rest);
}
