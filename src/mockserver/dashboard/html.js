// The library: components are functions of Preact, and htm reads what JSX would be from template literals.
import { h } from "./vendor/preact.js";
import htm from "./vendor/htm.js";

export { cloneElement, render } from "./vendor/preact.js";
export { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "./vendor/preact-hooks.js";
export { batch, computed, signal } from "./vendor/preact-signals.js";

export const html = htm.bind(h);

/** @typedef {import("preact").ComponentChildren} Children what can be shown */
/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */
