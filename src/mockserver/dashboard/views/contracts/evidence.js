// The evidence of a place in a contract: what says so.
import { html } from "../../html.js";

/** The strongest first. */
export const EVIDENCE = ["documented", "example", "related", "assumed"];

/** @param {{value: string}} props */
export function Evidence({ value }) {
  return html`<span class="evidence ${EVIDENCE.includes(value) ? value : ""}">${value}</span>`;
}
