// The URL says what the page shows: #/VIEW/MORE?sandbox=NAME&filter=value. So a link can be shared.
import { computed, signal } from "./html.js";

/**
 * @typedef {object} Route
 * @property {string} view the name of the view
 * @property {string[]} path what follows it, such as the id of an exchange
 * @property {Record<string, string>} query filters of the view, without the sandbox
 * @property {string} sandbox
 */

/** The sandbox of a page below /__sandbox__/NAME, if its URL names no other. */
const ownSandbox = decode(location.pathname.match(/\/__sandbox__\/([^/]+)\//)?.[1] ?? "default");

/** @type {import("./html.js").Signal<Route>} */
export const route = signal(read());
export const sandbox = computed(() => route.value.sandbox);

addEventListener("hashchange", () => {
  route.value = read();
});

/** @returns {Route} */
function read() {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view, ...rest] = path.split("/").map(decode);
  const { sandbox = ownSandbox, ...filters } = Object.fromEntries(new URLSearchParams(query));
  return { view: view || "traffic", path: rest.filter(Boolean), query: filters, sandbox };
}

/** A text of a URL, as it stands there if it is no valid encoding. @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The link to a view, in the sandbox of this page unless another is given. Parts that are left out stay as they are
 * for the same view, and are empty for another one.
 * @param {Partial<Route>} to
 */
export function link(to) {
  const now = route.value;
  const same = to.view === undefined || to.view === now.view;
  const view = to.view ?? now.view;
  const path = to.path ?? (same ? now.path : []);
  const filters = to.query ?? (same ? now.query : {});
  const query = new URLSearchParams({ sandbox: to.sandbox ?? now.sandbox });
  for (const [name, value] of Object.entries(filters)) {
    if (value !== "") {
      query.set(name, value);
    }
  }
  return `#/${[view, ...path].map(encodeURIComponent).join("/")}?${query}`;
}

/**
 * Goes to a view; `replace` leaves no entry in the history, which typing into a filter should not.
 * @param {Partial<Route>} to
 * @param {{replace?: boolean}} [options]
 */
export function go(to, { replace = false } = {}) {
  const url = link(to);
  if (url === location.hash) {
    return;
  }
  history[replace ? "replaceState" : "pushState"](null, "", url);
  route.value = read();
}
