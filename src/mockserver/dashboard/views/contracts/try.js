// Sends an operation by a form: parameters with their examples, a credential that works, and what the response should be.
import { call, path, sendToMock, useResource } from "../../api.js";
import { html, useMemo, useState } from "../../html.js";
import { JsonText, MarkList } from "../../parts/json.js";
import { Failure } from "../../parts/notices.js";
import { SchemaFields } from "../../parts/schema-form.js";
import { Code, Status, Text, formatBytes } from "../../parts/text.js";
import { link } from "../../route.js";
import { escapeToken, flatten, hasProperties, listExamples } from "../../schema.js";
import { summarize } from "./operation.js";

/** @typedef {import("./operation.js").Described} Described */
/** @typedef {{location: string, severity: "error" | "warning", message: string, evidence?: string}} Violation */
/** @typedef {{id: string, status: number, duration: number, headers: Array<[string, string]>, body: string, size: number, violations: Violation[], sentences: string[]}} Outcome */

const LOCATIONS = /** @type {const} */ (["path", "query", "header"]);
const TRIES = 5;
const PAUSE = 100; // milliseconds until the journal has an exchange

/** @param {{api: string, id: string, contract: import("./operation.js").Contract, described: Described}} props */
export function TryOut({ api, id, contract, described }) {
  const credential = useResource((signal) => findCredential(api, id, signal), [api, id]);
  const form = useMemo(() => describeForm(contract.document, described), [contract, described]);
  const [body, setBody] = useState(Object.values(form.bodies)[0] ?? "");
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState(/** @type {{value?: Outcome, error?: Error}} */ ({}));

  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = /** @type {Record<string, string>} */ (
      Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)))
    );
    setBusy(true);
    try {
      setOutcome({
        value: await send(described, form, fields, body, fields.credential ? await findCredential(api, id) : undefined),
      });
    } catch (error) {
      setOutcome({ error: /** @type {Error} */ (error) });
    }
    setBusy(false);
  };
  return html`
    <form class="try" onSubmit=${submit}>
      ${LOCATIONS.map(
        (location) =>
          hasProperties(form[location].schema) &&
          html`<fieldset class="schema">
            <legend>${{ path: "Path", query: "Query", header: "Headers" }[location]}</legend>
            <${SchemaFields} base="/${location}" ...${form[location]} />
          </fieldset>`,
      )}
      ${
        form.types.length > 0 &&
        html`<fieldset class="schema">
          <legend>Body</legend>
          <div class="line">
            <label>
              Content type
              <select name="type">
                ${form.types.map((it) => html`<option value=${it}>${it}</option>`)}
              </select>
            </label>
            ${
              Object.keys(form.bodies).length > 0 &&
              html`<label>
                Example
                <select onChange=${(/** @type {any} */ event) => setBody(form.bodies[event.currentTarget.value])}>
                  ${Object.keys(form.bodies).map((it) => html`<option value=${it}>${it}</option>`)}
                </select>
              </label>`
            }
          </div>
          <textarea
            class="body"
            aria-label="Body"
            dir="auto"
            rows=${Math.min(Math.max(body.split("\n").length, 3), 12)}
            spellcheck=${false}
            value=${body}
            onInput=${(/** @type {any} */ event) => setBody(event.currentTarget.value)}
          ></textarea>
        </fieldset>`
      }
      <fieldset class="schema">
        <legend>The response should be</legend>
        <div class="line wrap">
          <label>
            Status
            <select name="code">
              <option value="">as the world has it</option>
              ${form.statuses.map((it) => html`<option value=${it}>${it}</option>`)}
            </select>
          </label>
          <label>
            Example
            <select name="example">
              <option value="">none</option>
              ${form.examples.map((it) => html`<option value=${it}>${it}</option>`)}
            </select>
          </label>
          <label>Delay <input class="short" name="delay" inputmode="numeric" placeholder="0" /> ms</label>
        </div>
      </fieldset>
      <div class="line wrap">
        <label
          ><input type="checkbox" name="credential" defaultChecked=${true} /> Send a credential that the world
          accepts</label
        >
        <${Credential} of=${credential.value} />
      </div>
      <div class="line wrap">
        <button type="submit" class="primary" disabled=${isBusy}>Send the request</button>
        <span class="hint" role="status"
          >${isBusy ? "Sending …" : outcome.value ? `The status is ${outcome.value.status}.` : ""}</span
        >
      </div>
    </form>
    ${outcome.error && html`<${Failure} error=${outcome.error} />`}
    ${outcome.value && html`<${ResponseView} outcome=${outcome.value} />`}
  `;
}

