// Traffic: the exchanges of the sandbox as they come, filtered; one of them in full.
import { call, useResource } from "../api.js";
import { html, useEffect, useMemo, useState } from "../html.js";
import { Confirm } from "../parts/dialog.js";
import { ChoiceFilter, TextFilter, setFilter } from "../parts/filters.js";
import { Failure } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Table } from "../parts/table.js";
import { Code, Status, Text, count, formatNumber, formatTime } from "../parts/text.js";
import { go, route, sandbox } from "../route.js";
import { Exchange } from "./traffic/exchange.js";
import { Feed } from "./traffic/feed.js";

/** @typedef {import("./traffic/feed.js").Summary} Summary */

const VIOLATIONS = [
  ["yes", "that violate"],
  ["no", "that conform"],
];

export default function Traffic() {
  const feed = useMemo(() => new Feed(sandbox.value), [sandbox.value]);
  const apis = useResource((signal) => call("GET", "/apis", { signal }));
  const [isFollowing, setFollowing] = useState(true);
  const [isClearing, setClearing] = useState(false);
  useEffect(() => {
    feed.start();
    return () => feed.stop();
  }, [feed]);
  const filters = route.value.query;
  const selected = route.value.path[0];
  const all = feed.entries.value;
  const rows = useMemo(() => filter(all, filters), [all, JSON.stringify(filters)]);
  const isLive = !feed.isPaused.value;

  /** @param {boolean} isAtEnd */
  const onScroll = (isAtEnd) => {
    feed.isReading = !isAtEnd;
    setFollowing(isAtEnd);
  };
  const togglePause = () => {
    feed.isPaused.value = isLive;
    feed.flush();
  };
  const names = (apis.value ?? []).map((/** @type {any} */ it) => it.name);
  const operations = (apis.value ?? [])
    .filter((/** @type {any} */ api) => !filters.api || api.name === filters.api)
    .flatMap((/** @type {any} */ api) => api.operations.map((/** @type {any} */ it) => it.id));
  return html`
    <${Heading} title="Traffic">
      <button type="button" aria-pressed=${!isLive} onClick=${togglePause}>${isLive ? "Pause" : "Continue"}</button>
      <button type="button" onClick=${() => setClearing(true)}>Clear</button>
      <span class="grow"></span>
      <${ChoiceFilter} label="API" name="api" values=${[...names, ["-", "none"]]} />
      <${ChoiceFilter} label="Operation" name="operation" values=${operations} />
      <label>
        Status
        <input
          class="short"
          placeholder="404, 4XX"
          list="statuses"
          value=${filters.status ?? ""}
          onInput=${setFilter("status")}
        />
        <datalist id="statuses">
          ${["2XX", "3XX", "4XX", "5XX", "0"].map((it) => html`<option value=${it}></option>`)}
        </datalist>
      </label>
      <${ChoiceFilter} label="Exchanges" name="violations" values=${VIOLATIONS} />
      <${TextFilter} label="Path" name="path" />
    <//>
    ${feed.error.value && html`<${Failure} error=${feed.error.value} />`}
    <p class="hint">
      ${formatNumber(rows.length)} of ${count(all.length, "exchange")}${" "}
      ${feed.kept.value?.kept === 0 ? "; the server keeps none (--journal 0)" : ""}
      <span class="state">${feed.error.value ? "not connected" : isLive ? "live" : "paused"}</span>
    </p>
    <div class=${selected ? "split" : "whole"}>
      <${Table}
        label="Exchanges"
        columns=${COLUMNS}
        rows=${rows}
        rowKey=${(/** @type {Summary} */ row) => row.id}
        rowClass=${(/** @type {Summary} */ row) => (row.violations.length > 0 ? "violating" : "")}
        selected=${selected}
        onSelect=${(/** @type {Summary} */ row) => go({ path: [row.id] }, { replace: true })}
        isFollowing=${isFollowing && isLive && !selected}
        onScroll=${onScroll}
        empty=${
          all.length > 0
            ? "No exchange passes the filters."
            : html`No request has come to this sandbox yet. A request names it by the header${" "}
                <${Code} value=${`X-Mock-Sandbox: ${sandbox.value}`} />.`
        }
      />
      ${selected && html`<${Exchange} key=${selected} id=${selected} shown=${rows} />`}
    </div>
    ${
      isClearing &&
      html`<${Confirm}
        title="Clear the journal"
        action="Clear"
        onClose=${() => setClearing(false)}
        onConfirm=${async () => {
          await call("DELETE", "/journal");
          feed.clear();
          go({ path: [] });
          return "The journal is empty.";
        }}
      >
        <p>All exchanges of <${Text} value=${sandbox.value} /> are deleted. Its world stays as it is.</p>
      <//>`
    }
  `;
}

const COLUMNS = [
  { title: "Time", cell: (/** @type {Summary} */ row) => formatTime(row.at) },
  {
    title: "Status",
    class: "number",
    cell: (/** @type {Summary} */ row) => html`<${Status} status=${row.status} />`,
  },
  { title: "API", cell: (/** @type {Summary} */ row) => row.api || html`<span class="hint">none</span>` },
  { title: "Operation", cell: (/** @type {Summary} */ row) => html`<${Text} value=${row.operation} />` },
  {
    title: "Request",
    class: "grow",
    cell: (/** @type {Summary} */ row) =>
      html`<span class="method">${row.method}</span> <${Code} value=${row.path + (row.query && `?${row.query}`)} />`,
  },
  { title: "Notes", cell: (/** @type {Summary} */ row) => html`<${Notes} row=${row} />` },
  {
    title: "Duration",
    class: "number",
    cell: (/** @type {Summary} */ row) => `${row.duration.toFixed(1)} ms`,
  },
];

/** @param {{row: Summary}} props */
function Notes({ row }) {
  const errors = row.violations.filter((it) => it.severity === "error").length;
  const warnings = row.violations.length - errors;
  return html`
    ${errors > 0 && html`<span class="badge bad">${count(errors, "violation")}</span>`}
    ${warnings > 0 && html`<span class="badge notable">${count(warnings, "warning")}</span>`}
    ${row.fault && html`<span class="badge notable">fault <${Text} value=${row.fault} /></span>`}
    ${row.source === "upstream" && html`<span class="badge">upstream</span>`}
  `;
}

/** @param {Summary[]} entries @param {Record<string, string>} filters */
function filter(entries, { api = "", operation = "", status = "", violations = "", path = "" }) {
  const wanted = status.toUpperCase().replaceAll("X", "");
  return entries.filter(
    (it) =>
      (api === "" || it.api === (api === "-" ? "" : api)) &&
      (operation === "" || it.operation === operation) &&
      (wanted === "" || String(it.status).startsWith(wanted)) &&
      (violations === "" || it.violations.length > 0 === (violations === "yes")) &&
      (path === "" || `${it.path}?${it.query}`.includes(path)),
  );
}
