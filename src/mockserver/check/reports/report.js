"use strict";
(() => {
  const form = document.querySelector(".filters");
  const findings = [...document.querySelectorAll(".finding")];
  const folds = findings.map((finding) => finding.querySelector("details"));

  const filter = () => {
    const api = form.elements.api.value;
    const severities = new Set(
      [...form.querySelectorAll("[name=severity]:checked")].map((box) => box.value),
    );
    for (const section of document.querySelectorAll(".about[data-api]")) {
      section.hidden = Boolean(api) && section.dataset.api !== api;
    }
    for (const finding of findings) finding.hidden = !severities.has(finding.dataset.severity);
    for (const section of document.querySelectorAll(".about")) {
      const own = [...section.querySelectorAll(".finding")];
      const nothing = section.querySelector(".nothing");
      if (nothing) nothing.hidden = own.some((finding) => !finding.hidden);
    }
    const shown = findings.filter((finding) => finding.checkVisibility()).length;
    form.querySelector("output").value = `${shown} of ${findings.length} findings`;
  };

  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.text);
    } catch {
      // Some browsers do not let a page from a file at the clipboard, but copy what is selected.
      const range = document.createRange();
      range.selectNodeContents(button.parentElement.querySelector("code"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };

  // A link from the matrix opens what it leads to, and shows it if a filter hid it.
  const reveal = () => {
    const finding = document.getElementById(location.hash.slice(1));
    if (!finding?.matches(".finding")) return;
    if (finding.hidden) {
      form.querySelector(`[value=${finding.dataset.severity}]`).checked = true;
      filter();
    }
    finding.querySelector("details").open = true;
    finding.scrollIntoView();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.matches(".copy")) copy(button);
    if (button?.dataset.does) {
      for (const fold of folds) fold.open = button.dataset.does === "open";
    }
  });
  form.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);

  // Paper cannot be unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
  });

  form.hidden = false;
  filter();
  reveal();
})();