/** @typedef {{headers: Record<string, string>, query: Record<string, string>}} CredentialFields */

/** @param {{of?: CredentialFields}} props */
function Credential({ of }) {
  const fields = Object.entries({ ...of?.headers, ...of?.query });
  return fields.map(([name, value]) => html`<${Code} value=${`${name}: ${value}`} />`);
}

/** @param {{outcome: Outcome}} props */
function ResponseView({ outcome }) {
  const { id, status, duration, headers, body, size, violations, sentences } = outcome;
  const marks = violations.map((it) => ({
    pointer: it.location,
    severity: it.severity,
    content: html`<strong>${it.severity === "error" ? "Violation" : "Warning"}:</strong> <${Text} value=${it.message} />
      <div class="rule">
        <${Code} value=${it.location} /> ${it.evidence && html`<span class="badge">${it.evidence}</span>`}
      </div>`,
  }));
  const inBody = "/response/body";
  const own = marks.filter(({ pointer }) => `${pointer}/`.startsWith(`${inBody}/`));
  return html`<section class="response" aria-label="Response">
    <h3>
      Response <${Status} status=${status} />
      <span class="hint"> ${duration.toFixed(0)} ms, ${formatBytes(size)}</span>
      ${id && html` <a href=${link({ view: "traffic", path: [id], query: {} })}>Show it in Traffic</a>`}
    </h3>
    ${
      sentences.length > 0 &&
      html`<div class="why">
        <h3>Why</h3>
        <ul>
          ${sentences.map((it) => html`<li><${Text} value=${it} /></li>`)}
        </ul>
      </div>`
    }
    <${MarkList} marks=${marks.filter((it) => !own.includes(it))} />
    <h4>Body</h4>
    ${
      body
        ? html`<${JsonText}
            text=${body}
            marks=${own.map((it) => ({ ...it, pointer: it.pointer.slice(inBody.length) }))}
          />`
        : html`<p class="hint">empty</p>
            <${MarkList} marks=${own} />`
    }
    <h4>Headers</h4>
    <dl class="fields">
      ${headers.map(
        ([name, value]) =>
          html`<div>
            <dt><${Code} value=${name} /></dt>
            <dd><${Code} value=${value} /></dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

/** @typedef {{schema: {properties: Record<string, any>, required: string[]}, values: Record<string, any>, suggestions: Record<string, Array<{value: string}>>}} Group */

/** What the form has, by the contract. @param {any} document @param {Described} described */
function describeForm(document, { parameters, body, responses, operation }) {
  /** @returns {Group} */
  const make = () => ({ schema: { properties: {}, required: [] }, values: {}, suggestions: {} });
  const groups = { path: make(), query: make(), header: make() };
  for (const { value: parameter } of parameters) {
    const group = groups[/** @type {"path"} */ (parameter.in)];
    if (group) {
      const schema = flatten(parameter.schema ?? {}, document);
      const shown = [
        ...Object.values(listExamples(document, parameter)),
        ...[schema.example, ...(schema.enum ?? []), schema.default, schema.minimum],
      ].filter((it) => it !== undefined);
      const { name } = parameter;
      group.schema.properties[name] = {
        // Any text can be sent, also one that the schema refuses.
        ...(schema.type === "array" ? { type: "array", items: { type: "string" } } : { type: "string" }),
        description: summarize(schema),
      };
      group.suggestions[name] = [...new Set(shown.map(write))].map((value) => ({ value }));
      if (parameter.required || parameter.in === "path") {
        group.schema.required.push(name);
        group.values[name] = shown[0] === undefined ? undefined : write(shown[0]);
      }
    }
  }
  const content = /** @type {Record<string, any>} */ (body?.value.content ?? {});
  const contents = responses.flatMap(({ value }) => Object.values(value.content ?? {}));
  return {
    ...groups,
    types: Object.keys(content),
    bodies: Object.fromEntries(
      Object.values(content).flatMap((media) =>
        Object.entries(listExamples(document, media)).map(([name, value]) => [
          name,
          typeof value === "string" ? value : JSON.stringify(value, null, 2),
        ]),
      ),
    ),
    statuses: responses.map(({ status }) => status).filter((it) => /^[0-9]{3}$/.test(it)),
    examples: [...new Set(contents.flatMap((media) => Object.keys(media.examples ?? {})))],
    headers: /** @type {Array<[string, string]>} */ (Object.entries(operation.value["x-request-headers"] ?? {})),
    parameters: parameters.map((it) => it.value),
  };
}

/** @param {unknown} value */
function write(value) {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * @param {Described} described
 * @param {ReturnType<typeof describeForm>} form
 * @param {Record<string, string>} fields
 * @param {string} body
 * @param {CredentialFields} [credential]
 * @returns {Promise<Outcome>}
 */
async function send({ method, path: template }, form, fields, body, credential) {
  const query = new URLSearchParams();
  /** @type {Map<string, [string, string]>} */
  const headers = new Map();
  const set = (/** @type {string} */ name, /** @type {string} */ value) =>
    headers.set(name.toLowerCase(), [name, value]);
  form.headers.forEach(([name, value]) => set(name, value));
  let target = template;
  for (const { name, in: location, schema, explode, style } of form.parameters) {
    const text = fields[`/${location}/${escapeToken(name)}`] ?? "";
    if (text === "" && location !== "path") {
      continue;
    }
    const isList = schema?.type === "array";
    const values = isList ? text.split("\n").filter((it) => it !== "") : [text];
    const separator = style === "pipeDelimited" ? "|" : style === "spaceDelimited" ? " " : ",";
    if (location === "path") {
      target = target.replaceAll(`{${name}}`, () => values.map(encodeURIComponent).join(","));
    } else if (location === "header") {
      set(name, values.join(","));
    } else if (location === "query") {
      const sent = isList && explode === false ? [values.join(separator)] : values;
      sent.forEach((value) => query.append(name, value));
    }
  }
  Object.entries(credential?.headers ?? {}).forEach(([name, value]) => set(name, value));
  Object.entries(credential?.query ?? {}).forEach(([name, value]) => query.set(name, value));
  const preferred = ["code", "example", "delay"]
    .filter((name) => fields[name])
    .map((name) => `${name}=${fields[name]}`);
  if (preferred.length > 0) {
    set("Prefer", preferred.join(", "));
  }
  const hasBody = form.types.length > 0 && body !== "";
  if (hasBody) {
    set("Content-Type", fields.type);
  }
  const began = performance.now();
  const whole = target + (query.size > 0 ? `?${query}` : "");
  const response = await sendToMock(method, whole, [...headers.values()], hasBody ? body : undefined);
  const content = await response.arrayBuffer();
  const duration = performance.now() - began;
  return {
    status: response.status,
    duration,
    headers: [...response.headers],
    body: new TextDecoder().decode(content),
    size: content.byteLength,
    ...(await explain(response)),
  };
}

/** Why a request failed, as the journal has it; the header has the warnings of one that did not. @param {Response} response */
async function explain(response) {
  const id = response.headers.get("X-Mock-Why")?.split("/").at(-2) ?? "";
  for (let times = 0; id && times < TRIES; times++) {
    try {
      const [entry, why] = await Promise.all([
        call("GET", path`/journal/${id}`),
        call("GET", path`/journal/${id}/why`),
      ]);
      return { id, violations: entry.violations, sentences: why.sentences };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
  return { id: "", violations: readViolations(response.headers.get("X-Mock-Violations")), sentences: [] };
}

/** @param {string | null} header @returns {Violation[]} */
function readViolations(header) {
  try {
    return JSON.parse(header ?? "[]").filter((/** @type {any} */ it) => it.location !== undefined);
  } catch {
    return [];
  }
}

/** @param {string} api @param {string} id @param {AbortSignal} [signal] @returns {Promise<CredentialFields>} */
async function findCredential(api, id, signal) {
  const { apis } = await call("GET", "/requests", { query: { api }, signal });
  const requests = /** @type {Array<{operation: string, credential: CredentialFields}>} */ (apis[0].requests);
  const found = requests.find((it) => it.operation === id) ?? requests[0];
  return found?.credential ?? { headers: {}, query: {} };
}
