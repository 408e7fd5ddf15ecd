// The form that starts a check of this server or of a target.
import { call, useResource } from "../../api.js";
import { html, useState } from "../../html.js";
import { Dialog, Field } from "../../parts/dialog.js";
import { Text } from "../../parts/text.js";
import { go } from "../../route.js";
import { PHASES } from "./runs.js";

/** @param {{checks: import("./runs.js").Checks, onClose: () => void}} props */
export function StartDialog({ checks, onClose }) {
  const served = useResource(
    async (signal) => /** @type {Array<{name: string}>} */ (await call("GET", "/apis", { signal })),
  );
  const [name, setName] = useState("");
  const target = checks.targets.find((it) => it.name === name);
  const apis = target?.apis ?? (served.value ?? []).map((it) => it.name);
  /** @param {Record<string, string>} fields */
  const start = async (fields) => {
    /** The boxes of a group that are ticked; undefined if none is. @param {string} group @param {string[]} names */
    const list = (group, names) => {
      const ticked = names.filter((it) => fields[`${group}:${it}`] === "on");
      return ticked.length > 0 ? ticked : undefined;
    };
    const operations = fields.operations.split(/[\s,]+/).filter(Boolean);
    const body = {
      ...{ target: name || undefined, apis: list("api", apis), phases: list("phase", PHASES) },
      ...{ operations: operations.length > 0 ? operations : undefined, quick: fields.quick === "on" },
      ...{ seed: readNumber(fields.seed), workers: readNumber(fields.workers) },
    };
    const run = await call("POST", "/checks", { body });
    go({ path: [String(run.id)], query: {} });
  };
  /** @param {string} group @param {string} title @param {string[]} names */
  const boxes = (group, title, names) =>
    html`<fieldset class="boxes">
      <legend>${title}</legend>
      ${names.map(
        (it) =>
          html`<label class="check" key=${it}
            ><input type="checkbox" name="${group}:${it}" /><${Text} value=${it}
          /></label>`,
      )}
      <small>If none is chosen, all are.</small>
    </fieldset>`;
  return html`<${Dialog} title="Start a check" action="Start" onClose=${onClose} onSubmit=${start}>
    <${Field}
      label="Target"
      hint=${checks.targets_error ?? "This server is checked in sandboxes of its own. Others are in the targets file."}
    >
      <select name="target" value=${name} onChange=${(/** @type {any} */ event) => setName(event.currentTarget.value)}>
        <option value="">this server</option>
        ${checks.targets.map((it) => html`<option value=${it.name}>${`${it.name} (${it.url})`}</option>`)}
      </select>
    <//>
    ${boxes("api", "APIs", apis)} ${boxes("phase", "Phases", PHASES)}
    <label class="check"><input type="checkbox" name="quick" />Quick: fewer requests</label>
    <${Field} label="Operations" hint="By operationId; without it, all.">
      <input name="operations" autocomplete="off" spellcheck=${false} />
    <//>
    <${Field} label="Seed" hint="A number; without it, that of 'mockserver check'.">
      <input name="seed" inputmode="numeric" pattern="[0-9]*" autocomplete="off" />
    <//>
    <${Field}
      label="Workers"
      hint="How many requests that only read are sent at a time; without it, as the target says."
    >
      <input name="workers" type="number" min="1" max="64" />
    <//>
  <//>`;
}

/** @param {string} text */
function readNumber(text) {
  return text === "" ? undefined : Number(text);
}
