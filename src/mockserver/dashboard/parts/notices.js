// What the page says on its own: notices that go away, and errors that stay until they are closed.
import { html, signal } from "../html.js";
import { Text } from "./text.js";

const SECONDS = 5;

/** @typedef {{id: number, text: string, kind: "done" | "error"}} Notice */
const notices = signal(/** @type {Notice[]} */ ([]));
let last = 0;

/** Shows a notice; a screen reader says it. @param {string} text @param {"done" | "error"} [kind] */
export function notify(text, kind = "done") {
  const id = ++last;
  notices.value = [...notices.value.slice(-4), { id, text, kind }];
  if (kind === "done") {
    setTimeout(() => close(id), SECONDS * 1000);
  }
}

/** Does something, and shows its error. @template T @param {() => Promise<T>} action @returns {Promise<T | undefined>} */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error), "error");
    return undefined;
  }
}

/** @param {number} id */
function close(id) {
  notices.value = notices.value.filter((it) => it.id !== id);
}

export function Notices() {
  return html`<div class="notices" aria-live="polite" role="status">
    ${notices.value.map(
      ({ id, text, kind }) =>
        html`<div key=${id} class="notice ${kind}">
          <${Text} value=${text} />
          <button type="button" class="plain" aria-label="Close this notice" onClick=${() => close(id)}>✕</button>
        </div>`,
    )}
  </div>`;
}

/**
 * The error of a part of a view, with all that the control API says.
 * @param {{error: Error & {errors?: Array<{field?: string, reason: string, line?: number, file?: string}>}, onRetry?: () => void}} props
 */
export function Failure({ error, onRetry }) {
  const errors = error.errors ?? [];
  return html`<div class="failure" role="alert">
    <p><${Text} value=${error.message} /></p>
    ${
      errors.length > 0 &&
      html`<ul>
        ${errors.map(
          ({ file, line, field, reason }) =>
            html`<li>
              <code><${Text} value=${[file, line && `line ${line}`, field].filter(Boolean).join(", ")} /></code>${" "}
              <${Text} value=${reason} />
            </li>`,
        )}
      </ul>`
    }
    ${onRetry && html`<button type="button" onClick=${onRetry}>Try again</button>`}
  </div>`;
}

/**
 * A resource: its value by `children`, or why there is none.
 * @template T
 * @param {{of: import("../api.js").Resource<T>, children: (value: T) => import("../html.js").Children}} props
 */
export function Loaded({ of, children }) {
  if (of.error) {
    return html`<${Failure} error=${of.error} onRetry=${of.reload} />`;
  }
  return of.value === undefined ? html`<p class="hint" role="status">Loading …</p>` : children(of.value);
}
