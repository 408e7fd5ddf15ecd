// The only module that sends requests: the control API, with the token and the sandbox of the page.
import { computed, signal, useCallback, useEffect, useState } from "./html.js";
import { sandbox } from "./route.js";

/** Where the server is, as this page was reached: a base path, a proxy or a sandbox may stand before it. */
export const SERVER = new URL("../../", location.href.replace(/#.*/s, "")).href.replace(/\/$/, "");
const CONTROL = `${SERVER}/__mock__`;
const TOKEN = "mockserver.token";

/** The admin token; it is kept until the tab is closed. */
export const token = signal(sessionStorage.getItem(TOKEN) ?? "");
/** Whether the server has refused the token, or wants one. */
export const wantsToken = signal(false);
export const hasToken = computed(() => token.value !== "");

/** @param {string} value */
export function setToken(value) {
  if (value) {
    sessionStorage.setItem(TOKEN, value);
  } else {
    sessionStorage.removeItem(TOKEN);
  }
  token.value = value;
  wantsToken.value = false;
}

/** An error response of the control API: problem details. */
export class ControlError extends Error {
  /**
   * @param {number} status 0 if there was no response
   * @param {string} message
   * @param {Array<{field?: string, reason: string, line?: number, file?: string}>} [errors]
   */
  constructor(status, message, errors = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/**
 * @typedef {object} CallOptions
 * @property {Record<string, string | number | boolean | undefined>} [query]
 * @property {unknown} [body] sent as JSON
 * @property {BodyInit} [raw] sent as it is, instead
 * @property {Record<string, string>} [headers]
 * @property {string} [sandbox] another one than that of the page
 * @property {AbortSignal} [signal]
 */

/**
 * Sends a request to the control API; the response, if it is a success.
 * @param {string} method
 * @param {string} path below /__mock__, such as `/sandboxes`
 * @param {CallOptions} [options]
 * @returns {Promise<Response>}
 * @throws {ControlError}
 */
export async function send(method, path, options = {}) {
  const url = new URL(CONTROL + path);
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== "") {
      url.searchParams.set(name, String(value));
    }
  }
  /** @type {Record<string, string>} */
  const headers = { "X-Mock-Sandbox": toField(options.sandbox ?? sandbox.value) };
  if (token.value) {
    headers.Authorization = `Bearer ${toField(token.value)}`;
  }
  if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  Object.assign(headers, options.headers);
  const body = options.body === undefined ? options.raw : JSON.stringify(options.body);
  let response;
  try {
    response = await fetch(url, { method, headers, body, signal: options.signal, cache: "no-store" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new ControlError(0, `The server at '${SERVER}' does not respond. Is it still running?`);
  }
  if (response.ok) {
    return response;
  }
  if (response.status === 401) {
    wantsToken.value = true;
  }
  const problem = await response.json().catch(() => ({}));
  throw new ControlError(response.status, problem.detail ?? `The server responded ${response.status}.`, problem.errors);
}

/**
 * The JSON of a response; undefined for one without a body.
 * @param {string} method
 * @param {string} path
 * @param {CallOptions} [options]
 * @returns {Promise<any>}
 */
export async function call(method, path, options) {
  const response = await send(method, path, options);
  return response.status === 204 ? undefined : response.json();
}

/**
 * Sends a request to an API of the mock itself, in the sandbox of the page; any response is one.
 * @param {string} method
 * @param {string} target path and query
 * @param {Array<[string, string]>} fields of the header
 * @param {BodyInit} [body]
 */
export async function sendToMock(method, target, fields, body) {
  const headers = new Headers([["X-Mock-Sandbox", toField(sandbox.value)]]);
  fields.forEach(([name, value]) => headers.append(name, toField(value)));
  try {
    return await fetch(SERVER + target, { method, headers, body, cache: "no-store", credentials: "omit" });
  } catch (error) {
    throw new ControlError(0, `The browser got no response to ${method} ${target}: ${error}`);
  }
}

/** A path of the control API with values in it: path`/faults/${name}`. @type {(parts: TemplateStringsArray, ...values: string[]) => string} */
export function path(parts, ...values) {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

/** A text as the value of a header field, which has bytes: those of UTF-8. A URL can bring any text. @param {string} text */
function toField(text) {
  const bytes = new TextEncoder().encode(text.replace(/[\x00-\x1f\x7f]/g, "?"));
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/**
 * The server-sent events of a path as they come, until the signal says to stop. EventSource could send no token.
 * @param {string} path
 * @param {CallOptions} options
 * @param {(data: string) => void} onEvent
 */
export async function follow(path, options, onEvent) {
  const response = await send("GET", path, { ...options, headers: { Accept: "text/event-stream" } });
  const body = /** @type {ReadableStream<BufferSource>} */ (response.body);
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      throw new ControlError(0, `The server at '${SERVER}' has closed the connection.`);
    }
    const events = (rest + value).split("\n\n");
    rest = /** @type {string} */ (events.pop());
    for (const event of events) {
      for (const line of event.split("\n")) {
        if (line.startsWith("data: ")) {
          onEvent(line.slice(6));
        }
      }
    }
  }
}

/**
 * @template T
 * @typedef {object} Resource
 * @property {T | undefined} value what was loaded last
 * @property {Error | undefined} error why it could not be loaded
 * @property {boolean} isLoading
 * @property {() => void} reload
 */

/**
 * Loads something when a component is shown, and again when one of `inputs` or the sandbox changes.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {unknown[]} [inputs]
 * @returns {Resource<T>}
 */
export function useResource(load, inputs = []) {
  const [state, setState] = useState(
    /** @type {Omit<Resource<T>, "reload">} */ ({ value: undefined, error: undefined, isLoading: true }),
  );
  const [times, setTimes] = useState(0);
  const reload = useCallback(() => setTimes((it) => it + 1), []);
  const place = sandbox.value;
  useEffect(() => setState((it) => ({ ...it, value: undefined })), [place, ...inputs]);
  useEffect(() => {
    const controller = new AbortController();
    setState((it) => ({ ...it, isLoading: true }));
    load(controller.signal).then(
      (value) => !controller.signal.aborted && setState({ value, error: undefined, isLoading: false }),
      (error) => !controller.signal.aborted && setState({ value: undefined, error, isLoading: false }),
    );
    return () => controller.abort();
  }, [times, place, token.value, ...inputs]);
  return { ...state, reload };
}
