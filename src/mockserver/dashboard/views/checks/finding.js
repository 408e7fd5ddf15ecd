// One finding in full: what is wrong, why it is wrong, and the request and the response that show it.
import { html } from "../../html.js";
import { JsonText, PlainText } from "../../parts/json.js";
import { Code, CopyButton, Status, Text, formatNumber } from "../../parts/text.js";
import { Evidence } from "../contracts/evidence.js";

/** @param {{finding: import("./report.js").Finding, onClose: () => void}} props */
export function FindingDetails({ finding, onClose }) {
  const { name, sentence, evidence, evidenceNote, note, also, places, curl, response, sequence, script } = finding;
  const facts = [
    ["Operation", `${finding.api}.${finding.operation}`],
    ["Status", finding.status || "none"],
    ["Rule", finding.source],
    ["Location", finding.location],
    ["Phases", finding.phases.join(", ")],
    ["Count", formatNumber(finding.count)],
  ];
  return html`<section class="exchange" aria-label="Finding">
    <div class="heading">
      <h2><${Text} value=${sentence} /></h2>
      <span class="grow"></span>
      <button type="button" class="small" onClick=${onClose}>Close</button>
    </div>
    <dl class="facts">
      ${facts.map(
        ([title, value]) =>
          value &&
          html`<div>
            <dt>${title}</dt>
            <dd><${Code} value=${value} /></dd>
          </div>`,
      )}
    </dl>
    <p>
      <${Evidence} value=${evidence} /> <${Text} value=${evidenceNote} />
      ${note && html`<br /><${Text} value=${note} />`}
    </p>
    ${
      also.length > 0 &&
      html`<h3>Also</h3>
        <ul>
          ${also.map((it) => html`<li><${Text} value=${it} /></li>`)}
        </ul>`
    }
    <div class="sides">
      <section aria-label="Request">
        <h3>Request ${curl && html`<${CopyButton} text=${curl}>Copy curl<//>`}</h3>
        ${curl ? html`<${PlainText} text=${curl} />` : html`<p class="hint">none</p>`}
      </section>
      <section aria-label="Response">
        <h3>Response ${finding.status > 0 && html`<${Status} status=${finding.status} />`}</h3>
        ${response ? html`<${JsonText} text=${response} />` : html`<p class="hint">${response === "" ? "an empty body" : "none"}</p>`}
      </section>
    </div>
    ${
      sequence.length > 0 &&
      html`<h3>Sequence ${script && html`<${CopyButton} text=${script}>Copy the script<//>`}</h3>
        <ol>
          ${sequence.map(
            (it) =>
              html`<li>
                <span class="method">${it.method}</span> <${Code} value=${it.url} /> <${Status} status=${it.status} />
                ${it.body && html`<${JsonText} text=${it.body} />`}
                ${it.response && html`<${JsonText} text=${it.response} />`}
              </li>`,
          )}
        </ol>`
    }
    ${
      places.length > 1 &&
      html`<h3>Places</h3>
        <ul>
          ${places.map((it) => html`<li><${Code} value=${`${it.operation} ${it.status || ""}`} /> ${formatNumber(it.count)} times</li>`)}
        </ul>`
    }
    <p class="hint">In a baseline: <${Code} value=${name} /></p>
  </section>`;
}
