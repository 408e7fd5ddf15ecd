// Sets the colours before anything is painted; the style sheet has both. Not a module, which would run later.
document.documentElement.dataset.theme = localStorage.getItem("mockserver.theme") ?? "auto";
