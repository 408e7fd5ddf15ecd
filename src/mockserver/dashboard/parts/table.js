// Tables: sorted by any column, and with only the visible rows in the page if there are many.
import { html, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "../html.js";

const ROW_HEIGHT = 28; // as --row in style.css
const MANY = 100; // from so many rows on, only those that are visible are in the page
const MARGIN = 12; // rows above and below them

/**
 * @template T
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: T) => import("../html.js").Children} cell
 * @property {(row: T) => string | number} [by] what the column is sorted by; without it, it cannot be
 * @property {string} [sort] what the server calls that order, for rows that it sorts
 * @property {string} [class] such as `number` or `grow`
 */

/**
 * @template T
 * @typedef {object} Rows rows of which not all need to be there
 * @property {number} length
 * @property {(index: number) => T | undefined} at undefined while a row is loaded
 */

/**
 * A table. With `onSelect`, a row is selected by a click or with the arrow keys, Home, End and the page keys.
 * @template T
 * @param {object} props
 * @param {string} props.label what the rows are
 * @param {Column<T>[]} props.columns
 * @param {T[] | Rows<T>} props.rows those of an array can be sorted
 * @param {(row: T) => string} props.rowKey
 * @param {string} [props.selected] the key of the selected row
 * @param {(row: T) => void} [props.onSelect]
 * @param {(first: number, last: number) => void} [props.onVisible] which rows are visible, to load them
 * @param {boolean} [props.isFollowing] whether the last row stays visible when rows are added
 * @param {(isAtEnd: boolean) => void} [props.onScroll]
 * @param {string} [props.sort] the order in which the server sorts, with a `-` before it for the other direction
 * @param {(sort: string) => void} [props.onSort]
 * @param {(row: T) => string} [props.rowClass]
 * @param {import("../html.js").Children} [props.empty] what is shown without a row
 */
export function Table({
  label,
  columns,
  rows,
  rowKey,
  selected,
  onSelect,
  onVisible,
  isFollowing,
  onScroll,
  sort: order,
  onSort,
  rowClass,
  empty,
}) {
  const [sorting, setSorting] = useState({ column: -1, sign: 1 });
  const [view, setView] = useState({ first: 0, size: 40 });
  const scroller = useRef(/** @type {HTMLDivElement | null} */ (null));
  const id = useId();
  const by = columns[sorting.column]?.by;
  const sorted = useMemo(
    () => (by && Array.isArray(rows) ? sort(rows, by, sorting.sign) : rows),
    [rows, by, sorting.sign],
  );
  const length = sorted.length;
  const isVirtual = length > MANY;
  const first = isVirtual ? Math.max(view.first - MARGIN, 0) : 0;
  const last = isVirtual ? Math.min(view.first + view.size + MARGIN, length) : length;

  const measure = () => {
    const element = scroller.current;
    if (!element) {
      return; // the view has gone
    }
    const next = {
      first: Math.floor(element.scrollTop / ROW_HEIGHT),
      size: Math.ceil(element.clientHeight / ROW_HEIGHT),
    };
    setView((it) => (it.first === next.first && it.size === next.size ? it : next));
    onScroll?.(element.scrollTop + element.clientHeight >= element.scrollHeight - ROW_HEIGHT);
  };
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(/** @type {HTMLDivElement} */ (scroller.current));
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (isFollowing && scroller.current) {
      scroller.current.scrollTop = scroller.current.scrollHeight;
    }
  }, [isFollowing, rows]);
  useEffect(() => {
    onVisible?.(first, last);
  });

  const indexes = Array.from({ length: Math.max(last - first, 0) }, (_, index) => first + index);
  const position = useRef(-1); // of the selected row, so that the arrow keys need not look for it
  /** @param {number} index */
  const select = (index) => {
    if (length > 0 && onSelect) {
      wanted.current = Math.min(Math.max(index, 0), length - 1);
      reveal(/** @type {HTMLDivElement} */ (scroller.current), wanted.current);
      selectWanted();
    }
  };
  const wanted = useRef(-1); // a row that is selected as soon as it is loaded
  const selectWanted = () => {
    const row = wanted.current < 0 ? undefined : sorted.at(wanted.current);
    if (row !== undefined) {
      position.current = wanted.current;
      wanted.current = -1;
      onSelect?.(row);
    }
  };
  useEffect(() => {
    wanted.current = -1; // of other rows
  }, [length, order, sorting]);
  useEffect(selectWanted, [rows]);
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    const now = findSelected();
    const moves = {
      ArrowDown: now + 1,
      ArrowUp: now - 1,
      Home: 0,
      End: length - 1,
      PageDown: now + view.size - 2,
      PageUp: now - view.size + 2,
    };
    const to = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (to !== undefined && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      select(to);
    }
  };
  const findSelected = () => {
    if (wanted.current >= 0) {
      return wanted.current;
    }
    const kept = sorted.at(Math.max(position.current, 0));
    if (position.current < 0 || kept === undefined || rowKey(kept) !== selected) {
      position.current = selected && Array.isArray(sorted) ? sorted.findIndex((row) => rowKey(row) === selected) : -1;
    }
    return position.current;
  };
  const rowId = (/** @type {string} */ key) => `${id}-${key}`;
  const isShown = indexes.some((index) => {
    const row = sorted.at(index);
    return row !== undefined && rowKey(row) === selected;
  });
  const role = onSelect && {
    role: "grid",
    tabIndex: 0,
    onKeyDown: onKey,
    "aria-activedescendant": isShown && selected ? rowId(selected) : undefined,
  };
  return html`<div class="scroller" ref=${scroller} onScroll=${measure}>
    <table ...${role} aria-label=${label} aria-rowcount=${length + 1}>
      <thead>
        <tr aria-rowindex="1">
          ${columns.map(({ title, by, sort: own, class: name }, index) => {
            const isServers = own !== undefined && onSort !== undefined;
            const sign = isServers ? signOf(own, order) : sorting.column === index ? sorting.sign : 0;
            const turn = () =>
              isServers
                ? onSort(sign > 0 ? `-${own}` : own)
                : setSorting((it) => ({ column: index, sign: it.column === index ? -it.sign : 1 }));
            return html`<th
              scope="col"
              class=${name}
              aria-sort=${sign ? (sign > 0 ? "ascending" : "descending") : undefined}
            >
              ${
                isServers || (by && Array.isArray(rows))
                  ? html`<button type="button" class="plain" onClick=${turn}>
                      ${title}<span class="arrow" aria-hidden="true">${sign ? (sign > 0 ? "▲" : "▼") : ""}</span>
                    </button>`
                  : title
              }
            </th>`;
          })}
        </tr>
      </thead>
      <tbody>
        ${
          first > 0 &&
          html`<tr key="before" class="space" aria-hidden="true">
            <td colspan=${columns.length} style=${{ height: `${first * ROW_HEIGHT}px` }}></td>
          </tr>`
        }
        ${indexes.map((index) => {
          const row = sorted.at(index);
          if (row === undefined) {
            return html`<tr key=${`row-${index}`} aria-rowindex=${index + 2}>
              <td colspan=${columns.length} class="hint">…</td>
            </tr>`;
          }
          const key = rowKey(row);
          const isSelected = onSelect && key === selected;
          return html`<tr
            key=${key}
            id=${onSelect && rowId(key)}
            class=${rowClass?.(row)}
            aria-rowindex=${index + 2}
            aria-selected=${onSelect && String(isSelected)}
            onClick=${onSelect && (() => select(index))}
          >
            ${columns.map(({ cell, class: name }) => html`<td class=${name}>${cell(row)}</td>`)}
          </tr>`;
        })}
        ${
          last < length &&
          html`<tr key="after" class="space" aria-hidden="true">
            <td colspan=${columns.length} style=${{ height: `${(length - last) * ROW_HEIGHT}px` }}></td>
          </tr>`
        }
      </tbody>
    </table>
    ${length === 0 && html`<div class="empty">${empty ?? "There is nothing here."}</div>`}
  </div>`;
}

