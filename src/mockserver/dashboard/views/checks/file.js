// A report of `mockserver check` from a file of this machine. The page reads it itself, and sends it only to keep it.
import { SERVER, send } from "../../api.js";
import { html, signal } from "../../html.js";
import { Failure, attempt, notify } from "../../parts/notices.js";
import { Heading } from "../../parts/shell.js";
import { Code, CopyButton, Text } from "../../parts/text.js";
import { go, link, route } from "../../route.js";
import { Coverage } from "./coverage.js";
import { Facts, Findings, Verdicts } from "./findings.js";
import { readReport } from "./report.js";

/** The report that is open, until the page is closed. */
const opened = signal(/** @type {{report?: import("./report.js").Report, content?: string, error?: Error}} */ ({}));

/** Opens a report of a file. */
export function OpenReport() {
  /** @param {Event & {currentTarget: HTMLInputElement}} event */
  const open = async (event) => {
    const input = event.currentTarget;
    const file = input.files?.[0];
    if (!file) {
      return;
    }
    try {
      const content = await file.text();
      opened.value = { content, report: readReport(file.name, content) };
    } catch (error) {
      opened.value = { error: /** @type {Error} */ (error) };
    }
    input.value = ""; // so that the same file can be opened again
    go({ path: ["file"], query: {} });
  };
  return html`<label class="file"
    >Open a report <input type="file" accept=".json,application/json" onChange=${open}
  /></label>`;
}

/** The links between the parts of a report. @param {{place: string}} props */
export function ReportTabs({ place }) {
  const isCoverage = route.value.path[1] === "coverage";
  return html`<nav class="tabs" aria-label="Report">
    <a href=${link({ path: [place], query: {} })} aria-current=${isCoverage ? undefined : "page"}>Findings</a>
    <a href=${link({ path: [place, "coverage"], query: {} })} aria-current=${isCoverage ? "page" : undefined}
      >Coverage</a
    >
  </nav>`;
}

/** @param {{report: import("./report.js").Report}} props */
export function Report({ report }) {
  return html`<${Verdicts} report=${report} /> ${
      route.value.path[1] === "coverage"
        ? html`<${Coverage} report=${report} />`
        : html`<${Findings} report=${report} />`
    }`;
}

export function FileReport() {
  const { report, content, error } = opened.value;
  const keep = () =>
    attempt(async () => {
      const headers = { "Content-Type": "application/json" };
      const run = await (await send("POST", "/checks/reports", { raw: content, headers })).json();
      notify(`The report is check ${run.id} of the history.`);
      go({ path: [String(run.id)], query: {} });
    });
  return html`
    <${Heading} title="Report">
      ${report && html`<${ReportTabs} place="file" />`}
      <span class="grow"></span>
      ${report && html`<button type="button" onClick=${keep}>Keep it in the history</button>`}
      <${OpenReport} />
      <a href=${link({ path: [], query: {} })}>All checks</a>
    <//>
    ${error && html`<${Failure} error=${error} />`}
    ${
      report
        ? html`<${Facts}
              label="Report"
              facts=${[
                ["File", html`<${Text} value=${report.file} />`],
                ["Target", html`<${Code} value=${report.target} />`],
              ]}
            />
            <${Report} key=${report.file} report=${report} />`
        : html`<${Hint} />`
    }
  `;
}

function Hint() {
  const command = `mockserver check ${SERVER} --report json=report.json`;
  return html`<p>
      This command checks this server against its contracts and writes a report that can be opened here. With the URL of
      another deployment, it checks that one.
    </p>
    <pre class="text" tabindex="0">${command}</pre>
    <p><${CopyButton} text=${command}>Copy the command<//></p>
    <p class="hint">
      The page reads the file itself. It is sent to this server only if you keep it in the history, and forgotten when
      the page is closed.
    </p>`;
}
