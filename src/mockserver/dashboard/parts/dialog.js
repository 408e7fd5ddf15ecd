// Dialogs of the browser itself: it keeps the focus inside, closes on Escape and gives the focus back.
import { cloneElement, html, useEffect, useId, useRef, useState } from "../html.js";
import { Failure, notify } from "./notices.js";

/**
 * A dialog with a form. `onSubmit` gets the fields by name; the dialog closes when it is done, and shows its error.
 * @param {object} props
 * @param {string} props.title
 * @param {string} props.action the text of the button
 * @param {boolean} [props.isDangerous]
 * @param {boolean} [props.isWide]
 * @param {boolean} [props.staysOpen] whether the dialog stays when it is done
 * @param {(fields: Record<string, string>) => Promise<unknown>} props.onSubmit
 * @param {() => void} props.onClose
 * @param {import("../html.js").Children} props.children
 */
export function Dialog({ title, action, isDangerous, isWide, staysOpen, onSubmit, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const isGone = useRef(false);
  const [error, setError] = useState(/** @type {Error | undefined} */ (undefined));
  const [isBusy, setBusy] = useState(false);
  const heading = useId();
  useEffect(() => {
    const element = /** @type {HTMLDialogElement} */ (dialog.current);
    const before = document.activeElement;
    element.showModal();
    return () => {
      isGone.current = true; // the event `close` comes later
      element.close();
      if (before instanceof HTMLElement) {
        before.focus(); // the browser does not, as the dialog leaves the page
      }
    };
  }, []);
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const fields = /** @type {Record<string, string>} */ (
      Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)))
    );
    setBusy(true);
    try {
      await onSubmit(fields);
      if (!staysOpen) {
        onClose();
      }
    } catch (error) {
      setError(/** @type {Error} */ (error));
      setBusy(false);
    }
  };
  return html`<dialog
    ref=${dialog}
    class=${isWide ? "wide" : ""}
    aria-labelledby=${heading}
    onClose=${() => isGone.current || onClose()}
  >
    <form onSubmit=${submit}>
      <h2 id=${heading}>${title}</h2>
      ${children} ${error && html`<${Failure} error=${error} />`}
      <div class="buttons">
        <button type="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class=${isDangerous ? "danger" : "primary"} disabled=${isBusy}>${action}</button>
      </div>
    </form>
  </dialog>`;
}

/**
 * Asks before something is done that cannot be undone. `onConfirm` does it, and returns the sentence that says so.
 * @param {object} props
 * @param {string} props.title
 * @param {string} props.action the text of the button
 * @param {(fields: Record<string, string>) => Promise<string>} props.onConfirm
 * @param {() => void} props.onClose
 * @param {import("../html.js").Children} props.children what is lost, and what stays
 */
export function Confirm({ title, action, onConfirm, onClose, children }) {
  /** @param {Record<string, string>} fields */
  const submit = async (fields) => notify(await onConfirm(fields));
  return html`<${Dialog} title=${title} action=${action} isDangerous onClose=${onClose} onSubmit=${submit}>
    ${children}
  <//>`;
}

/**
 * A control with its label, and a hint that a screen reader says after it.
 * @param {{label: string, hint?: string, children: import("preact").VNode<any>}} props
 */
export function Field({ label, hint, children }) {
  const id = useId();
  const control = cloneElement(children, { id, "aria-describedby": hint && `${id}-hint` });
  return html`<div class="field">
    <label for=${id}>${label}</label>${control}${hint && html`<small id="${id}-hint">${hint}</small>`}
  </div>`;
}
