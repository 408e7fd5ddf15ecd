// Where the caret is in a YAML text that is being written: which value it is, or which key of which object. The text
// need not be valid. Of YAML it has what scenarios are written in: block and flow collections, quotes, comments.

/**
 * @typedef {object} Place
 * @property {Array<string | number>} path of the value, or of the object whose key it is
 * @property {Array<Record<string, string>>} texts of the members beside the path: of the root, and of each part of the path
 * @property {boolean} isKey whether a key may stand here
 * @property {boolean} isValue whether a value may stand here
 * @property {string[]} siblings the other keys of the object
 * @property {number} start of the word at the caret
 * @property {number} end of it
 * @property {number} column at which the key stands
 * @property {boolean} hasColon whether the key has its colon already
 * @property {boolean} isFlow whether it is inside brackets
 */

/** @typedef {{kind: "map" | "list" | "scalar", slot: Slot, column: number, slots: Slot[], text: string}} Node */
/** A place for a value. @typedef {{parent?: Node, key: string | number, node?: Node}} Slot */
/** @typedef {{slot: Slot, own?: Slot, isKey: boolean, isValue: boolean, start: number, end: number, hasColon?: boolean, isFlow?: boolean}} Found */

const MAX_DEPTH = 100;
const KEY = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\s"'{[#&*!|>%@`][^\n:#]*(?::(?=\S)[^\n:#]*)*?) *:(?=\s|$)/my;
const QUOTED = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/y;
const FLOW_KEY =
  /"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\s,{}[\]:#"'](?:[^\s,{}[\]:#]|:(?=[^\s,{}[\]])|[ ](?=[^\s,{}[\]:#]))*/y;
const PROPERTIES = /(?:[&!]\S*[ ]+)+/y;

/**
 * Where the caret is, unless it is in a comment, in a block of text, or where nothing can stand.
 * @param {string} text @param {number} caret
 * @returns {Place | undefined}
 */
