// Completion in a text area: a list of what may stand at the caret, with the keys that such lists have elsewhere.
import { html, useId, useLayoutEffect, useRef, useState } from "../../html.js";
import { Prose } from "../../parts/schema-form.js";
import { Text, count } from "../../parts/text.js";
import { suggest } from "./suggest.js";
import { locate } from "./yaml.js";

const SHOWN = 8; // suggestions at a time
const WIDTH = 480;

/** @typedef {{all: import("./suggest.js").Suggestion[], active: number, start: number, end: number, left: number, top: number, bottom: number}} Open */

/**
 * What a text area of a scenario needs for completion: its attributes, and the list that belongs after it.
 * @param {{current: HTMLTextAreaElement | null}} area
 * @param {object | undefined} schema of a scenario, when it is loaded
 */
export function useCompletion(area, schema) {
  const id = useId();
  const [open, setOpen] = useState(/** @type {Open | undefined} */ (undefined));
  const isAccepting = useRef(false);
  const close = () => setOpen(undefined);

  /** Shows what fits at the caret. @param {boolean} isWanted whether the user has asked for it */
  const show = (isWanted) => {
    const element = /** @type {HTMLTextAreaElement} */ (area.current);
    const { value: text, selectionStart: caret, selectionEnd } = element;
    const place = schema && caret === selectionEnd ? locate(text, caret) : undefined;
    if (!schema || !place) {
      return close();
    }
    const typed = text.slice(place.start, caret);
    const all = suggest(schema, place, typed);
    const isFinished = all.length === 1 && all[0].insert.trim() === text.slice(place.start, place.end);
    if (all.length === 0 || (isFinished && !isWanted)) {
      return close();
    }
    const active = isWanted || typed ? 0 : -1; // where nothing is typed, Enter stays a line break
    return setOpen({ all, active, start: place.start, end: place.end, ...measure(element, place.start) });
  };

  /** @param {import("./suggest.js").Suggestion} suggestion @param {Open} at */
  const accept = ({ insert }, { start, end }) => {
    const element = /** @type {HTMLTextAreaElement} */ (area.current);
    element.focus();
    element.setSelectionRange(start, end);
    isAccepting.current = true;
    document.execCommand("insertText", false, insert); // the only way that the browser can undo
    isAccepting.current = false;
    /[\s]$/.test(insert) ? show(false) : close();
  };

  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (event.ctrlKey && event.code === "Space") {
      event.preventDefault();
      return show(true);
    }
    if (!open || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) {
      return undefined;
    }
    const last = open.all.length - 1;
    const { active } = open;
    /** @type {Record<string, number>} */
    const moves = {
      ArrowDown: active === last ? 0 : active + 1,
      ArrowUp: active <= 0 ? last : active - 1,
      PageDown: Math.min(active + SHOWN, last),
      PageUp: Math.max(active - SHOWN, 0),
    };
    if (Object.hasOwn(moves, event.key) && !event.shiftKey) {
      event.preventDefault();
      return setOpen({ ...open, active: moves[event.key] });
    }
    if ((event.key === "Enter" || event.key === "Tab") && active >= 0 && !event.shiftKey) {
      event.preventDefault();
      return accept(open.all[active], open);
    }
    if (event.key === "Escape") {
      event.preventDefault();
      return close();
    }
    return ["ArrowLeft", "ArrowRight", "Home", "End", "Enter"].includes(event.key) ? close() : undefined;
  };

  /** After each change of the text. @param {InputEvent} event */
  const onInput = ({ inputType, data }) => {
    const isTyped = inputType === "insertText" && data !== null;
    if (isAccepting.current || (!isTyped && !open)) {
      return;
    }
    const element = /** @type {HTMLTextAreaElement} */ (area.current);
    const before = element.value.slice(0, element.selectionStart);
    isTyped && data === " " && !/[:,{[-] $/.test(before) ? close() : show(false);
  };

  const option = open && open.active >= 0 ? `${id}-${open.active}` : undefined;
  return {
    attributes: {
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      "aria-controls": open && `${id}-list`,
      "aria-activedescendant": option,
      onKeyDown,
      onBlur: close,
      onMouseDown: close,
    },
    onInput,
    close,
    list: html`<span class="unseen" role="status">${open && count(open.all.length, "suggestion")}</span>
      ${open && html`<${List} id=${id} open=${open} onAccept=${accept} />`}`,
  };
}

/** @param {{id: string, open: Open, onAccept: (suggestion: import("./suggest.js").Suggestion, open: Open) => void}} props */
function List({ id, open, onAccept }) {
  const { all, active, left, top, bottom } = open;
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const first = Math.max(0, Math.min(active - Math.floor(SHOWN / 2), all.length - SHOWN));
  // Below the line, or above it if there is no room.
  useLayoutEffect(() => {
    const { style, offsetHeight } = /** @type {HTMLDivElement} */ (list.current);
    style.left = `${Math.max(0, Math.min(left, innerWidth - WIDTH))}px`;
    style.top = `${bottom + offsetHeight > innerHeight ? Math.max(0, top - offsetHeight) : bottom}px`;
  });
  const { description = "" } = all[active] ?? {};
  return html`<div
    class="suggestions"
    ref=${list}
    onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()}
  >
    <ul role="listbox" id="${id}-list" aria-label="Suggestions">
      ${all.slice(first, first + SHOWN).map((it, index) => {
        const position = first + index;
        return html`<li
          key=${it.label}
          id="${id}-${position}"
          role="option"
          aria-selected=${String(position === active)}
          aria-posinset=${position + 1}
          aria-setsize=${all.length}
          onClick=${() => onAccept(it, open)}
        >
          <code><${Text} value=${it.label} /></code> <span class="hint">${it.detail}</span>
          <small><${Prose} text=${it.description} /></small>
        </li>`;
      })}
    </ul>
    ${(all.length > SHOWN || description) && html`<p>${all.length > SHOWN && html`<span class="hint">${Math.max(active, 0) + 1} of ${all.length}</span> `}<${Prose} text=${description} /></p>`}
  </div>`;
}

/** Where a position of the text is in the window. @param {HTMLTextAreaElement} element @param {number} position */
function measure(element, position) {
  const before = element.value.slice(0, position).split("\n");
  const { font, lineHeight, paddingLeft, paddingTop } = getComputedStyle(element);
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  context.font = font;
  const { left, top } = element.getBoundingClientRect();
  const line = Number.parseFloat(lineHeight);
  const y = top + Number.parseFloat(paddingTop) + (before.length - 1) * line - element.scrollTop;
  const x = left + Number.parseFloat(paddingLeft) + context.measureText(before.at(-1) ?? "").width - element.scrollLeft;
  return { left: x, top: y, bottom: y + line };
}
