// What an exchange can become: a rule of a fault, and a scenario.
import { call, path } from "../../api.js";
import { html, useState } from "../../html.js";
import { Dialog, Field } from "../../parts/dialog.js";
import { saveFile } from "../../parts/file.js";
import { notify } from "../../parts/notices.js";
import { PlainText } from "../../parts/json.js";
import { Text, count } from "../../parts/text.js";
import { go } from "../../route.js";

/** @typedef {import("./exchange.js").Entry} Entry */
/** @typedef {import("./feed.js").Summary} Summary */

/** Effects by the name in the form: what each field of the form becomes. @type {Record<string, (value: string) => object>} */
const EFFECTS = {
  status: (value) => ({ status: Number(value) }),
  delay: (value) => ({ delay: value }),
  connection: (value) => ({ connection: value }),
};

/** A rule for what matches an exchange. @param {{entry: Entry, onClose: () => void}} props */
export function FaultDialog({ entry, onClose }) {
  const [kind, setKind] = useState("status");
  /** @param {Record<string, string>} fields */
  const create = async (fields) => {
    const match = {
      ...(entry.operation ? { api: entry.api, operation: entry.operation } : { path: entry.path }),
      ...(!entry.operation && { method: entry.method }),
      ...(fields.often === "first" && { first: Number(fields.number) }),
      ...(fields.often === "every" && { every: Number(fields.number) }),
      ...(fields.often === "percent" && { percent: Number(fields.number) }),
    };
    const body = { ...(fields.name && { name: fields.name }), match, effect: EFFECTS[kind](fields.value) };
    const made = await call("POST", "/faults", { body });
    notify(`The fault '${made.name}' holds from the next request on. The view Faults has it.`);
  };
  const target = entry.operation ? `${entry.api}.${entry.operation}` : `${entry.method} ${entry.path}`;
  return html`<${Dialog} title="Make this a fault" action="Add the rule" onClose=${onClose} onSubmit=${create}>
    <p>The rule is applied to requests for <${Text} value=${target} /> in this sandbox.</p>
    <${Field} label="Effect">
      <select name="effect" value=${kind} onChange=${(/** @type {any} */ event) => setKind(event.currentTarget.value)}>
        <option value="status">an error response</option>
        <option value="delay">a delay</option>
        <option value="connection">a cut connection</option>
      </select>
    <//>
    ${
      kind === "status" &&
      html`<${Field} label="Status" hint="400 to 599; the response has the shape of the API.">
        <input
          name="value"
          type="number"
          min="400"
          max="599"
          required
          value=${entry.status >= 400 ? entry.status : 503}
        />
      <//>`
    }
    ${kind === "delay" && html`<${Field} label="Delay" hint="Such as 800ms or 3s."><input name="value" required value="2s" /><//>`}
    ${
      kind === "connection" &&
      html`<${Field} label="Connection">
        <select name="value">
          <option value="reset">reset</option>
          <option value="empty">closed without a response</option>
          <option value="garbage">random data, then closed</option>
          <option value="malformed-chunk">closed in the middle of a body</option>
        </select>
      <//>`
    }
    <${Field} label="How often">
      <select name="often">
        <option value="always">each request</option>
        <option value="first">the first requests</option>
        <option value="every">every n-th request</option>
        <option value="percent">so many in a hundred</option>
      </select>
    <//>
    <${Field} label="Number" hint="Unless it is each request."
      ><input name="number" type="number" min="1" value="1" required
    /><//>
    <${Field} label="Name" hint="Without one, the server makes one."
      ><input name="name" pattern="[A-Za-z0-9._\\-]*" maxlength="64" autocomplete="off"
    /><//>
  <//>`;
}

/**
 * The scenario behind exchanges: the world in which they happened.
 * @param {{entry: Entry, shown: Summary[], onClose: () => void}} props
 */
export function ScenarioDialog({ entry, shown, onClose }) {
  const [made, setMade] = useState(/** @type {any} */ (undefined));
  /** @param {Record<string, string>} fields */
  const record = async ({ which, name, keep }) => {
    const ids = which === "one" ? [entry.id] : shown.map((it) => it.id);
    setMade(await call("POST", "/journal/record", { body: { name, ids, keep_personal_data: keep === "on" } }));
  };
  if (made) {
    return html`<${MadeDialog} made=${made} onClose=${onClose} />`;
  }
  return html`<${Dialog} title="Make this a scenario" action="Record" onClose=${onClose} onSubmit=${record} staysOpen>
    <p>
      The documents behind the responses become a scenario whose clock stands at the moment of the exchanges.
      Credentials are never recorded.
    </p>
    <${Field} label="Name"
      ><input name="name" required pattern="[A-Za-z0-9._\\-]+" maxlength="64" value="from-traffic" autocomplete="off"
    /><//>
    <${Field} label="Exchanges">
      <select name="which">
        <option value="one">this one</option>
        <option value="all">all ${count(shown.length, "exchange")} that the filters let through</option>
      </select>
    <//>
    <label
      ><input type="checkbox" name="keep" /> Keep personal data; without it, names, addresses and the like are
      replaced</label
    >
  <//>`;
}

/** @param {{made: {name: string, text: string, exchanges: number, notes: string[], not_used: Record<string, number>}, onClose: () => void}} props */
function MadeDialog({ made, onClose }) {
  const download = () => saveFile(new Blob([made.text], { type: "application/yaml" }), `${made.name}.yaml`);
  /** @param {Record<string, string>} fields */
  const load = async ({ sandbox }) => {
    await call("POST", "/sandboxes", { body: { name: sandbox } });
    try {
      const headers = { "Content-Type": "application/yaml" };
      await call("POST", "/load", { raw: made.text, headers, sandbox });
    } catch (error) {
      await call("DELETE", path`/sandboxes/${sandbox}`);
      throw error;
    }
    notify(`The sandbox '${sandbox}' has the world of the scenario.`);
    go({ view: "world", path: [], query: {}, sandbox });
  };
  const remarks = [
    ...made.notes,
    ...Object.entries(made.not_used).map(([reason, number]) => `Not used: ${reason}: ${number}`),
  ];
  return html`<${Dialog}
    title="The scenario"
    action="Load into a new sandbox"
    isWide
    onClose=${onClose}
    onSubmit=${load}
  >
    <p>
      ${count(made.exchanges, "exchange")} became <${Text} value=${made.name} />.
      <button type="button" class="small" onClick=${download}>Download the file</button>
    </p>
    ${
      remarks.length > 0 &&
      html`<ul>
        ${remarks.map((it) => html`<li><${Text} value=${it} /></li>`)}
      </ul>`
    }
    <div class="limited"><${PlainText} text=${made.text} /></div>
    <${Field} label="Sandbox" hint="A new one."
      ><input name="sandbox" required maxlength="64" value=${made.name} autocomplete="off"
    /><//>
  <//>`;
}
