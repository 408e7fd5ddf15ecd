// One exchange in full: request and response side by side, what violates the contract at its place, and why it failed.
import { call, path, useResource } from "../../api.js";
import { html, useState } from "../../html.js";
import { Json, JsonText, MarkList, PlainText } from "../../parts/json.js";
import { Loaded } from "../../parts/notices.js";
import { Code, CopyButton, Status, Text, formatBytes, formatTime } from "../../parts/text.js";
import { go } from "../../route.js";
import { unescapeToken } from "../../schema.js";
import { FaultDialog, ScenarioDialog } from "./dialogs.js";
import { ReplayButton, writeCurl } from "./replay.js";

/** @typedef {{headers?: Array<[string, string]>, body?: string, is_base64?: boolean, size?: number, is_truncated?: boolean}} Message */
/** @typedef {{location: string, keyword: string, rule: string, evidence: string, message: string, severity: "error" | "warning"}} Violation */
/**
 * @typedef {Omit<import("./feed.js").Summary, "violations"> & {request: Message, response: Message, world_at: string | null,
 *   evidence: string, problem: string, violations: Violation[], facts: Array<{kind: string, key: string, sentence?: string}>,
 *   changes: Array<{kind: string, key: string, change: string}>}} Entry as `JournalEntry` of the control API
 */
/** @typedef {{sentences: string[], nearest: Array<{operation: string, method: string, path: string, differences: string[]}>}} Explanation */
/** @typedef {import("../../parts/json.js").Mark} Mark */

/** @param {{id: string, shown: import("./feed.js").Summary[]}} props `shown` are the exchanges of the table */
export function Exchange({ id, shown }) {
  const entry = useResource((signal) => call("GET", path`/journal/${id}`, { signal }), [id]);
  return html`<section class="exchange" aria-label="Exchange ${id}">
    <${Loaded} of=${entry}>${(/** @type {Entry} */ it) => html`<${Details} entry=${it} shown=${shown} />`}<//>
  </section>`;
}

/** @param {{entry: Entry, shown: import("./feed.js").Summary[]}} props */
function Details({ entry, shown }) {
  const [dialog, setDialog] = useState("");
  const close = () => setDialog("");
  const isFailure = entry.status === 0 || entry.status >= 400 || entry.violations.length > 0 || entry.fault !== "";
  const marks = entry.violations.map((it) => ({
    pointer: it.location,
    severity: it.severity,
    content: html`<${ViolationText} violation=${it} api=${entry.api} />`,
  }));
  return html`
    <div class="heading">
      <h2>
        <${Status} status=${entry.status} /> <span class="method">${entry.method}</span> <${Code} value=${entry.path} />
      </h2>
      <span class="grow"></span>
      <${ReplayButton} entry=${entry} />
      <${CopyButton} text=${writeCurl(entry)}>Copy curl<//>
      <button type="button" class="small" onClick=${() => setDialog("fault")}>Make this a fault</button>
      <button type="button" class="small" onClick=${() => setDialog("scenario")}>Make this a scenario</button>
      <button type="button" class="small" onClick=${() => go({ path: [] })}>Close</button>
    </div>
    <dl class="facts">
      <div>
        <dt>Id</dt>
        <dd><${Code} value=${entry.id} /></dd>
      </div>
      <div>
        <dt>Operation</dt>
        <dd>${entry.operation ? html`<${Text} value=${`${entry.api}.${entry.operation}`} />` : "none"}</dd>
      </div>
      <div>
        <dt>Time</dt>
        <dd>${formatTime(entry.at)}</dd>
      </div>
      <div>
        <dt>Clock</dt>
        <dd>${entry.world_at ? html`<${Code} value=${entry.world_at} />` : "unknown"}</dd>
      </div>
      <div>
        <dt>Duration</dt>
        <dd>${entry.duration.toFixed(1)} ms</dd>
      </div>
      <div>
        <dt>Source</dt>
        <dd><${Text} value=${entry.source || "none"} /></dd>
      </div>
      <div>
        <dt>Evidence</dt>
        <dd><${Text} value=${entry.evidence || "none"} /></dd>
      </div>
      ${
        entry.fault &&
        html`<div>
          <dt>Fault</dt>
          <dd><${Text} value=${entry.fault} /></dd>
        </div>`
      }
      ${
        entry.changes.length > 0 &&
        html`<div>
          <dt>Changed</dt>
          <dd><${Text} value=${entry.changes.map((it) => `${it.kind} ${it.key} ${it.change}`).join(", ")} /></dd>
        </div>`
      }
    </dl>
    ${isFailure && html`<${Why} id=${entry.id} />`}
    <div class="sides">
      <section aria-label="Request">
        <h3>Request</h3>
        <${Query} query=${entry.query} marks=${marks} />
        <${Body} message=${entry.request} side="request" marks=${marks} />
        <${Headers} message=${entry.request} side="request" marks=${marks} />
        <${MarkList} marks=${below(marks, "/request", ["query", "headers", "header", "body"])} />
      </section>
      <section aria-label="Response">
        <h3>Response</h3>
        <${MarkList} marks=${below(marks, "/response", ["headers", "body"])} />
        <${Body} message=${entry.response} side="response" marks=${marks} />
        <${Headers} message=${entry.response} side="response" marks=${marks} />
      </section>
    </div>
    ${dialog === "fault" && html`<${FaultDialog} entry=${entry} onClose=${close} />`}
    ${dialog === "scenario" && html`<${ScenarioDialog} entry=${entry} shown=${shown} onClose=${close} />`}
  `;
}

