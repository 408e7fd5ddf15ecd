// An editor of a scenario: its text with the numbers of its lines, and what is wrong with it, with line and field.
import { ControlError, call, path, send, useResource } from "../../api.js";
import { html, useEffect, useRef, useState } from "../../html.js";
import { Confirm } from "../../parts/dialog.js";
import { saveFile } from "../../parts/file.js";
import { Failure } from "../../parts/notices.js";
import { Text } from "../../parts/text.js";
import { go, route, sandbox } from "../../route.js";
import { useCompletion } from "./completion.js";

const YAML = { "Content-Type": "application/yaml" };
const PAUSE = 700; // milliseconds without a key until the text is checked
const DRAFT = "mockserver.scenario";
const NEW = "name: my-case\ndescription: What this world is for.\nextends: default\n";

/** @typedef {{line?: number, field?: string, reason: string}} Fault */

export function Editor() {
  const [text, setText] = useState(() => sessionStorage.getItem(DRAFT) ?? NEW);
  const [state, setState] = useState(/** @type {{isRight?: boolean, error?: Error}} */ ({}));
  const [isLoading, setLoading] = useState(false);
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const numbers = useRef(/** @type {HTMLPreElement | null} */ (null));
  const opened = route.value.query.scenario;
  const schema = useResource(loadSchema);
  const completion = useCompletion(area, schema.value);

  useEffect(() => {
    if (opened) {
      call("GET", path`/scenarios/${opened}`)
        .then(
          ({ source }) => setText(source),
          (error) => setState({ error }),
        )
        .finally(() => go({ query: {} }, { replace: true })); // a reload of the page keeps what is written then
    }
  }, [opened]);
  useEffect(() => {
    sessionStorage.setItem(DRAFT, text);
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      try {
        await send("POST", "/load", { query: { dry_run: true }, raw: text, headers: YAML, signal: controller.signal });
        setState({ isRight: true });
      } catch (error) {
        if (!controller.signal.aborted) {
          setState({ error: /** @type {Error} */ (error) });
        }
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text, sandbox.value]);

  const faults = /** @type {Fault[]} */ (state.error instanceof ControlError ? state.error.errors : []);
  const lines = new Set(faults.map((it) => it.line));
  const total = text.split("\n").length;
  /** Puts the cursor into a line. @param {number} line */
  const show = (line) => {
    const element = /** @type {HTMLTextAreaElement} */ (area.current);
    const start =
      text
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length + (line > 1 ? 1 : 0);
    element.focus();
    element.setSelectionRange(start, start);
    element.scrollTop = Math.max(0, (line - 4) * 18);
  };
  return html`<p class="facts">
      <button type="button" class="primary" disabled=${!state.isRight} onClick=${() => setLoading(true)}>Load</button>
      <button type="button" onClick=${() => save(text)}>Download</button>
      <span class="hint" id="editor-hint">Ctrl+Space suggests what may stand at the caret.</span>
      <span role="status">${state.isRight ? "Nothing is wrong." : state.error ? "" : "Checking …"}</span>
    </p>
    <div class="editor">
      <pre class="lines" aria-hidden="true" ref=${numbers}>
${Array.from({ length: total }, (_, index) => html`<span class=${lines.has(index + 1) ? "bad" : ""}>${index + 1}${"\n"}</span>`)}</pre>
      <textarea
        ref=${area}
        ...${completion.attributes}
        aria-label="The scenario as YAML"
        aria-describedby="editor-hint"
        aria-invalid=${state.error ? "true" : undefined}
        readonly=${Boolean(opened)}
        dir="ltr"
        wrap="off"
        spellcheck=${false}
        autocomplete="off"
        value=${text}
        onInput=${(/** @type {any} */ event) => {
          setState({});
          setText(event.currentTarget.value);
          completion.onInput(event);
        }}
        onScroll=${(/** @type {any} */ event) => {
          completion.close();
          numbers.current && (numbers.current.scrollTop = event.currentTarget.scrollTop);
        }}
      ></textarea>
    </div>
    ${completion.list}
    ${
      state.error &&
      (faults.length > 0
        ? html`<div class="failure faults" role="alert">
            <ul>
              ${faults.map(
                ({ line, field, reason }) =>
                  html`<li>
                    <button type="button" class="plain" onClick=${() => show(line ?? 1)}>line ${line ?? 1}</button
                    >${" "} <code><${Text} value=${field} /></code> <${Text} value=${reason} />
                  </li>`,
              )}
            </ul>
          </div>`
        : html`<${Failure} error=${state.error} />`)
    }
    ${
      isLoading &&
      html`<${Confirm}
        title="Load this scenario"
        action="Load"
        onClose=${() => setLoading(false)}
        onConfirm=${async () => {
          await send("POST", "/load", { raw: text, headers: YAML });
          return `The world of '${sandbox.value}' is that of this scenario.`;
        }}
      >
        <p>
          The world of <${Text} value=${sandbox.value} /> is replaced by this scenario: documents, clock, seed and
          faults. Its snapshots and its journal stay.
        </p>
      <//>`
    }`;
}

/** The schema of a scenario, with the scenarios that it can extend. @param {AbortSignal} signal */
async function loadSchema(signal) {
  const [schema, { scenarios }] = await Promise.all(["/schema", "/scenarios"].map((it) => call("GET", it, { signal })));
  schema.properties.extends.anyOf = scenarios.map((/** @type {{name: string, description: string}} */ it) => ({
    enum: [it.name],
    description: it.description,
  }));
  return schema;
}

/** @param {string} text */
function save(text) {
  const name = /^name:\s*([\w.-]+)/m.exec(text)?.[1] ?? "scenario";
  saveFile(new Blob([text], { type: "application/yaml" }), `${name}.yaml`);
}
