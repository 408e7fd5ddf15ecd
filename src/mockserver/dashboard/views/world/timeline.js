// The documents of a kind by their time: intervals are bars, moments are marks, and now is a line.
import { call, path, useResource } from "../../api.js";
import { html, useEffect, useRef, useState } from "../../html.js";
import { formatMoment, useClock } from "../../parts/clock.js";
import { Failure } from "../../parts/notices.js";
import { Text, count, formatNumber } from "../../parts/text.js";
import { go, link, route } from "../../route.js";
import { readFilters } from "./documents.js";

const MOST = 1000; // so many documents are drawn
const LABELS = 190; // pixels for the names of the lanes
const LANE = 26;
const AXIS = 24;
const TICK_WIDTH = 120; // pixels between two ticks, at least
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const LONGEST = 10_000 * 366 * DAY;
const STEPS = [
  ...[1000, 5000, 15_000],
  ...[1, 5, 15, 60, 180, 360, 720].map((minutes) => minutes * MINUTE),
  ...[1, 2, 7, 30, 91, 365, 3652, 36_524, 365_242].map((days) => days * DAY),
];
const FIRST_MOMENT = "0001-01-01T00:00:00Z";

/**
 * @typedef {import("../world.js").Kind} Kind
 * @typedef {import("../world.js").WorldDocument} WorldDocument
 * @typedef {{start: number, end: number}} Range in milliseconds since the epoch
 */

/** @param {{kind: Kind, sizes: import("../world.js").KindSize[], changes: number}} props */
export function Timeline({ kind, sizes, changes }) {
  const place = path`/state/${kind.api}/${kind.kind}`;
  const { search, owner } = readFilters();
  const { now } = useClock(2);
  const { from, to } = route.value.query;
  const chosen = readRange(from, to);

  /** @param {Record<string, string>} query @param {AbortSignal} signal */
  const first = async (query, signal) =>
    /** @type {WorldDocument | undefined} */ (
      (await call("GET", place, { query: { search, owner, since: FIRST_MOMENT, per_page: 1, ...query }, signal }))
        .documents[0]
    );
  const whole = useResource(
    async (signal) => {
      const found = await Promise.all(["at", "-at", "-until"].map((sort) => first({ sort }, signal)));
      const moments = found.flatMap((it) => [it?.at, it?.until]).flatMap((it) => (it ? [Date.parse(it)] : []));
      return moments.length === 0 ? undefined : { start: Math.min(...moments), end: Math.max(...moments) };
    },
    [place, search, owner, changes],
  );
  const range = chosen ?? (whole.value && choose(whole.value));
  const bounds = range && { since: write(range.start), before: write(range.end) };
  const loaded = useResource(
    async (signal) => {
      if (!bounds) {
        return { documents: [], total: 0, inside: [] };
      }
      const query = { ...bounds, sort: "at", per_page: MOST };
      const own = /** @type {{documents: WorldDocument[], total: number}} */ (
        await call("GET", place, { query: { ...query, search, owner }, signal })
      );
      // What belongs to documents that have no owner themselves stands in their lanes, such as activities of a session.
      const children = kind.parent
        ? []
        : sizes.filter((it) => it.api === kind.api && it.parent === kind.kind && it.size > 0);
      const inside = await Promise.all(
        children.map(
          async (it) =>
            /** @type {WorldDocument[]} */ (
              (await call("GET", path`/state/${it.api}/${it.kind}`, { query, signal })).documents
            ),
        ),
      );
      return { ...own, inside: inside.flat().filter((it) => it.at) };
    },
    [place, search, owner, changes, sizes.length, bounds?.since, bounds?.before],
  );
  const shown = useRef(loaded.value); // what was loaded before stays until the next is here
  shown.current = loaded.value ?? shown.current;
  const names = useResource(
    async (signal) => (kind.parent ? loadNames(kind.api, kind.parent, signal) : new Map()),
    [kind, changes],
  );

  /** @param {Range | undefined} next */
  const show = (next) =>
    go(
      { query: { ...route.value.query, from: next ? write(next.start) : "", to: next ? write(next.end) : "" } },
      { replace: true },
    );
  const error = whole.error ?? loaded.error;
  if (error) {
    return html`<${Failure} error=${error} onRetry=${() => (whole.reload(), loaded.reload())} />`;
  }
  if (!range) {
    return html`<p class="hint" role="status">${whole.isLoading ? "Loading …" : "No document has a time here."}</p>`;
  }
  const middle = (range.start + range.end) / 2;
  const length = range.end - range.start;
  const days = (/** @type {number} */ number) => () =>
    show({ start: middle - (number * DAY) / 2, end: middle + (number * DAY) / 2 });
  const { documents = [], total = 0, inside = [] } = shown.current ?? {};
  const number =
    total > MOST
      ? `the first ${formatNumber(MOST)} of ${formatNumber(total)} documents; zoom in to see the others`
      : count(total, "document");
  const caption = `${formatMoment(range.start)} to ${formatMoment(range.end)} UTC: ${number}`;
  return html`<div class="column">
    <div class="heading">
      <button type="button" class="small" aria-label="Earlier" onClick=${() => show(move(range, -0.5))}>◀</button>
      <button type="button" class="small" aria-label="Later" onClick=${() => show(move(range, 0.5))}>▶</button>
      <button type="button" class="small" aria-label="Zoom in" onClick=${() => show(zoom(range, 0.5))}>+</button>
      <button type="button" class="small" aria-label="Zoom out" onClick=${() => show(zoom(range, 2))}>−</button>
      <button type="button" class="small" onClick=${days(1)}>Day</button>
      <button type="button" class="small" onClick=${days(7)}>Week</button>
      <button type="button" class="small" onClick=${() => show(whole.value && pad(whole.value.start, whole.value.end))}>
        All
      </button>
      <button
        type="button"
        class="small"
        disabled=${now === undefined}
        onClick=${() => show({ start: Number(now) - length / 2, end: Number(now) + length / 2 })}
      >
        Now
      </button>
      <span class="hint" role="status">${caption}</span>
    </div>
    <${Chart}
      kind=${kind}
      range=${range}
      now=${now}
      documents=${documents}
      inside=${inside}
      names=${names.value ?? new Map()}
      onShow=${show}
    />
  </div>`;
}

