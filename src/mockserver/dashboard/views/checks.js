// Checks: the history of runs and how they went over time, one run as it goes on, and the report of a run or of a file.
import { route } from "../route.js";
import { html } from "../html.js";
import { FileReport } from "./checks/file.js";
import { History } from "./checks/history.js";
import { Run } from "./checks/run.js";

export default function Checks() {
  const [chosen] = route.value.path;
  if (chosen === undefined) {
    return html`<${History} />`;
  }
  return chosen === "file" ? html`<${FileReport} />` : html`<${Run} key=${chosen} id=${chosen} />`;
}
