// How many failures and warnings the checks of a target had, from the oldest to the newest.
import { html, useId } from "../../html.js";
import { Text, count } from "../../parts/text.js";
import { add } from "./runs.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [44, 628, 10, 92]; // of the lines, in a picture of 640 by 112

/** @param {{checks: import("./runs.js").CheckRun[], target: string | undefined}} props */
export function Trend({ checks, target }) {
  const label = useId();
  const runs = checks
    .filter((it) => it.target === target && ["passed", "failed", "inconclusive"].includes(it.state))
    .map((it) => ({
      id: it.id,
      failures: add(it.summary, "failures") ?? 0,
      warnings: add(it.summary, "warnings") ?? 0,
    }))
    .reverse();
  if (runs.length < 2) {
    return null;
  }
  const most = Math.max(1, ...runs.flatMap((it) => [it.failures, it.warnings]));
  /** @param {number} index */
  const x = (index) => LEFT + (index * (RIGHT - LEFT)) / (runs.length - 1);
  /** @param {number} number */
  const y = (number) => BOTTOM - (number / most) * (BOTTOM - TOP);
  /** @param {"failures" | "warnings"} name */
  const line = (name) => runs.map((it, index) => `${x(index).toFixed(1)},${y(it[name]).toFixed(1)}`).join(" ");
  const numbers = runs.map(
    (it) => `check ${it.id}: ${count(it.failures, "failure")}, ${count(it.warnings, "warning")}`,
  );
  return html`<figure class="trend">
    <figcaption id=${label}>
      <span class="failures">● failures</span> and <span class="warnings">□ warnings</span> of the checks of${" "}
      <${Text} value=${target} />, the oldest first
    </figcaption>
    <svg viewBox="0 0 640 112" role="img" aria-labelledby=${label} aria-description=${numbers.join("; ")}>
      <line class="axis" x1=${LEFT} x2=${RIGHT} y1=${BOTTOM} y2=${BOTTOM} />
      <line class="axis" x1=${LEFT} x2=${RIGHT} y1=${TOP} y2=${TOP} />
      <text x=${LEFT - 8} y=${TOP + 4} text-anchor="end">${most}</text>
      <text x=${LEFT - 8} y=${BOTTOM + 4} text-anchor="end">0</text>
      <text x=${LEFT} y="108">check ${runs[0].id}</text>
      <text x=${RIGHT} y="108" text-anchor="end">check ${runs[runs.length - 1].id}</text>
      <polyline class="warnings" points=${line("warnings")} />
      <polyline class="failures" points=${line("failures")} />
      ${runs.map(
        (it, index) =>
          html`<rect
              key=${`w${it.id}`}
              class="warnings"
              x=${x(index) - 3.5}
              y=${y(it.warnings) - 3.5}
              width="7"
              height="7"
            />
            <circle key=${`f${it.id}`} class="failures" cx=${x(index)} cy=${y(it.failures)} r="3.5" />`,
      )}
    </svg>
    <details>
      <summary>As a table</summary>
      <div class="limited" tabindex="0" role="region" aria-label="Failures and warnings">
        <table>
          <thead>
            <tr>
              <th scope="col">Check</th>
              <th scope="col">Failures</th>
              <th scope="col">Warnings</th>
            </tr>
          </thead>
          <tbody>
            ${runs.map(
              (it) =>
                html`<tr key=${it.id}>
                  <th scope="row">${it.id}</th>
                  <td>${it.failures}</td>
                  <td>${it.warnings}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </figure>`;
}
