// The documents of a kind in a table: the server searches, sorts and pages.
import { call, path, useResource } from "../../api.js";
import { html, useMemo } from "../../html.js";
import { Failure } from "../../parts/notices.js";
import { Table, usePages } from "../../parts/table.js";
import { Code, Text, count } from "../../parts/text.js";
import { go, route, sandbox } from "../../route.js";
import { flatten, listTypes } from "../../schema.js";

const PAGE = 100;
const MOST_FIELDS = 7;

/**
 * @typedef {import("../world.js").Kind} Kind
 * @typedef {import("../world.js").WorldDocument} WorldDocument
 */

/** What narrows the documents of the view, as the control API calls it. */
export function readFilters() {
  const { search, owner } = route.value.query;
  return { search, owner };
}

/** @param {{kind: Kind, changes: number}} props */
export function Documents({ kind, changes }) {
  const place = path`/state/${kind.api}/${kind.kind}`;
  const filters = readFilters();
  const sort = route.value.query.sort;
  const inputs = [place, sort, filters.search, filters.owner, changes];
  const first = useResource(
    async (signal) =>
      /** @type {{total: number, documents: WorldDocument[]}} */ (
        await call("GET", place, { query: { ...filters, per_page: 1 }, signal })
      ),
    [place, filters.search, filters.owner, changes],
  );
  const total = first.value?.total ?? 0;
  const { rows, onVisible } = usePages(
    total,
    PAGE,
    async (page) =>
      /** @type {WorldDocument[]} */ (
        (await call("GET", place, { query: { ...filters, sort, page, per_page: PAGE } })).documents
      ),
    [...inputs, sandbox.value],
  );
  const sample = first.value?.documents[0];
  // A field that has the key needs no column of its own.
  const fields = useMemo(() => listFields(kind), [kind]).filter(
    ({ name }) => !sample || String(sample.body[name]) !== sample.key,
  );
  /** @type {import("../../parts/table.js").Column<WorldDocument>[]} */
  const columns = [
    { title: "Key", sort: "key", cell: (row) => html`<${Text} value=${row.key} />` },
    ...fields.map(({ name, isNumber, isLabel }) => ({
      title: name,
      sort: /["~/]/.test(name) ? undefined : `/${name}`,
      class: isNumber ? "number" : isLabel ? "grow" : undefined,
      cell: (/** @type {WorldDocument} */ row) => html`<${Value} value=${row.body[name]} />`,
    })),
  ];
  if (first.error) {
    return html`<${Failure} error=${first.error} onRetry=${first.reload} />`;
  }
  return html`<div class="column">
    <p class="hint" role="status">${first.value ? count(total, "document") : "Loading …"}</p>
    <${Table}
      label="Documents"
      columns=${columns}
      rows=${rows}
      rowKey=${(/** @type {WorldDocument} */ row) => encodeURIComponent(row.key)}
      selected=${route.value.path[2] === undefined ? undefined : encodeURIComponent(route.value.path[2])}
      onSelect=${(/** @type {WorldDocument} */ row) => go({ path: [kind.api, kind.kind, row.key] }, { replace: true })}
      onVisible=${onVisible}
      sort=${sort}
      onSort=${(/** @type {string} */ by) => go({ query: { ...route.value.query, sort: by } }, { replace: true })}
      empty=${first.value ? (filters.search || filters.owner ? "No document is like that." : "There is no document of this kind.") : "Loading …"}
    />
  </div>`;
}

/** The fields of a body that have a column: the name that people know comes first. @param {Kind} kind */
function listFields({ schema, label }) {
  const { properties = {} } = flatten(schema, schema);
  const names = Object.keys(properties);
  const simple = names.filter((name) => !isWide(flatten(properties[name], schema)));
  const ordered = [...simple, ...names.filter((name) => !simple.includes(name))];
  const last = label ?? ordered.findLast((name) => simple.includes(name));
  return ordered.slice(0, MOST_FIELDS).map((name) => {
    const types = listTypes(flatten(properties[name], schema));
    return {
      name,
      isNumber: types.some((it) => it === "integer" || it === "number"),
      isLabel: name === last,
    };
  });
}

/** @param {import("../../schema.js").Schema} schema */
function isWide(schema) {
  return listTypes(schema).some((type) => type === "object" || type === "array");
}

/** @param {{value: unknown}} props */
function Value({ value }) {
  if (value === undefined) {
    return null;
  }
  return typeof value === "string"
    ? html`<${Text} value=${value.slice(0, 300)} />`
    : html`<${Code} value=${JSON.stringify(value).slice(0, 300)} />`;
}