/** @param {{id: string}} props */
function Why({ id }) {
  const why = useResource((signal) => call("GET", path`/journal/${id}/why`, { signal }), [id]);
  return html`<section class="why" aria-label="Why">
    <h3>Why</h3>
    <${Loaded} of=${why}>
      ${(/** @type {Explanation} */ { sentences, nearest }) => html`
        <ul>
          ${sentences.map((it) => html`<li><${Text} value=${it} /></li>`)}
        </ul>
        ${
          nearest.length > 0 &&
          html`<h3>Nearest operations</h3>
            <ul>
              ${nearest.map(
                (it) =>
                  html`<li>
                    <${Text} value=${`${it.operation}: `} /><${Code} value=${`${it.method} ${it.path}`} />
                    ${it.differences.length > 0 && html`<div><${Text} value=${it.differences.join("; ")} /></div>`}
                  </li>`,
              )}
            </ul>`
        }
      `}
    <//>
  </section>`;
}

/** What is violated, with the lines of the contract when they are asked for. @param {{violation: Violation, api: string}} props */
function ViolationText({ violation, api }) {
  const [isOpen, setOpen] = useState(false);
  return html`
    <strong>${violation.severity === "error" ? "Violation" : "Warning"}:</strong> <${Text} value=${violation.message} />
    <div class="rule">
      <${Code} value=${violation.location} /> <span class="badge">${violation.evidence}</span>
      ${
        api &&
        html`<details open=${isOpen} onToggle=${(/** @type {any} */ event) => setOpen(event.currentTarget.open)}>
          <summary>Contract: <${Code} value=${violation.rule} /></summary>
          ${isOpen && html`<${Rule} api=${api} pointer=${violation.rule} />`}
        </details>`
      }
    </div>
  `;
}

/** The part of the contract around a rule, which is marked in it. @param {{api: string, pointer: string}} props */
function Rule({ api, pointer }) {
  const contract = useResource((signal) => loadContract(api, signal), [api]);
  return html`<${Loaded} of=${contract}>
    ${(/** @type {any} */ document) => {
      const { value, around, rest } = cutContract(document, pointer);
      const mark = { pointer: rest, severity: "warning", content: "This rule is violated." };
      return html`<p class="hint"><${Code} value=${around} /></p>
        <${Json} value=${value} marks=${[mark]} />`;
    }}
  <//>`;
}

/** @type {Map<string, unknown>} */
const contracts = new Map();

