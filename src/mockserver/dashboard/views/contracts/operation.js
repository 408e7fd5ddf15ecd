// One operation: as its contract says it, with the evidence of each part, or a form that sends it.
import { call, path, useResource } from "../../api.js";
import { html, useState } from "../../html.js";
import { Json } from "../../parts/json.js";
import { Failure, Loaded } from "../../parts/notices.js";
import { Prose } from "../../parts/schema-form.js";
import { Code, Text } from "../../parts/text.js";
import { go, link, route } from "../../route.js";
import { escapeToken, expand, flatten, listExamples, locate } from "../../schema.js";
import { Evidence } from "./evidence.js";
import { TryOut } from "./try.js";

/** @typedef {{document: any, evidence: Record<string, Record<string, Why>>}} Contract `evidence` is by operationId, then by JSON Pointer */
/** @typedef {{evidence: string, note: string, line: number}} Why */
/** @typedef {Why & {value: any, pointer: string}} Part a part of an operation */
/**
 * @typedef {object} Described
 * @property {string} method
 * @property {string} path with the base of the API
 * @property {Part} operation
 * @property {Part[]} parameters
 * @property {Part | undefined} body
 * @property {Array<Part & {status: string}>} responses
 */

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** @param {{api: string, id: string}} props */
export function Operation({ api, id }) {
  const contract = useResource(
    async (signal) => {
      const [document, evidence, apis] = await Promise.all([
        call("GET", path`/apis/${api}/openapi.json`, { signal }),
        call("GET", path`/apis/${api}/evidence.json`, { signal }),
        call("GET", "/apis", { signal }),
      ]);
      const base = apis.find((/** @type {any} */ it) => it.name === api)?.base ?? "";
      return { contract: { document, evidence }, described: describe({ document, evidence }, id, base) };
    },
    [api, id],
  );
  const isTrying = route.value.path[2] === "try";
  return html`<section class="exchange" aria-label="Operation ${id}">
    <${Loaded} of=${contract}>
      ${(/** @type {{contract: Contract, described: Described | undefined}} */ { contract, described }) =>
        described
          ? html`<div class="heading">
                <h2><span class="method">${described.method}</span> <${Code} value=${described.path} /></h2>
                <nav class="tabs" aria-label="Operation">
                  <a href=${link({ path: [api, id] })} aria-current=${isTrying ? undefined : "page"}>Contract</a>
                  <a href=${link({ path: [api, id, "try"] })} aria-current=${isTrying ? "page" : undefined}
                    >Try it out</a
                  >
                </nav>
                <span class="grow"></span>
                <button type="button" class="small" onClick=${() => go({ path: [] })}>Close</button>
              </div>
              ${
                isTrying
                  ? html`<${TryOut} api=${api} id=${id} contract=${contract} described=${described} />`
                  : html`<${Description} api=${api} contract=${contract} described=${described} />`
              }`
          : html`<${Failure}
              error=${new Error(`The API '${api}' has no operation '${id}'. The list has those that there are.`)}
            />`}
    <//>
  </section>`;
}

/** @param {Contract} contract @param {string} id @param {string} base @returns {Described | undefined} */
function describe({ document, evidence }, id, base) {
  for (const [template, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const place = `/paths/${escapeToken(template)}`;
      const own = locate(document, `${place}/${method}`);
      if (own.value?.operationId !== id) {
        continue;
      }
      /** @param {string} pointer @returns {Part} */
      const read = (pointer) => {
        const { value, pointer: at } = locate(document, pointer);
        return { value, pointer: at, ...evidence[id][at] };
      };
      const list = (/** @type {string} */ where, /** @type {any} */ node) =>
        (node.parameters ?? []).map((/** @type {unknown} */ _, /** @type {number} */ index) =>
          read(`${where}/parameters/${index}`),
        );
      // A parameter of the operation goes before one of the path with its name and place.
      const parameters = new Map(
        [...list(place, item), ...list(own.pointer, own.value)].map((it) => [`${it.value.in} ${it.value.name}`, it]),
      );
      return {
        method: method.toUpperCase(),
        path: base + template,
        operation: read(own.pointer),
        parameters: [...parameters.values()],
        body: own.value.requestBody && read(`${own.pointer}/requestBody`),
        responses: Object.keys(own.value.responses ?? {}).map((status) => ({
          status,
          ...read(`${own.pointer}/responses/${escapeToken(status)}`),
        })),
      };
    }
  }
  return undefined;
}

