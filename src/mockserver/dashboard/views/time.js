// Time: the clock of the sandbox.
import { call, useResource } from "../api.js";
import { html } from "../html.js";
import { Loaded } from "../parts/notices.js";
import { Heading } from "../parts/shell.js";
import { Code } from "../parts/text.js";

export default function Time() {
  const clock = useResource((signal) => call("GET", "/clock", { signal }));
  return html`<${Heading} title="Time" />
    <${Loaded} of=${clock}>
      ${(/** @type {{now: string, mode: string, rate: number}} */ { now, mode, rate }) =>
        html`<dl>
          <dt>Now</dt>
          <dd><${Code} value=${now} /></dd>
          <dt>Mode</dt>
          <dd>${mode}</dd>
          <dt>Rate</dt>
          <dd>${rate}</dd>
        </dl>`}
    <//>`;
}
