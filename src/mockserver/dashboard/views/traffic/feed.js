// The exchanges of the journal as they come: collected, and given to the page a few times in a second.
import { ControlError, call, follow } from "../../api.js";
import { signal } from "../../html.js";

/**
 * @typedef {object} Summary an exchange without its header fields and bodies
 * @property {string} id
 * @property {string} at
 * @property {string} method
 * @property {string} path
 * @property {string} query
 * @property {string} api
 * @property {string} operation
 * @property {number} status
 * @property {number} duration
 * @property {string} fault
 * @property {string} source
 * @property {Array<{severity: "error" | "warning"}>} violations
 */

const KEPT = 5_000; // while the newest are watched
const KEPT_WHILE_READING = 20_000; // while somebody reads older ones, whose places should not change
const PERIOD = 250; // milliseconds between two changes of the page
const FIRST = 1_000;
const PAUSE = 2_000; // milliseconds before the server is tried again
const BEFORE_ALL = "0-0"; // an id that no exchange has

/** The exchanges of one sandbox. `start` and `stop` are called by the view. */
export class Feed {
  /** The newest ones, the oldest first. */
  entries = signal(/** @type {Summary[]} */ ([]));
  /** How many the journal has, and how many it keeps, when the page was opened. */
  kept = signal(/** @type {{total: number, kept: number} | undefined} */ (undefined));
  error = signal(/** @type {Error | undefined} */ (undefined));
  isPaused = signal(false);
  isReading = false;
  #waiting = /** @type {Summary[]} */ ([]);
  #timer = 0;
  #controller = new AbortController();
  #sandbox;

  /** @param {string} sandbox */
  constructor(sandbox) {
    this.#sandbox = sandbox;
  }

  /** A tab that is not visible does not watch: a browser has few connections to a server. */
  start() {
    document.addEventListener("visibilitychange", this.#watchTab);
    this.#watchTab();
  }

  stop() {
    document.removeEventListener("visibilitychange", this.#watchTab);
    this.#controller.abort();
    clearTimeout(this.#timer);
  }

  clear() {
    this.#waiting = [];
    this.entries.value = [];
  }

  #watchTab = () => {
    this.#controller.abort();
    if (!document.hidden) {
      this.#controller = new AbortController();
      this.#run(this.#controller.signal);
    }
  };

  /** Watches until the signal says to stop, whatever happens to the server. @param {AbortSignal} signal */
  async #run(signal) {
    while (!signal.aborted) {
      try {
        const after = this.#findNewest() ?? (await this.#loadFirst(signal));
        this.error.value = undefined;
        const options = { query: { after, summary: true }, sandbox: this.#sandbox, signal };
        // A server that was killed may have lost the exchange to go on after; then it sends older ones again.
        const known = new Set(this.entries.value.concat(this.#waiting).map((it) => it.id));
        await follow("/journal/stream", options, (data) => {
          const entry = JSON.parse(data);
          if (!known.has(entry.id)) {
            this.#add(entry);
          }
        });
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        this.error.value = /** @type {Error} */ (error);
        if (error instanceof ControlError && [400, 401, 403].includes(error.status)) {
          return; // it would be refused again; a sandbox that is not there may be created
        }
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** @param {AbortSignal} signal */
  async #loadFirst(signal) {
    const query = { limit: FIRST, summary: true };
    const { entries, total, kept } = await call("GET", "/journal", { query, sandbox: this.#sandbox, signal });
    this.kept.value = { total, kept };
    this.entries.value = entries;
    return entries.at(-1)?.id ?? BEFORE_ALL;
  }

  #findNewest() {
    return (this.#waiting.at(-1) ?? this.entries.value.at(-1))?.id;
  }

  /** @param {Summary} entry */
  #add(entry) {
    this.#waiting.push(entry);
    if (this.#waiting.length > KEPT_WHILE_READING) {
      this.#waiting.shift(); // the page is paused
    }
    this.#timer ||= setTimeout(this.flush, PERIOD);
  }

  /** Gives the page what has come. */
  flush = () => {
    this.#timer = 0;
    if (this.isPaused.value || this.#waiting.length === 0) {
      return;
    }
    const all = this.entries.value.concat(this.#waiting);
    this.#waiting = [];
    this.entries.value = all.length > (this.isReading ? KEPT_WHILE_READING : KEPT) ? all.slice(-KEPT) : all;
  };
}