/**
 * @param {object} props
 * @param {Kind} props.kind
 * @param {Range} props.range
 * @param {number | undefined} props.now
 * @param {WorldDocument[]} props.documents
 * @param {WorldDocument[]} props.inside
 * @param {Map<string, string>} props.names of the owners
 * @param {(range: Range) => void} props.onShow
 */
function Chart({ kind, range: whole, now, documents, inside, names, onShow }) {
  const [draft, setDraft] = useState(/** @type {Range | undefined} */ (undefined)); // while it is dragged or the wheel turns
  const range = draft ?? whole;
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  /** @param {Range} next */
  const commit = (next) => {
    clearTimeout(timer.current);
    setDraft(undefined);
    onShow(next);
  };
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [width, setWidth] = useState(0);
  const drag = useRef(/** @type {{x: number, range: Range} | undefined} */ (undefined));
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (box.current);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const scale = Math.max(width - LABELS, 1) / (range.end - range.start); // pixels in a millisecond
  const x = (/** @type {number} */ moment) =>
    LABELS + Math.min(Math.max((moment - range.start) * scale, -2), width + 2);
  const lanes = makeLanes(kind, documents, inside, names);
  const height = AXIS + Math.max(lanes.length, 1) * LANE;
  const isNear = (/** @type {number} */ tick) => now !== undefined && Math.abs(x(now) - tick - 28) < 62; // the label of now
  const ticks = listTicks(range, Math.max(width - LABELS, 1));

  // By addEventListener, since a listener that the library adds could not prevent the scrolling.
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (box.current);
    const onWheel = (/** @type {WheelEvent} */ event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const at = range.start + (event.clientX - element.getBoundingClientRect().left - LABELS) / scale;
        const next = zoom(range, event.deltaY > 0 ? 1.25 : 0.8, at);
        setDraft(next);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => commit(next), 250);
      }
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  });
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    const moves = {
      ArrowLeft: () => move(range, -0.2),
      ArrowRight: () => move(range, 0.2),
      "+": () => zoom(range, 0.5),
      "=": () => zoom(range, 0.5),
      "-": () => zoom(range, 2),
    };
    const step = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (step && event.target === box.current && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      commit(step());
    }
  };
  return html`<div
    class="timeline"
    ref=${box}
    tabindex="0"
    role="group"
    aria-label="Timeline; the arrow keys move it, + and - zoom"
    onKeyDown=${onKey}
    onPointerDown=${(/** @type {PointerEvent} */ event) => {
      if (event.button === 0 && !(/** @type {Element} */ (event.target).closest("a"))) {
        drag.current = { x: event.clientX, range };
        /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
      }
    }}
    onPointerMove=${(/** @type {PointerEvent} */ event) => {
      if (drag.current && Math.abs(event.clientX - drag.current.x) > 3) {
        const by = (drag.current.x - event.clientX) / scale;
        setDraft({ start: drag.current.range.start + by, end: drag.current.range.end + by });
      }
    }}
    onPointerUp=${() => {
      if (drag.current && draft) {
        commit(draft);
      }
      drag.current = undefined;
    }}
  >
    ${
      width > 0 &&
      html`<svg width=${width} height=${height}>
          <g class="ticks" aria-hidden="true">
            ${ticks.map(
              ({ at, text }) =>
                html`<line x1=${x(at)} x2=${x(at)} y1=${AXIS - 6} y2=${height}></line
                  ><text x=${x(at) + 4} y="15">${isNear(x(at)) ? "" : text}</text>`,
            )}
          </g>
          ${lanes.map((lane, index) => {
            const top = AXIS + index * LANE;
            return html`<g key=${lane.key}>
              <line class="lane" x1="0" x2=${width} y1=${top} y2=${top}></line>
              ${lane.items.map((it) => html`<${Item} key=${`${it.document.kind}/${it.document.key}`} kind=${kind} item=${it} x=${x} top=${top} now=${now} />`)}
            </g>`;
          })}
          ${
            now !== undefined &&
            now >= range.start &&
            now <= range.end &&
            html`<g class="now">
              <line x1=${x(now)} x2=${x(now)} y1="0" y2=${height}></line
              ><text
                x=${x(now) + (x(now) > width - 40 ? -4 : 4)}
                y="15"
                text-anchor=${x(now) > width - 40 ? "end" : "start"}
                >now</text
              >
            </g>`
          }
        </svg>
        <ul class="lanes">
          ${lanes.map(({ key, name }) => html`<li key=${key}><${Text} value=${name} /></li>`)}
        </ul>`
    }
  </div>`;
}

