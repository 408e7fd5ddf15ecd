// Lists ids by the control API, as any other client of it would.
const root = document.currentScript.dataset.root;
const columns = { api: "API", kind: "Kind", use: "Good for", key: "Id", owner: "Owner", name: "Name" };

function addRow(table, tag, cells) {
  const row = table.insertRow();
  for (const cell of cells) {
    const element = document.createElement(tag);
    element.dir = "auto"; // a name may be Arabic
    element.append(cell);
    row.append(element);
  }
}

async function listIds() {
  const response = await fetch(`${root}/ids`);
  document.getElementById("sandbox").textContent = response.headers.get("X-Mock-Sandbox") ?? "";
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.detail);
  }
  const table = document.getElementById("ids");
  addRow(table, "th", Object.values(columns));
  for (const found of body.ids) {
    const link = document.createElement("a");
    const path = [found.api, found.kind, found.key].map(encodeURIComponent).join("/");
    link.href = `${root}/state/${path}`;
    link.append(found.key);
    addRow(table, "td", Object.keys(columns).map((name) => (name === "key" ? link : found[name])));
  }
}

listIds().catch((error) => {
  document.getElementById("message").textContent = error.message;
});
