// The evidence of a place in a contract: what says so, the note beside it, and where it stands.
import { html } from "../../html.js";

/** The strongest first. */
export const EVIDENCE = ["documented", "example", "related", "assumed"];

/** @param {{value: string}} props */
export function Evidence({ value }) {
  return html`<span class="evidence ${EVIDENCE.includes(value) ? value : ""}">${value}</span>`;
}

/**
 * The evidence of a place with its note: the nearest mark above it. Nothing is better founded than its operation.
 * @param {any} document @param {string} pointer its own one @param {any} operation
 */
export function findEvidence(document, pointer, operation) {
  let node = document;
  const marks = [node];
  for (const token of pointer.split("/").slice(1)) {
    node = node?.[token.replaceAll("~1", "/").replaceAll("~0", "~")];
    marks.push(node);
  }
  const nearest = marks.findLast((it) => it?.["x-evidence"]);
  const weakest = [nearest, operation].sort((a, b) => rank(b) - rank(a))[0];
  return { evidence: weakest?.["x-evidence"] ?? "assumed", note: String(weakest?.["x-evidence-note"] ?? "").trim() };
}

/** @param {any} node */
function rank(node) {
  const found = EVIDENCE.indexOf(node?.["x-evidence"] ?? "assumed");
  return found === -1 ? 99 : found;
}