export function locate(text, caret) {
  /** @type {Slot} */
  const root = { key: "" };
  /** The block collections that are open, from the outermost on. @type {Node[]} */
  let open = [];
  /** @type {Found | undefined} */
  let found;
  for (let line = 0; line <= text.length;) {
    const end = findEnd(line);
    const start = skip(line, " ");
    if (start >= end || text[start] === "\r") {
      if (line <= caret && caret <= end) {
        const to = findTarget(caret - line, false).target;
        found = to && { slot: to.slot, isKey: true, isValue: !to.node, start: caret, end: caret };
      }
      line = end + 1;
    } else if (text[start] === "#" || (start === line && /^(---|\.\.\.)\s*$/.test(text.slice(line, end)))) {
      line = end + 1;
    } else {
      line = readContent(start, line, undefined) + 1;
    }
  }
  return found && describe(found, text);

  /** The end of the line of a position. @param {number} at */
  function findEnd(at) {
    const end = text.indexOf("\n", at);
    return end === -1 ? text.length : end;
  }

  /** @param {number} at @param {string} what */
  function skip(at, what) {
    while (at < text.length && what.includes(text[at])) {
      at++;
    }
    return at;
  }

  /** @param {RegExp} pattern @param {number} at */
  function match(pattern, at) {
    pattern.lastIndex = at;
    return pattern.exec(text);
  }

  /** @param {number} start @param {number} end */
  function isAt(start, end) {
    return start <= caret && caret <= end;
  }

  /**
   * The collection that goes on at a column, or the slot that has no value yet.
   * @param {number} column @param {boolean} isItem
   * @returns {{kept: Node[], target?: {slot: Slot, node?: Node}}}
   */
  function findTarget(column, isItem) {
    const kept = open.filter((it) => it.column <= column);
    if (!isItem && kept.at(-1)?.kind === "list" && kept.at(-1)?.column === column) {
      kept.pop(); // a list may stand at the column of its key
    }
    const top = kept.at(-1);
    if (!top) {
      return { kept, target: root.node ? undefined : { slot: root } };
    }
    if (top.column === column && (top.kind === "list") === isItem) {
      return { kept, target: { slot: top.slot, node: top } };
    }
    const last = top.slots.at(-1);
    return { kept, target: last && !last.node && (top.column < column || isItem) ? { slot: last } : undefined };
  }

  /** @param {Slot} slot @param {Node["kind"]} kind @param {number} column @param {string} [content] */
  function fill(slot, kind, column, content = "") {
    slot.node = { kind, slot, column, slots: [], text: content };
    return slot.node;
  }

  /** @param {Node} node @param {string | number} key */
  function add(node, key) {
    const slot = { parent: node, key };
    node.slots.push(slot);
    return slot;
  }

  /**
   * Reads an item, a key with its value, or a scalar; returns the end of its last line.
   * @param {number} at @param {number} line where its line begins @param {Slot | undefined} inside of an item that begins on this line
   * @returns {number}
   */
  function readContent(at, line, inside) {
    const column = at - line;
    const isItem = text[at] === "-" && (at + 1 >= text.length || " \r\n".includes(text[at + 1]));
    const { kept, target } = inside
      ? { kept: open, target: { slot: inside, node: undefined } }
      : findTarget(column, isItem);
    if (!target) {
      return findEnd(at);
    }
    if (isItem && open.length < MAX_DEPTH) {
      const node = target.node ?? fill(target.slot, "list", column);
      open = target.node ? kept : [...kept, node];
      const slot = add(node, node.slots.length);
      const next = skip(at + 1, " ");
      if (isEmpty(next)) {
        if (isAt(at + 2, next)) {
          found = { slot, isKey: true, isValue: true, start: caret, end: caret };
        }
        return findEnd(at);
      }
      return readContent(next, line, slot);
    }
    const key = match(KEY, at);
    if (!key) {
      const word = match(/[^\s{["'|>#][^\n]*?(?=\s*$|\s+#)/my, at);
      if (word && isAt(at, at + word[0].length)) {
        const isKey = /^[\w.-]*$/.test(word[0]);
        found = { slot: target.slot, isKey, isValue: !target.node, start: at, end: at + word[0].length };
        return findEnd(at); // the word is not finished, so that what follows may belong there
      }
      return target.node ? findEnd(at) : readValue(at, target.slot, kept.at(-1)?.column ?? -1);
    }
    const node = target.node ?? fill(target.slot, "map", column);
    open = target.node ? kept : [...kept, node];
    const slot = add(node, unquote(key[1].trimEnd()));
    if (isAt(at, at + key[1].trimEnd().length)) {
      found = {
        ...{ slot: node.slot, own: slot, isKey: true, isValue: false },
        ...{ start: at, end: at + key[1].trimEnd().length, hasColon: true },
      };
    }
    const colon = at + key[0].length;
    const next = skip(colon, " ");
    if (isEmpty(next)) {
      if (isAt(colon + 1, next)) {
        found = { slot, isKey: false, isValue: true, start: caret, end: caret };
      }
      return findEnd(at);
    }
    return readValue(next, slot, column);
  }

  /** Whether nothing but a comment follows on the line. @param {number} at */
  function isEmpty(at) {
    return at >= text.length || "\r\n".includes(text[at]) || (text[at] === "#" && " \n".includes(text[at - 1]));
  }

  /** Reads a value that begins on this line; returns the end of its last line. @param {number} at @param {Slot} slot @param {number} column of what it belongs to */
  function readValue(at, slot, column) {
    at += match(PROPERTIES, at)?.[0].length ?? 0;
    if ("|>".includes(text[at])) {
      fill(slot, "scalar", column);
      let end = findEnd(at);
      while (end < text.length) {
        const next = skip(end + 1, " ");
        if (next < text.length && text[next] !== "\n" && next - end - 1 <= column) {
          break;
        }
        end = findEnd(end + 1);
      }
      return end;
    }
    if ("{[".includes(text[at])) {
      return findEnd(readFlow(at, slot, column, 0));
    }
    const quoted = match(QUOTED, at);
    const plain = /^[^\n]*?(?=\s*$|\s+#)/m.exec(text.slice(at, findEnd(at)));
    const end = at + (quoted ?? plain ?? [""])[0].length;
    fill(slot, "scalar", column, unquote(text.slice(at, end)));
    if (isAt(at, end)) {
      found = { slot, isKey: false, isValue: true, start: at, end };
    }
    return findEnd(end);
  }

  /** Reads what is in brackets; returns the position behind it. One that is not closed ends where its indentation does. @param {number} at @param {Slot} slot @param {number} column @param {number} depth @returns {number} */
  function readFlow(at, slot, column, depth) {
    const isMap = text[at] === "{";
    const node = fill(slot, isMap ? "map" : "list", column);
    let position = at + 1;
    for (let isGap = true; ; isGap = text[position - 1] === ",") {
      const next = skipFlow(position, column);
      const isEnd = next === undefined || ",}]".includes(text[next]);
      if (isGap && isEnd && isAt(position, next ?? findEnd(position))) {
        const place = { start: caret, end: caret, isFlow: true };
        found = isMap
          ? { slot: node.slot, isKey: true, isValue: false, ...place }
          : { slot: { parent: node, key: node.slots.length }, isKey: false, isValue: true, ...place };
      }
      if (next === undefined) {
        return findEnd(position);
      }
      if (text[next] === ",") {
        position = next + 1;
        continue;
      }
      if ("}]".includes(text[next])) {
        return next + 1;
      }
      if (!isMap) {
        position = readFlowValue(next, add(node, node.slots.length), column, depth);
        continue;
      }
      const key = match(FLOW_KEY, next)?.[0] ?? "";
      const end = next + key.length;
      const colon = skip(end, " ");
      const hasColon = text[colon] === ":";
      const own = hasColon ? add(node, unquote(key)) : undefined;
      if (isAt(next, end)) {
        found = { slot: node.slot, own, isKey: true, isValue: false, start: next, end, hasColon, isFlow: true };
      }
      if (!own) {
        position = Math.max(end, next + 1);
        continue;
      }
      const value = skipFlow(colon + 1, column);
      if (value === undefined || ",}]".includes(text[value])) {
        if (isAt(colon + 2, value ?? findEnd(colon))) {
          found = { slot: own, isKey: false, isValue: true, start: caret, end: caret, isFlow: true };
        }
        position = value ?? findEnd(colon);
      } else {
        position = readFlowValue(value, own, column, depth);
      }
    }
  }

  /** @param {number} at @param {Slot} slot @param {number} column @param {number} depth @returns {number} */
  function readFlowValue(at, slot, column, depth) {
    if ("{[".includes(text[at]) && depth < MAX_DEPTH) {
      return readFlow(at, slot, column, depth + 1);
    }
    const token = (match(QUOTED, at) ?? match(/[^\n,{}[\]]*?(?=\s*(?:[,{}[\]\n]|$)|\s#)/y, at) ?? [""])[0];
    const end = at + token.length;
    fill(slot, "scalar", column, unquote(token));
    if (isAt(at, end)) {
      found = { slot, isKey: false, isValue: true, start: at, end, isFlow: true };
    }
    return Math.max(end, at + 1);
  }

  /** The next token in brackets, if there is one before the indentation ends. @param {number} at @param {number} column */
  function skipFlow(at, column) {
    for (;;) {
      at = skip(at, " \t\r");
      if (at >= text.length) {
        return undefined;
      }
      if (text[at] === "#" && " \t\n".includes(text[at - 1])) {
        at = findEnd(at);
      } else if (text[at] === "\n") {
        const next = skip(at + 1, " ");
        if (next < text.length && text[next] !== "\n" && next - at - 1 <= column && !"}]".includes(text[next])) {
          return undefined;
        }
        at++;
      } else {
        return at;
      }
    }
  }
}

/** @param {Found} found @param {string} text @returns {Place} */
function describe({ slot, own, isKey, isValue, start, end, hasColon = false, isFlow = false }, text) {
  const path = [];
  const texts = [listTexts(slot, own)];
  for (let above = slot; above.parent; above = above.parent.slot) {
    path.unshift(above.key);
    texts.unshift(listTexts(above.parent.slot, above));
  }
  const { node } = slot;
  return {
    ...{ path, texts, start, end, hasColon, isFlow },
    isKey: isKey && (!node || node.kind === "map"),
    isValue: isValue && (!node || node.kind === "scalar"),
    siblings: node?.kind === "map" ? node.slots.filter((it) => it !== own).map((it) => String(it.key)) : [],
    column: start - (text.lastIndexOf("\n", start - 1) + 1),
  };
}

/** The members of an object that are scalars. @param {Slot} slot @param {Slot} [except] @returns {Record<string, string>} */
function listTexts(slot, except) {
  const scalars = (slot.node?.slots ?? []).filter((it) => it !== except && it.node?.kind === "scalar");
  return Object.fromEntries(scalars.map((it) => [it.key, /** @type {Node} */ (it.node).text]));
}

/** @param {string} token */
function unquote(token) {
  if (/^"[^]*"$/.test(token)) {
    return token.slice(1, -1).replace(/\\(["\\/])/g, "$1");
  }
  return /^'[^]*'$/.test(token) ? token.slice(1, -1).replaceAll("''", "'") : token;
}
