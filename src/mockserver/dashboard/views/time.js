// Time: the clock of the world as it moves, and everything that can be done with it.
import { call } from "../api.js";
import { html, useId, useState } from "../html.js";
import { formatMoment, useClock } from "../parts/clock.js";
import { Failure, Loaded, attempt, notify } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { formatAge } from "../parts/text.js";

/** @typedef {import("../parts/clock.js").Clock} Clock */

const STEPS = ["-1d", "-1h", "1m", "1h", "1d", "7d"];
const MODES = {
  real: "It shows the machine's time.",
  frozen: "It is frozen: every request sees the same moment.",
  shifted: "It runs as fast as the machine's clock, at some distance from it.",
  scaled: "It runs at another rate than the machine's clock.",
};

export default function Time() {
  const { resource, clock, now, set } = useClock();
  /** @param {string} operation @param {object} [body] */
  const change = async (operation, body) => {
    const changed = /** @type {Clock} */ (await call("POST", `/clock/${operation}`, { body }));
    set(changed);
    notify(`The clock shows ${formatMoment(Date.parse(changed.now))} UTC.`);
  };
  return html`<${Heading} title="Time"><button type="button" onClick=${resource.reload}>Reload</button><//>
    <${Loaded} of=${clock ? { ...resource, value: clock, error: undefined } : resource}>
      ${(/** @type {Clock} */ it) => html`
        <p class="clock" role="timer" aria-label="The world's time">
          <time dir="ltr">${formatMoment(now ?? 0)}</time> <span class="hint">UTC</span>
        </p>
        <dl>
          <dt>Mode</dt>
          <dd>${it.mode}. ${MODES[it.mode]}</dd>
          <dt>Rate</dt>
          <dd>${it.rate} ${it.rate === 1 ? "second" : "seconds"} in a real second</dd>
          <dt>Distance</dt>
          <dd>${describeDistance(((now ?? 0) - Date.now()) / 1000)}</dd>
          <dt>Here</dt>
          <dd>${describeHere(now ?? 0)}</dd>
        </dl>
        <div class="steps" role="group" aria-label="Advance">
          ${STEPS.map((by) => html`<button type="button" key=${by} onClick=${() => attempt(() => change("advance", { by }))}>${by.startsWith("-") ? `−${by.slice(1)}` : `+${by}`}</button>`)}
        </div>
        <div class="cards">
          <${Card}
            title="Freeze"
            label="At"
            hint="Such as 2025-08-21T14:30:00Z, -1d or 'today 09:00 Asia/Riyadh'. Without it, at the moment that the clock shows."
            action="Freeze"
            onSubmit=${(/** @type {string} */ at) => change("freeze", at ? { at } : {})}
          />
          <${Card}
            title="Run"
            hint="A frozen clock runs again in real seconds, from the moment that it shows."
            action="Run"
            isDisabled=${it.mode !== "frozen"}
            onSubmit=${() => change("unfreeze")}
          />
          <${Card}
            title="Advance"
            label="By"
            hint="Such as 3h, -30m or 1d 2h 5s. A frozen clock stays frozen."
            action="Advance"
            isRequired
            onSubmit=${(/** @type {string} */ by) => change("advance", { by })}
          />
          <${Card}
            title="Shift"
            label="From the machine's clock by"
            hint="It runs in real seconds, so far ahead, or behind with a minus. 0s makes it real again."
            action="Shift"
            isRequired
            onSubmit=${(/** @type {string} */ by) => change("shift", { by })}
          />
          <${Card}
            title="Rate"
            label="Seconds in a real second"
            hint="From 0.000001 to 1000000; it continues from the moment that it shows."
            action="Set the rate"
            isRequired
            onSubmit=${(/** @type {string} */ rate) => change("rate", { rate: Number.isNaN(Number(rate)) ? rate : Number(rate) })}
          />
        </div>
      `}
    <//>`;
}

/**
 * One operation on the clock: a form with at most one field, and its error.
 * @param {object} props
 * @param {string} props.title
 * @param {string} [props.label] of the field; without it there is none
 * @param {string} props.hint
 * @param {string} props.action
 * @param {boolean} [props.isRequired]
 * @param {boolean} [props.isDisabled]
 * @param {(text: string) => Promise<unknown>} props.onSubmit
 */
function Card({ title, label, hint, action, isRequired, isDisabled, onSubmit }) {
  const id = useId();
  const [error, setError] = useState(/** @type {Error | undefined} */ (undefined));
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const text = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("value") ?? "").trim();
    try {
      await onSubmit(text);
      setError(undefined);
    } catch (error) {
      setError(/** @type {Error} */ (error));
    }
  };
  return html`<form class="card" aria-labelledby="${id}-title" onSubmit=${submit}>
    <h2 id="${id}-title">${title}</h2>
    ${
      label &&
      html`<div class="field">
        <label for=${id}>${label}</label>
        <input
          id=${id}
          name="value"
          maxlength="64"
          required=${isRequired}
          autocomplete="off"
          spellcheck=${false}
          aria-describedby="${id}-hint"
          aria-invalid=${error ? "true" : undefined}
        />
      </div>`
    }
    <p class="hint" id="${id}-hint">${hint}</p>
    ${error && html`<${Failure} error=${error} />`}
    <button type="submit" disabled=${isDisabled}>${action}</button>
  </form>`;
}

/** How far the world's clock is from that of this machine. @param {number} seconds */
function describeDistance(seconds) {
  if (Math.abs(seconds) < 2) {
    return "none: the same as the clock of this browser";
  }
  return `${formatAge(Math.abs(seconds))} ${seconds > 0 ? "ahead of" : "behind"} the clock of this browser`;
}

/** The moment in the zone of this browser. @param {number} moment */
function describeHere(moment) {
  const date = new Date(moment);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return Number.isNaN(date.getTime())
    ? ""
    : `${date.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "medium" })}, ${zone}`;
}
