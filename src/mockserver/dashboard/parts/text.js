// Texts that come from data: isolated from the direction of the text around them, and never HTML.
import { html } from "../html.js";

// Overrides of the direction and control characters are shown and not obeyed: they can hide what a text is.
const INVISIBLE = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff])/;

/** A text of any direction. @param {{value: unknown, class?: string}} props */
export function Text({ value, class: name }) {
  const text = String(value ?? "");
  const parts = INVISIBLE.test(text) ? text.split(INVISIBLE).map(markInvisible) : text;
  return html`<bdi dir="auto" class=${name}>${parts}</bdi>`;
}

/** @param {string} part @param {number} index */
function markInvisible(part, index) {
  if (index % 2 === 0) {
    return part;
  }
  const code = (part.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return html`<span class="invisible" title="an invisible character">U+${code}</span>`;
}

/** A name, an id or a path: left to right, in the font of code. @param {{value: unknown}} props */
export function Code({ value }) {
  return html`<code dir="ltr"><${Text} value=${value} /></code>`;
}

/** The status of a response; 0 is none. @param {{status: number}} props */
export function Status({ status }) {
  const kind = status === 0 || status >= 500 ? "bad" : status >= 400 ? "notable" : "good";
  return html`<span class="status ${kind}">${status || "none"}</span>`;
}

/** @param {number} seconds */
export function formatAge(seconds) {
  const units = /** @type {const} */ ([
    ["d", 86400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ]);
  const index = units.findIndex(([, size]) => seconds >= size);
  if (index === -1) {
    return "now";
  }
  const [unit, size] = units[index];
  const [smaller, smallerSize] = units[index + 1] ?? ["", 0];
  const rest = smallerSize ? Math.floor((seconds % size) / smallerSize) : 0;
  return `${Math.floor(seconds / size)} ${unit}${rest ? ` ${rest} ${smaller}` : ""}`;
}

const numbers = new Intl.NumberFormat("en");
const times = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** @param {number} number */
export function formatNumber(number) {
  return numbers.format(number);
}

/** @param {number} number @param {string} one @param {string} [many] */
export function count(number, one, many = `${one}s`) {
  return `${formatNumber(number)} ${number === 1 ? one : many}`;
}

/** The time of day of a moment, in the zone of this browser. @param {string} moment */
export function formatTime(moment) {
  return times.format(new Date(moment));
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  if (bytes < 1024) {
    return `${bytes} B`;
  }
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;
}

/** Copies a text, and says so. @param {{text: string, children: import("../html.js").Children}} props */
export function CopyButton({ text, children }) {
  /** @param {Event & {currentTarget: HTMLButtonElement}} event */
  const copy = async (event) => {
    const button = event.currentTarget;
    const { notify } = await import("./notices.js");
    await navigator.clipboard.writeText(text).then(
      () => notify("Copied."),
      () => notify("The browser does not allow this page to copy. Select the text instead.", "error"),
    );
    button.focus();
  };
  return html`<button type="button" class="small" onClick=${copy}>${children}</button>`;
}
