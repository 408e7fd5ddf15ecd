// One check, also of another client: how far it is, and its report when it has ended.
import { call, path, send, useResource } from "../../api.js";
import { html, useEffect } from "../../html.js";
import { formatMoment } from "../../parts/clock.js";
import { saveFile } from "../../parts/file.js";
import { Loaded, attempt } from "../../parts/notices.js";
import { Heading } from "../../parts/shell.js";
import { Table } from "../../parts/table.js";
import { Code, Text, count, formatNumber } from "../../parts/text.js";
import { go, link } from "../../route.js";
import { Report, ReportTabs } from "./file.js";
import { Facts } from "./findings.js";
import { StateText, add, describe } from "./runs.js";
import { readReport } from "./report.js";

/** @typedef {import("./runs.js").CheckRun} CheckRun */
/** @typedef {import("./runs.js").Stage} Stage */

const STAGE_NUMBERS = /** @type {const} */ ([
  ["Requests", "requests"],
  ["Findings", "findings"],
  ["Seconds", "seconds"],
]);
const THIS_SERVER = "this server"; // the name of the target that needs none
const PERIOD = 1_000; // milliseconds between two looks at a run that is running

/** @param {{id: string}} props */
export function Run({ id }) {
  const run = useResource(
    async (signal) => /** @type {CheckRun} */ (await call("GET", path`/checks/${id}`, { signal })),
    [id],
  );
  const { state, stopping, has_report: hasReport = false } = run.value ?? {};
  const isOver = state !== undefined && state !== "running";
  useEffect(() => {
    const timer = isOver ? 0 : setInterval(() => document.hidden || run.reload(), PERIOD);
    return () => clearInterval(timer);
  }, [isOver]);
  const report = useResource(
    async (signal) => {
      const content = hasReport ? await (await send("GET", path`/checks/${id}/report`, { signal })).text() : undefined;
      return content === undefined ? undefined : { content, report: readReport(`check-${id}.json`, content) };
    },
    [id, hasReport],
  );
  const stop = () => attempt(() => call("POST", path`/checks/${id}/stop`)).then(run.reload);
  const again = () =>
    attempt(async () => {
      const { target, apis, options } = /** @type {CheckRun} */ (run.value);
      const { operations, phases, quick, seed, workers } = /** @type {import("./runs.js").Options} */ (options);
      const body = {
        ...{ target: target === THIS_SERVER ? undefined : target, apis, phases, quick, seed, workers },
        operations: operations.length > 0 ? operations : undefined,
      };
      const { id } = await call("POST", "/checks", { body });
      go({ path: [String(id)], query: {} });
    });
  return html`
    <${Heading} title="Check ${id}">
      ${hasReport && html`<${ReportTabs} place=${id} />`}
      ${
        state === "running" &&
        html`<button type="button" class="danger" disabled=${stopping} onClick=${stop}>
          ${stopping ? "Stopping …" : "Stop"}
        </button>`
      }
      ${isOver && run.value?.options && html`<button type="button" onClick=${again}>Run it again</button>`}
      <span class="grow"></span>
      ${
        report.value &&
        html`<button
          type="button"
          onClick=${() => saveFile(new Blob([report.value?.content ?? ""], { type: "application/json" }), `check-${id}.json`)}
        >
          Download the report
        </button>`
      }
      <a href=${link({ path: [], query: {} })}>All checks</a>
    <//>
    <p class="unseen" role="status">${state && `The check is ${state}.`}</p>
    <${Loaded} of=${run}>
      ${(/** @type {CheckRun} */ it) => html`<${Description} run=${it} /> ${!hasReport && html`<${Progress} run=${it} />`}`}
    <//>
    ${hasReport && html`<${Loaded} of=${report}>${(/** @type {any} */ it) => html`<${Report} report=${it.report} />`}<//>`}
  `;
}

/** @param {{run: CheckRun}} props */
function Description({ run }) {
  const { target, url, started_at, options, error, source } = run;
  return html`<${Facts}
      label="Check"
      facts=${[
        ["State", html`<${StateText} run=${run} />`],
        ["Target", html`<${Text} value=${target} /> <${Code} value=${url} />`],
        [source === "report" ? "Kept (UTC)" : "Started (UTC)", formatMoment(Date.parse(started_at))],
        ["Options", options && [describe(options), `seed ${options.seed}`].filter(Boolean).join("; ")],
      ]}
    />
    ${error && html`<p class="failure"><${Text} value=${error} /></p>`}`;
}

/** @param {{run: CheckRun}} props */
function Progress({ run }) {
  const { progress } = run;
  const columns = [
    {
      title: "API",
      by: (/** @type {Stage} */ row) => row.api,
      cell: (/** @type {Stage} */ row) => html`<${Text} value=${row.api} />`,
    },
    { title: "Phase", class: "grow", cell: (/** @type {Stage} */ row) => row.phase },
    { title: "State", cell: (/** @type {Stage} */ row) => row.state },
    ...STAGE_NUMBERS.map(([title, name]) => ({
      title,
      class: "number",
      by: (/** @type {Stage} */ row) => row[name],
      cell: (/** @type {Stage} */ row) => (row.state === "waits" ? "" : formatNumber(row[name])),
    })),
  ];
  const done = progress.filter((it) => it.state === "done").length;
  return html`<p class="hint">
      <progress aria-label="Phases that are done" max=${progress.length} value=${done}></progress>
      ${" "}${[`${formatNumber(done)} of ${count(progress.length, "phase")}`, count(add(progress, "requests") ?? 0, "request"), count(add(progress, "findings") ?? 0, "finding")].join(", ")}
    </p>
    <${Table}
      label="Progress"
      columns=${columns}
      rows=${progress}
      rowKey=${(/** @type {Stage} */ row) => `${row.api}.${row.phase}`}
    />`;
}