/**
 * Rows that are loaded page by page as they become visible: for `rows` and `onVisible` of a table.
 * @template T
 * @param {number} total
 * @param {number} size of a page
 * @param {(page: number) => Promise<T[]>} load a page, the first being 1
 * @param {unknown[]} inputs when one changes, all pages are loaded anew
 */
export function usePages(total, size, load, inputs) {
  const [pages, setPages] = useState(/** @type {Map<number, T[] | null>} */ (new Map()));
  const generation = useRef(0);
  useEffect(() => {
    generation.current += 1;
    setPages(new Map());
  }, inputs);
  /** @type {Rows<T>} */
  const rows = { length: total, at: (index) => pages.get(Math.floor(index / size) + 1)?.[index % size] };
  const onVisible = (/** @type {number} */ first, /** @type {number} */ last) => {
    const mine = generation.current;
    for (let page = Math.floor(first / size) + 1; page <= Math.floor(Math.max(last - 1, 0) / size) + 1; page++) {
      if (!pages.has(page) && total > 0) {
        pages.set(page, null); // it is being loaded
        load(page).then(
          (loaded) => mine === generation.current && setPages((it) => new Map(it).set(page, loaded)),
          () => pages.delete(page),
        );
      }
    }
  };
  return { rows, onVisible };
}

/** 1 where the rows are in this order, -1 in the other direction. @param {string} own @param {string} [order] */
function signOf(own, order) {
  return order === own ? 1 : order === `-${own}` ? -1 : 0;
}

/** @template T @param {T[]} rows @param {(row: T) => string | number} by @param {number} sign */
function sort(rows, by, sign) {
  const compare = (/** @type {string | number} */ a, /** @type {string | number} */ b) =>
    typeof a === "number" && typeof b === "number"
      ? a - b
      : String(a).localeCompare(String(b), "en", { numeric: true });
  return [...rows].sort((a, b) => sign * compare(by(a), by(b)));
}

/** Scrolls no further than needed. @param {HTMLDivElement} element @param {number} index */
function reveal(element, index) {
  const head = element.querySelector("thead")?.clientHeight ?? 0;
  const top = index * ROW_HEIGHT;
  if (top < element.scrollTop) {
    element.scrollTop = top;
  } else if (top + ROW_HEIGHT + head > element.scrollTop + element.clientHeight) {
    element.scrollTop = top + ROW_HEIGHT + head - element.clientHeight;
  }
}
