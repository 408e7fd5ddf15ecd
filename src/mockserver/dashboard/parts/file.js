// Files that the page gives to the browser to keep.

/** @param {Blob} content @param {string} name */
export function saveFile(content, name) {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(content);
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(anchor.href);
}
