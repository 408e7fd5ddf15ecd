// Sends the request of an exchange again: to this server, in this sandbox, with a credential that its API accepts.
import { SERVER, call, sendToMock } from "../../api.js";
import { html } from "../../html.js";
import { attempt, notify } from "../../parts/notices.js";
import { sandbox } from "../../route.js";

/** @typedef {import("./exchange.js").Entry} Entry */
/** @typedef {{headers: Record<string, string>, query: Record<string, string>}} Credential */

const REDACTED = "***";
// What a browser or the connection sets, and what the sandbox of the page replaces.
const OWN =
  /^(accept-encoding|connection|content-length|cookie|expect|forwarded|host|keep-alive|origin|referer|te|trailer|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*|x-mock-sandbox|sec-.*|proxy-.*)$/i;

/** @param {{entry: Entry}} props */
export function ReplayButton({ entry }) {
  const replay = async () => {
    const response = await attempt(() => send(entry));
    if (response) {
      const credential = entry.api ? " with a credential that the API accepts" : "";
      notify(`The request was sent again${credential}. The status is ${response.status}; it was ${entry.status}.`);
    }
  };
  return html`<button type="button" class="small" onClick=${replay}>Replay</button>`;
}

/** @param {Entry} entry @returns {Promise<Response>} */
async function send(entry) {
  const { body = "", is_base64: isBinary, is_truncated: isCut } = entry.request;
  if (isCut) {
    throw new Error(
      "The journal has only the beginning of the body of this request, so it cannot be sent again. The server keeps more with --journal-body.",
    );
  }
  const credential = await findCredential(entry);
  const replaced = new Set(Object.keys(credential.headers).map((name) => name.toLowerCase()));
  const headers = (entry.request.headers ?? []).filter(
    ([name, value]) => !OWN.test(name) && !replaced.has(name.toLowerCase()) && !value.includes(REDACTED),
  );
  headers.push(...Object.entries(credential.headers));
  let query = entry.query;
  if (Object.keys(credential.query).length > 0) {
    const fields = new URLSearchParams(query);
    Object.entries(credential.query).forEach(([name, value]) => fields.set(name, value));
    query = String(fields);
  }
  const content = isBinary ? Uint8Array.from(atob(body), (character) => character.charCodeAt(0)) : body;
  return sendToMock(entry.method, entry.path + (query && `?${query}`), headers, body === "" ? undefined : content);
}

/** @param {Entry} entry @returns {Promise<Credential>} */
async function findCredential({ api, operation }) {
  const none = { headers: {}, query: {} };
  if (!api) {
    return none;
  }
  const { apis } = await call("GET", "/requests", { query: { api } });
  /** @type {Array<{operation: string, credential: Credential}>} */
  const requests = apis[0].requests;
  return (requests.find((it) => it.operation === operation) ?? requests[0])?.credential ?? none;
}

/** The request as a command for a shell. @param {Entry} entry */
export function writeCurl(entry) {
  const { body = "", is_base64: isBinary } = entry.request;
  const headers = (entry.request.headers ?? []).filter(([name]) => !OWN.test(name));
  const parts = [
    `curl -X ${quote(entry.method)} ${quote(SERVER + entry.path + (entry.query && `?${entry.query}`))}`,
    `-H ${quote(`X-Mock-Sandbox: ${sandbox.value}`)}`,
    ...headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
  ];
  if (body && !isBinary) {
    parts.push(`--data-binary ${quote(body)}`);
  }
  return parts.join(" \\\n  ");
}

/** A text as one word of a shell. @param {string} text */
function quote(text) {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
