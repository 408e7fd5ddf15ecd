// The runs of checks as the control API has them, and how a page writes what they have in common.
import { html } from "../../html.js";
import { Text, count } from "../../parts/text.js";

/** @typedef {"running" | "passed" | "failed" | "inconclusive" | "stopped" | "interrupted" | "error"} State */
/** @typedef {{api: string, phase: string, state: "waits" | "runs" | "done" | "stopped", requests: number, findings: number, seconds: number}} Stage */
/** @typedef {{api: string, verdict: string, requests: number, failures: number, warnings: number, accepted: number, seconds: number}} Verdict */
/** @typedef {{operations: string[], phases: string[], quick: boolean, seed: number, workers: number}} Options */
/**
 * @typedef {object} CheckRun as of the control API
 * @property {number} id
 * @property {"run" | "report"} source
 * @property {string} target
 * @property {string} url
 * @property {string[]} apis
 * @property {Options | null} options
 * @property {State} state
 * @property {string | null} error
 * @property {boolean} stopping
 * @property {string} started_at
 * @property {string | null} ended_at
 * @property {Verdict[]} summary
 * @property {Stage[]} progress
 * @property {boolean} has_report
 */
/** @typedef {{name: string, url: string, apis: string[]}} CheckTarget */
/** @typedef {{checks: CheckRun[], targets: CheckTarget[], targets_error: string | null}} Checks */

/** The sum of a member of objects; undefined if there are none. @template {string} K @param {Array<Record<K, number>>} of @param {K} name */
export function add(of, name) {
  return of.length > 0 ? of.reduce((sum, it) => sum + it[name], 0) : undefined;
}

/** The options of a run that are not as usual. @param {Options | null} options */
export function describe(options) {
  if (!options) {
    return "";
  }
  const { operations, phases, quick, workers } = options;
  return [
    quick && "quick",
    phases.length < PHASES.length && phases.join(", "),
    operations.length > 0 && operations.join(", "),
    workers > 1 && count(workers, "worker"),
  ]
    .filter(Boolean)
    .join("; ");
}

export const PHASES = ["examples", "cases", "generated", "workflows", "boundaries"];

/** @param {{run: CheckRun}} props */
export function StateText({ run }) {
  const { state, stopping, progress } = run;
  const kind = { passed: "good", failed: "bad", error: "bad" }[/** @type {string} */ (state)] ?? "notable";
  const findings = state === "running" ? count(add(progress, "findings") ?? 0, "finding") : "";
  return html`<strong class="status ${kind}"><${Text} value=${stopping ? "stopping" : state} /></strong
    >${findings && html` <span class="hint">${findings}</span>`}`;
}
