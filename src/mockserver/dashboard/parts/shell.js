// What is around every view: the navigation, the sandbox, the theme, and the place where the view is.
import { SERVER, call, hasToken, setToken, token, wantsToken } from "../api.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { go, link, route, sandbox } from "../route.js";
import { VIEWS } from "../views/index.js";
import { Failure, Notices } from "./notices.js";
import { Text } from "./text.js";

export function Shell() {
  const view = VIEWS.find(({ name }) => name === route.value.view);
  useEffect(() => {
    document.title = `${view?.title ?? "Unknown view"} · ${sandbox.value} · Mockserver`;
  }, [view, sandbox.value]);
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header>
      <a class="brand" href="${SERVER}/"><img src="icon.svg" alt="" width="20" height="20" />Mockserver</a>
      <${SandboxPicker} key=${sandbox.value} />
      <span class="grow"></span>
      <nav aria-label="Server">
        <a href="${SERVER}/__mock__/docs/control">Control API</a>
        ${hasToken.value && html`<button type="button" class="plain" onClick=${() => setToken("")}>Forget the token</button>`}
      </nav>
      <${ThemePicker} />
    </header>
    <nav class="views" aria-label="Views">
      ${VIEWS.map(({ name, title }) => html`<a key=${name} href=${link({ view: name, path: [], query: {} })} aria-current=${name === view?.name ? "page" : undefined}>${title}</a>`)}
    </nav>
    <main id="main" tabindex="-1">
      ${
        wantsToken.value
          ? html`<${TokenForm} />`
          : view
            ? html`<${ViewHost} key=${view.name} view=${view} />`
            : html`<h1>There is no view '<${Text} value=${route.value.view} />'</h1>
                <p>The navigation has those that there are.</p>`
      }
    </main>
    <${Notices} />
  `;
}

/** Goes to the content without a change of the URL, which names the view. @param {MouseEvent} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** Loads the module of a view. @param {{view: import("../views/index.js").View}} props */
function ViewHost({ view }) {
  const [component, setComponent] = useState(/** @type {{default?: any, error?: Error}} */ ({}));
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    view.load().then(setComponent, (error) => setComponent({ error }));
  }, [view]);
  useEffect(() => {
    // Where a link of the navigation led, so that a screen reader says it and Tab continues from there.
    if (component.default && document.activeElement?.closest("nav.views")) {
      host.current?.querySelector("h1")?.focus();
    }
  }, [component]);
  if (component.error) {
    return html`<${Failure} error=${new Error(`The view could not be loaded: ${component.error.message}`)} />`;
  }
  return html`<div class="view" ref=${host}>${component.default && html`<${component.default} />`}</div>`;
}

/** The heading of a view, with what can be done beside it. @param {{title: string, children?: import("../html.js").Children}} props */
export function Heading({ title, children }) {
  return html`<div class="heading">
    <h1 tabindex="-1">${title}</h1>
    ${children}
  </div>`;
}

function SandboxPicker() {
  const [names, setNames] = useState(/** @type {string[]} */ ([]));
  const load = () =>
    call("GET", "/sandboxes").then(
      ({ sandboxes }) => setNames(sandboxes.map((/** @type {{name: string}} */ it) => it.name)),
      () => setNames([]), // the view says why
    );
  /** @param {Event & {currentTarget: HTMLInputElement}} event */
  const choose = (event) => {
    const name = event.currentTarget.value.trim();
    go({ sandbox: name || "default", path: [] });
  };
  return html`<label class="sandbox"
    >Sandbox
    <input
      list="sandboxes"
      dir="auto"
      defaultValue=${sandbox.value}
      onFocus=${load}
      onChange=${choose}
      spellcheck=${false}
      autocomplete="off"
      maxlength="64"
    />
    <datalist id="sandboxes">${names.map((name) => html`<option value=${name}></option>`)}</datalist>
  </label>`;
}

function ThemePicker() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme);
  /** @param {Event & {currentTarget: HTMLSelectElement}} event */
  const choose = (event) => {
    const chosen = event.currentTarget.value;
    document.documentElement.dataset.theme = chosen;
    localStorage.setItem("mockserver.theme", chosen);
    setTheme(chosen);
  };
  return html`<label class="theme"
    >Theme
    <select value=${theme} onChange=${choose}>
      <option value="auto">System</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  </label>`;
}

function TokenForm() {
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    setToken(String(form.get("token")).trim());
  };
  return html`<form class="token" onSubmit=${submit}>
    <h1>This server wants its admin token</h1>
    <p>
      ${token.value ? "It refused the one that was given." : "It was started with --admin-token."} The token is kept
      until this tab is closed, and sent to this server alone.
    </p>
    <label class="field"
      ><span>Admin token</span><input name="token" type="password" required autofocus autocomplete="off"
    /></label>
    <div class="buttons"><button type="submit" class="primary">Continue</button></div>
  </form>`;
}
