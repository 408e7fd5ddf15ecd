// The history of checks: start one, follow it, delete it, and see how the checks of a target went over time.
import { call, path, useResource } from "../../api.js";
import { html, useEffect, useState } from "../../html.js";
import { formatMoment } from "../../parts/clock.js";
import { Confirm } from "../../parts/dialog.js";
import { ChoiceFilter } from "../../parts/filters.js";
import { Loaded } from "../../parts/notices.js";
import { Heading } from "../../parts/shell.js";
import { Table } from "../../parts/table.js";
import { Text, count, formatNumber } from "../../parts/text.js";
import { link, route } from "../../route.js";
import { OpenReport } from "./file.js";
import { StateText, add, describe } from "./runs.js";
import { StartDialog } from "./start.js";
import { Trend } from "./trend.js";

/** @typedef {import("./runs.js").CheckRun} CheckRun */
/** @typedef {import("./runs.js").Checks} Checks */

const PERIOD = 2_000; // milliseconds between two looks at the list
const STATES = ["running", "passed", "failed", "inconclusive", "stopped", "interrupted", "error"];

export function History() {
  const checks = useResource(async (signal) => /** @type {Checks} */ (await call("GET", "/checks", { signal })));
  const [opened, setOpened] = useState(/** @type {"start" | CheckRun | undefined} */ (undefined));
  const close = () => setOpened(undefined);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || checks.reload(), PERIOD);
    return () => clearInterval(timer);
  }, []);
  return html`
    <${Heading} title="Checks">
      <button type="button" class="primary" disabled=${!checks.value} onClick=${() => setOpened("start")}>
        Start a check
      </button>
      <span class="grow"></span>
      <${OpenReport} />
    <//>
    <${Loaded} of=${checks}
      >${(/** @type {Checks} */ it) => html`<${Runs} checks=${it.checks} onDelete=${setOpened} />`}<//
    >
    ${opened === "start" && checks.value && html`<${StartDialog} checks=${checks.value} onClose=${close} />`}
    ${
      typeof opened === "object" &&
      html`<${Confirm}
        title="Delete a check"
        action="Delete"
        onClose=${close}
        onConfirm=${async () => {
          await call("DELETE", path`/checks/${String(opened.id)}`);
          checks.reload();
          return `Check ${opened.id} is deleted.`;
        }}
      >
        <p>
          Check ${opened.id} of <${Text} value=${opened.target} /> and its report are deleted. This cannot be undone.
        </p>
      <//>`
    }
  `;
}

/** @param {{checks: CheckRun[], onDelete: (run: CheckRun) => void}} props */
function Runs({ checks, onDelete }) {
  const { target = "", state = "" } = route.value.query;
  const targets = [...new Set(checks.map((it) => it.target))];
  const rows = checks.filter((it) => (target === "" || it.target === target) && (state === "" || it.state === state));
  const columns = [
    {
      title: "Check",
      by: (/** @type {CheckRun} */ row) => row.id,
      cell: (/** @type {CheckRun} */ row) =>
        html`<a href=${link({ path: [String(row.id)], query: {} })}>Check ${row.id}</a>`,
    },
    {
      title: "State",
      by: (/** @type {CheckRun} */ row) => row.state,
      cell: (/** @type {CheckRun} */ row) => html`<${StateText} run=${row} />`,
    },
    {
      title: "Target",
      by: (/** @type {CheckRun} */ row) => row.target,
      cell: (/** @type {CheckRun} */ row) =>
        html`<${Text}
            value=${row.target}
          />${row.source === "report" && html` <span class="badge">kept report</span>`}`,
    },
    {
      title: "APIs",
      class: "grow",
      cell: (/** @type {CheckRun} */ row) =>
        html`<${Text} value=${row.apis.join(", ")} /> <span class="hint">${describe(row.options)}</span>`,
    },
    {
      title: "Started (UTC)",
      by: (/** @type {CheckRun} */ row) => row.started_at,
      cell: (/** @type {CheckRun} */ row) => formatMoment(Date.parse(row.started_at)),
    },
    ...NUMBERS.map(([title, read]) => ({
      title,
      class: "number",
      by: (/** @type {CheckRun} */ row) => read(row) ?? -1,
      cell: (/** @type {CheckRun} */ row) => formatCell(title, read(row)),
    })),
    {
      title: "Actions",
      cell: (/** @type {CheckRun} */ row) =>
        row.state !== "running" &&
        html`<button type="button" class="small" aria-label="Delete check ${row.id}" onClick=${() => onDelete(row)}>
          Delete
        </button>`,
    },
  ];
  return html`<div class="heading">
      <p class="hint" role="status">
        ${rows.length < checks.length ? `${formatNumber(rows.length)} of ` : ""}${count(checks.length, "check")}
      </p>
      <span class="grow"></span>
      <${ChoiceFilter} label="Target" name="target" values=${targets} />
      <${ChoiceFilter} label="State" name="state" values=${STATES} />
    </div>
    <${Trend} checks=${checks} target=${target || targets[0]} />
    <${Table}
      label="Checks"
      columns=${columns}
      rows=${rows}
      rowKey=${(/** @type {CheckRun} */ row) => String(row.id)}
      empty=${checks.length > 0 ? "No check passes the filters." : "There was no check yet."}
    />`;
}

/** @type {Array<[string, (run: CheckRun) => number | undefined]>} */
const NUMBERS = [
  ["Seconds", (run) => readSeconds(run)],
  ["Requests", (run) => add(run.summary.length > 0 ? run.summary : run.progress, "requests")],
  ["Failures", (run) => add(run.summary, "failures")],
  ["Warnings", (run) => add(run.summary, "warnings")],
];

/** How long a run took, or has taken so far. @param {CheckRun} run */
function readSeconds({ source, started_at, ended_at, summary, progress }) {
  return ended_at === null || source === "report"
    ? add(source === "report" ? summary : progress, "seconds")
    : (Date.parse(ended_at) - Date.parse(started_at)) / 1000;
}

/** @param {string} title @param {number | undefined} number */
function formatCell(title, number) {
  return number === undefined ? "" : title === "Seconds" ? number.toFixed(1) : formatNumber(number);
}
