// The views, in the order of the navigation. A view is a module of this folder; its default export is a component.

/**
 * @typedef {object} View
 * @property {string} name in the URL
 * @property {string} title
 * @property {() => Promise<{default: () => import("../html.js").Children}>} load
 */

/** @type {View[]} */
export const VIEWS = [
  { name: "traffic", title: "Traffic", load: () => import("./traffic.js") },
  { name: "world", title: "World", load: () => import("./world.js") },
  { name: "time", title: "Time", load: () => import("./time.js") },
  { name: "scenarios", title: "Scenarios", load: () => import("./scenarios.js") },
  { name: "faults", title: "Faults", load: () => import("./faults.js") },
  { name: "sandboxes", title: "Sandboxes", load: () => import("./sandboxes.js") },
  { name: "contracts", title: "Contracts", load: () => import("./contracts.js") },
  { name: "checks", title: "Checks", load: () => import("./checks.js") },
];
