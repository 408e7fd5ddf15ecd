// The filters of a list, whose values stand in the URL.
import { html } from "../html.js";
import { go, route } from "../route.js";

/** What a field of a filter does when it changes. @param {string} name */
export function setFilter(name) {
  return (/** @type {any} */ event) =>
    go({ query: { ...route.value.query, [name]: event.currentTarget.value } }, { replace: true });
}

/**
 * A filter by one of some values; each is its own text, unless it comes with another.
 * @param {{label: string, name: string, values: Array<string | string[]>}} props
 */
export function ChoiceFilter({ label, name, values }) {
  return html`<label>
    ${label}
    <select value=${route.value.query[name] ?? ""} onChange=${setFilter(name)}>
      ${[["", "all"], ...values].map((it) => {
        const [value, text] = typeof it === "string" ? [it, it] : it;
        return html`<option value=${value}>${text}</option>`;
      })}
    </select>
  </label>`;
}

/** A filter by a part of a text. @param {{label?: string, name?: string}} props */
export function TextFilter({ label = "Search", name = "text" }) {
  return html`<label>
    ${label}
    <input
      type="search"
      dir="auto"
      placeholder="contains"
      value=${route.value.query[name] ?? ""}
      onInput=${setFilter(name)}
    />
  </label>`;
}
