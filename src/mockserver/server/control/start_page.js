// Lists requests and ids to try, by the control API, as any other client of it would.
const root = document.currentScript.dataset.root;
const base = new URL(root, location.href).href.replace(/\/__mock__$/, "");
const columns = { api: "API", kind: "Kind", use: "Good for", key: "Id", owner: "Owner", name: "Name" };

/** An element with children; a text is never HTML, and has its own direction. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

async function read(path) {
  const response = await fetch(`${root}/${path}`);
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.detail);
  }
  document.getElementById("sandbox").textContent = response.headers.get("X-Mock-Sandbox") ?? "";
  return body;
}

function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function writeCurl({ method, target, headers, body }) {
  const parts = [`curl${method === "GET" ? "" : ` -X ${method}`} ${quote(base + target)}`];
  headers.forEach(([name, value]) => parts.push(`-H ${quote(`${name}: ${value}`)}`));
  if (body) {
    parts.push(`-d ${quote(body)}`);
  }
  return parts.join(" ");
}

function addRequest(list, request) {
  const command = writeCurl(request);
  const button = make("button", { type: "button", "aria-label": `Copy the curl of ${request.operation}` }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command).then(
      () => button.replaceChildren("Copied"),
      () => button.replaceChildren("Select the text instead"),
    );
  });
  list.append(
    make(
      "div",
      { class: "request" },
      make("h4", {}, request.operation),
      make("pre", { tabindex: "0", dir: "ltr" }, command),
      button,
    ),
  );
}

async function listRequests() {
  const place = document.getElementById("requests");
  for (const api of (await read("requests")).apis) {
    const list = make("section", {}, make("h3", { dir: "auto" }, `${api.api}: ${api.title}`));
    api.requests.forEach((request) => addRequest(list, request));
    if (api.requests.length === 0) {
      list.append(make("p", {}, "The contract has no examples from which a request could be made."));
    }
    place.append(list);
  }
}

async function listIds() {
  const { ids } = await read("ids");
  const table = document.getElementById("ids");
  const heads = Object.values(columns).map((title) => make("th", { scope: "col" }, title));
  table.append(make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}));
  for (const found of ids) {
    const path = [found.api, found.kind, found.key].map(encodeURIComponent).join("/");
    const link = make("a", { href: `${root}/state/${path}` }, found.key);
    const cells = Object.keys(columns).map((name) => make("td", { dir: "auto" }, name === "key" ? link : found[name]));
    table.tBodies[0].append(make("tr", {}, ...cells));
  }
}

Promise.all([listRequests(), listIds()]).catch((error) => {
  document.getElementById("message").textContent = `${error.message}.`.replace(/\.\.$/, ".");
  document.getElementById("try").hidden = true;
});