/** @param {string} api @param {AbortSignal} signal */
async function loadContract(api, signal) {
  if (!contracts.has(api)) {
    contracts.set(api, await call("GET", path`/apis/${api}/openapi.json`, { signal }));
  }
  return contracts.get(api);
}

/**
 * The value of the contract two levels above a rule, or as near as there is one, and the rest of the pointer.
 * @param {any} document @param {string} pointer
 */
function cutContract(document, pointer) {
  const tokens = pointer.replace(/^#/, "").split("/").slice(1);
  const depth = Math.max(tokens.length - 2, Math.min(tokens.length, 2));
  let value = document;
  let reached = 0;
  for (const token of tokens.slice(0, depth)) {
    const name = unescapeToken(token);
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, name)) {
      break;
    }
    value = value[name];
    reached += 1;
  }
  const write = (/** @type {string[]} */ parts) => parts.map((part) => `/${part}`).join("");
  return { value, around: `#${write(tokens.slice(0, reached))}`, rest: write(tokens.slice(reached)) };
}

/** @param {{query: string, marks: Mark[]}} props */
function Query({ query, marks }) {
  if (!query) {
    return html`<${MarkList} marks=${under(marks, "/request/query")} />`;
  }
  const fields = [...new URLSearchParams(query)];
  return html`<h4>Query</h4>
    <${Fields} fields=${fields} base="/request/query" marks=${marks} />`;
}

/** @param {{message: Message, side: "request" | "response", marks: Mark[]}} props */
function Headers({ message, side, marks }) {
  const bases = [`/${side}/headers`, ...(side === "request" ? ["/request/header"] : [])];
  return html`<h4>Headers</h4>
    ${bases.map(
      (base, index) =>
        html`<${Fields} fields=${index === 0 ? (message.headers ?? []) : []} base=${base} marks=${marks} />`,
    )}`;
}

/** Names and values, with the marks of each; those of what is not there come last. @param {{fields: Array<[string, string]>, base: string, marks: Mark[]}} props */
function Fields({ fields, base, marks }) {
  const own = under(marks, base);
  const known = new Set(fields.map(([name]) => `${base}/${name}`));
  return html`
    ${
      fields.length > 0 &&
      html`<dl class="fields">
        ${fields.map(
          ([name, value]) =>
            html`<div>
              <dt><${Code} value=${name} /></dt>
              <dd>
                <${Code} value=${value} /><${MarkList}
                  marks=${own.filter((it) => unescapeToken(it.pointer) === `${base}/${name}`)}
                />
              </dd>
            </div>`,
        )}
      </dl>`
    }
    <${MarkList} marks=${own.filter((it) => !known.has(unescapeToken(it.pointer)))} />
  `;
}

/** @param {{message: Message, side: string, marks: Mark[]}} props */
function Body({ message, side, marks }) {
  const base = `/${side}/body`;
  const own = under(marks, base).map((it) => ({ ...it, pointer: it.pointer.slice(base.length) }));
  const { body = "", size = 0, is_base64: isBinary, is_truncated: isCut } = message;
  return html`<h4>
      Body
      <span class="hint">
        ${size > 0 ? formatBytes(size) : "empty"}${isBinary ? ", no text: shown in base64" : ""}${isCut ? ", of which the beginning is kept" : ""}</span
      >
      ${body && html` <${CopyButton} text=${body}>Copy<//>`}
    </h4>
    ${body && !isBinary ? html`<${JsonText} text=${body} marks=${own} />` : html`${body && html`<${PlainText} text=${body} />`}<${MarkList} marks=${own} />`}`;
}

/** @param {Mark[]} marks @param {string} base */
function under(marks, base) {
  return marks.filter(({ pointer }) => pointer === base || pointer.startsWith(`${base}/`));
}

/** The marks of a message that are at none of its parts, such as its path or its status. @param {Mark[]} marks @param {string} base @param {string[]} parts */
function below(marks, base, parts) {
  return under(marks, base).filter(
    ({ pointer }) => !parts.some((part) => `${pointer}/`.startsWith(`${base}/${part}/`)),
  );
}