/**
 * @param {object} props
 * @param {Kind} props.kind
 * @param {{document: WorldDocument, isInside: boolean}} props.item
 * @param {(moment: number) => number} props.x
 * @param {number} props.top
 * @param {number | undefined} props.now
 */
function Item({ kind, item: { document, isInside }, x, top, now }) {
  const at = Date.parse(document.at ?? "");
  const isBar = kind.interval && !isInside;
  const ends = document.until ? Date.parse(document.until) : Math.max(now ?? at, at);
  const name = `${document.kind} ${document.key}: ${describe(document, isBar)}`;
  const isSelected = document.kind === kind.kind && document.key === route.value.path[2];
  const target = { path: [document.api, document.kind, document.key] };
  const href = link(isInside ? { ...target, query: {} } : target);
  return html`<a href=${href} aria-label=${name} class=${isSelected ? "selected" : ""}>
    ${
      isBar
        ? html`<rect
            class="bar ${document.until ? "" : "open"}"
            x=${x(at)}
            y=${top + 5}
            width=${Math.max(x(ends) - x(at), 3)}
            height=${LANE - 10}
            rx="2"
          ></rect>`
        : html`<rect
            class=${isInside ? "mark inside" : "mark"}
            x=${x(at) - 2}
            y=${top + (isInside ? 8 : 5)}
            width="5"
            height=${LANE - (isInside ? 16 : 10)}
            rx="1"
          ></rect>`
    }
    <title>${name}</title>
  </a>`;
}

