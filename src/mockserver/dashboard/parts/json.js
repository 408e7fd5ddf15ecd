// A JSON value as a tree, with marks at the places that JSON Pointers name.
import { html, useMemo, useState } from "../html.js";
import { escapeToken, unescapeToken } from "../schema.js";
import { CopyButton, Text, count, formatNumber } from "./text.js";

const OPEN_DEPTH = 3; // deeper ones are closed at first
const FEW = 100; // so many members are shown at first
const SHORT = 400; // so many characters of a text

/**
 * @typedef {object} Mark
 * @property {string} pointer the place; if it is not there, the mark is at the nearest place around it
 * @property {"error" | "warning"} severity
 * @property {import("../html.js").Children} content what is said of it
 */

/**
 * @typedef {object} Marks
 * @property {Map<string, Mark[]>} at those of a place
 * @property {Set<string>} around the places that have one inside
 */

/**
 * A JSON value. Its members can be opened and closed; what has a mark is open.
 * @param {{value: unknown, marks?: Mark[]}} props
 */
export function Json({ value, marks = [] }) {
  const placed = useMemo(() => placeMarks(value, marks), [value, marks]);
  return html`<div class="json"><${Node} value=${value} pointer="" depth=${0} marks=${placed} /></div>`;
}

/**
 * A text that should be JSON: as a tree, or as it is.
 * @param {{text: string, marks?: Mark[]}} props
 */
export function JsonText({ text, marks = [] }) {
  const parsed = useMemo(() => parse(text), [text]);
  if (parsed) {
    return html`<${Json} value=${parsed.value} marks=${marks} />`;
  }
  return html`<${PlainText} text=${text} /><${MarkList} marks=${marks} />`;
}

/** A text with its lines, of which the first are shown at first. @param {{text: string}} props */
export function PlainText({ text }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? text : text.slice(0, 20 * SHORT);
  return html`<pre class="text" tabindex="0"><${Text} value=${shown} /></pre>
    ${shown.length < text.length && html`<button type="button" class="small" onClick=${() => setWhole(true)}>Show all ${formatNumber(text.length)} characters</button>`}`;
}

/** The marks of one place. @param {{marks: Mark[]}} props */
export function MarkList({ marks }) {
  return marks.map(({ severity, content }) => html`<div class="mark ${severity}">${content}</div>`);
}

/**
 * @param {{name?: string, isIndex?: boolean, value: any, pointer: string, depth: number, marks: Marks}} props
 */
function Node({ name, isIndex, value, pointer, depth, marks }) {
  const own = marks.at.get(pointer) ?? [];
  const isMarked = marks.around.has(pointer);
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH || isMarked);
  const [limit, setLimit] = useState(FEW);
  const label =
    name !== undefined &&
    html`<span class=${isIndex ? "index" : "key"}><${Text} value=${name} /></span><span class="colon">: </span>`;
  const severity = own.length > 0 ? `marked ${own[0].severity}` : "";
  if (value === null || typeof value !== "object") {
    return html`<div class="leaf ${severity}">${label}<${Scalar} value=${value} /><${MarkList} marks=${own} /></div>`;
  }
  const isArray = Array.isArray(value);
  const names = isArray ? Array.from(value.keys(), String) : Object.keys(value);
  const size = isArray ? `[${count(names.length, "item")}]` : `{${count(names.length, "member")}}`;
  if (names.length === 0) {
    return html`<div class="leaf ${severity}">
      ${label}<span class="size">${isArray ? "[]" : "{}"}</span><${MarkList} marks=${own} />
    </div>`;
  }
  const shown = names.filter((it, index) => {
    const place = `${pointer}/${escapeToken(it)}`;
    return index < limit || marks.at.has(place) || marks.around.has(place);
  });
  return html`<details
    open=${isOpen}
    class=${severity}
    onToggle=${(/** @type {any} */ event) => setOpen(event.currentTarget.open)}
  >
    <summary>${label}<span class="size">${size}</span></summary>
    <${MarkList} marks=${own} />
    ${
      isOpen &&
      html`<div class="members">
        ${shown.map((it) => html`<${Node} key=${it} name=${it} isIndex=${isArray} value=${value[/** @type {any} */ (it)]} pointer=${`${pointer}/${escapeToken(it)}`} depth=${depth + 1} marks=${marks} />`)}
        ${shown.length < names.length && html`<button type="button" class="small" onClick=${() => setLimit(limit * 5)}>Show more of ${formatNumber(names.length)}</button>`}
      </div>`
    }
  </details>`;
}

/** @param {{value: unknown}} props */
function Scalar({ value }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== "string") {
    return html`<span class=${value === null ? "null" : typeof value}>${String(value)}</span>`;
  }
  const isLong = value.length > SHORT && !isWhole;
  return html`<span class="string"
      >"<${Text} value=${isLong ? value.slice(0, SHORT) : value} />${isLong ? "…" : '"'}</span
    >
    ${isLong && html` <button type="button" class="small" onClick=${() => setWhole(true)}>Show all ${formatNumber(value.length)} characters</button>`}`;
}

/** @param {unknown} value @param {Mark[]} marks @returns {Marks} */
function placeMarks(value, marks) {
  /** @type {Marks} */
  const placed = { at: new Map(), around: new Set() };
  for (const mark of marks) {
    let place = "";
    let inside = /** @type {any} */ (value);
    for (const token of mark.pointer.split("/").slice(1)) {
      const name = unescapeToken(token);
      if (inside === null || typeof inside !== "object" || !Object.hasOwn(inside, name)) {
        break;
      }
      placed.around.add(place);
      inside = inside[name];
      place += `/${token}`;
    }
    placed.at.set(place, [...(placed.at.get(place) ?? []), mark]);
  }
  return placed;
}

/** @param {string} text @returns {{value: unknown} | undefined} */
function parse(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** A button that copies a JSON value. @param {{value: unknown}} props */
export function CopyJson({ value }) {
  return html`<${CopyButton} text=${JSON.stringify(value, null, 2)}>Copy JSON<//>`;
}