/** @param {{api: string, contract: Contract, described: Described}} props */
function Description({ api, contract, described }) {
  const { operation, parameters, body, responses } = described;
  return html`
    <p>
      <strong><${Text} value=${operation.value.summary ?? ""} /></strong>
    </p>
    <${Why} part=${operation} api=${api} />
    <${Paragraphs} text=${operation.value.description ?? ""} />
    <h3>Parameters</h3>
    ${parameters.length === 0 && html`<p class="hint">none</p>`}
    ${parameters.map(
      (it) =>
        html`<section class="place ${it.evidence}" aria-label="Parameter ${it.value.name}">
          <div class="line">
            <strong><${Code} value=${it.value.name} /></strong>
            <span class="hint">in ${it.value.in}${it.value.required ? ", required" : ""}</span>
            <${Code} value=${summarize(flatten(it.value.schema ?? {}, contract.document))} />
          </div>
          <${Paragraphs} text=${it.value.description ?? ""} />
          <${Why} part=${it} api=${api} />
        </section>`,
    )}
    ${
      body &&
      html`<h3>Request body</h3>
        <section class="place ${body.evidence}" aria-label="Request body">
          <div class="line"><span class="hint">${body.value.required ? "required" : "optional"}</span></div>
          <${Paragraphs} text=${body.value.description ?? ""} />
          <${Why} part=${body} api=${api} />
          <${Content} document=${contract.document} content=${body.value.content} />
        </section>`
    }
    <h3>Responses</h3>
    ${responses.map(
      (it) =>
        html`<section class="place ${it.evidence}" aria-label="Response ${it.status}">
          <div class="line"><strong>${it.status}</strong> <${Prose} text=${(it.value.description ?? "").trim()} /></div>
          <${Why} part=${it} api=${api} />
          <${Content} document=${contract.document} content=${it.value.content} />
        </section>`,
    )}
  `;
}

/** A description, whose paragraphs stand between empty lines. @param {{text: string}} props */
function Paragraphs({ text }) {
  const paragraphs = text.trim().split(/\n\s*\n/);
  return text.trim() && paragraphs.map((it) => html`<p><${Prose} text=${it.replaceAll("\n", " ")} /></p>`);
}

/** Why a part is believed, and where it stands. @param {{part: Part, api: string}} props */
function Why({ part, api }) {
  return html`<p class="why-line">
    <${Evidence} value=${part.evidence} />
    ${part.note && html` <${Prose} text=${part.note} />`}
    <span class="hint"> <${Code} value=${`${api}.yaml`} />, line ${part.line}</span>
  </p>`;
}

/** The schema and the examples of each content type. @param {{document: any, content?: Record<string, any>}} props */
function Content({ document, content = {} }) {
  return Object.entries(content).map(
    ([type, media]) =>
      html`${media.schema && html`<${Closed} title=${html`Schema <${Code} value=${type} />`}>${() => html`<${Json} value=${expand(document, media.schema)} />`}<//>`}
      ${Object.entries(listExamples(document, media)).map(([name, value]) => html`<${Closed} title=${html`Example <${Code} value=${name} />`}>${() => html`<${Json} value=${value} />`}<//>`)}`,
  );
}

/** What is made when it is opened. @param {{title: import("../../html.js").Children, children: () => import("../../html.js").Children}} props */
function Closed({ title, children }) {
  const [isOpen, setOpen] = useState(false);
  return html`<details open=${isOpen} onToggle=${(/** @type {any} */ event) => setOpen(event.currentTarget.open)}>
    <summary>${title}</summary>
    ${isOpen && children()}
  </details>`;
}

/** A schema in a line. @param {any} schema */
export function summarize({ type = "any", format, pattern, enum: values, minimum, maximum, default: value, items }) {
  return [
    type === "array" ? `list of ${items?.type ?? "any"}` : type,
    format,
    values && `one of ${values.map((/** @type {unknown} */ it) => JSON.stringify(it)).join(", ")}`,
    minimum !== undefined && `from ${minimum}`,
    maximum !== undefined && `to ${maximum}`,
    pattern && `pattern ${pattern}`,
    value !== undefined && `default ${JSON.stringify(value)}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