/** @param {WorldDocument} document @param {boolean} isBar */
function describe({ at, until, owner, body }, isBar) {
  const texts = Object.values(body).filter(
    (it) => typeof it === "string" && it !== owner && Number.isNaN(Date.parse(it)),
  );
  const what = texts.sort((a, b) => b.length - a.length)[0]; // the longest text says most;
  return [isBar ? `${at} to ${until ?? "no end yet"}` : at, what?.slice(0, 200)].filter(Boolean).join(", ");
}

/**
 * The lanes: one of each owner, or of each document without one.
 * @param {Kind} kind @param {WorldDocument[]} documents @param {WorldDocument[]} inside @param {Map<string, string>} names
 */
function makeLanes(kind, documents, inside, names) {
  /** @type {Map<string, {key: string, name: string, items: Array<{document: WorldDocument, isInside: boolean}>}>} */
  const lanes = new Map();
  for (const document of documents) {
    const key = document.owner || document.key;
    const label = document.owner ? names.get(key) : kind.label && document.body[kind.label];
    const lane = lanes.get(key) ?? { key, name: typeof label === "string" ? label : key, items: [] };
    lane.items.push({ document, isInside: false });
    lanes.set(key, lane);
  }
  for (const document of inside) {
    lanes.get(document.owner)?.items.push({ document, isInside: true });
  }
  return [...lanes.values()];
}

/** The names that people know the owners by. @param {string} api @param {string} kind @param {AbortSignal} signal */
async function loadNames(api, kind, signal) {
  const [{ label }, { documents }] = await Promise.all([
    call("GET", path`/kinds/${api}/${kind}`, { signal }),
    call("GET", path`/state/${api}/${kind}`, { query: { per_page: MOST }, signal }),
  ]);
  return new Map(documents.map((/** @type {WorldDocument} */ it) => [it.key, label && it.body[label]]));
}

/** @param {string | undefined} from @param {string | undefined} to @returns {Range | undefined} */
function readRange(from, to) {
  const start = Date.parse(from ?? "");
  const end = Date.parse(to ?? "");
  return start < end ? { start, end } : undefined;
}

/** @param {number} moment */
function write(moment) {
  const first = Date.parse(FIRST_MOMENT);
  return new Date(Math.min(Math.max(Math.round(moment), first), Date.parse("9999-12-31T00:00:00Z"))).toISOString();
}

/** What is shown at first: the whole time, or the last week of a long one. @param {Range} whole @returns {Range} */
function choose(whole) {
  return whole.end - whole.start > 14 * DAY ? pad(whole.end - 7 * DAY, whole.end) : pad(whole.start, whole.end);
}

/** A range with a margin; of a single moment, the day around it. @param {number} start @param {number} end @returns {Range} */
function pad(start, end) {
  const margin = end > start ? (end - start) * 0.03 : DAY / 2;
  return { start: start - margin, end: end + margin };
}

/** @param {Range} range @param {number} part of its length @returns {Range} */
function move({ start, end }, part) {
  const by = (end - start) * part;
  return { start: start + by, end: end + by };
}

/** @param {Range} range @param {number} factor @param {number} [at] what stays where it is @returns {Range} */
function zoom({ start, end }, factor, at = (start + end) / 2) {
  const length = Math.min(Math.max((end - start) * factor, 1000), LONGEST);
  const before = (length * (at - start)) / (end - start);
  return { start: at - before, end: at - before + length };
}

/** @param {Range} range @param {number} width in pixels */
function listTicks({ start, end }, width) {
  const wanted = ((end - start) * TICK_WIDTH) / width;
  const step = STEPS.find((it) => it >= wanted) ?? STEPS[STEPS.length - 1];
  const ticks = [];
  for (let at = Math.ceil(start / step) * step; at <= end && ticks.length < 100; at += step) {
    const text = formatMoment(at);
    ticks.push({
      at,
      text:
        step >= DAY
          ? text.slice(0, 10)
          : text.endsWith("00:00:00")
            ? text.slice(0, 10)
            : text.slice(11, step < MINUTE ? 19 : 16),
    });
  }
  return ticks;
}
