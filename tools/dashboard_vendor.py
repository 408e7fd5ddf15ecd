"""Writes the libraries of the dashboard into src/mockserver/dashboard/vendor, from node_modules.

    .venv/bin/python tools/dashboard_vendor.py

The lock file has their versions and hashes. A browser finds modules by URL and not by the name of a
package, so that is what is changed in them; nothing else is.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

TOOLS = Path(__file__).parent
FOLDER = TOOLS.parent / "src" / "mockserver" / "dashboard" / "vendor"
MODULES = {
    "preact": ("preact", "dist/preact.mjs"),
    "preact/hooks": ("preact", "hooks/dist/hooks.mjs"),
    "@preact/signals-core": ("@preact/signals-core", "dist/signals-core.mjs"),
    "@preact/signals": ("@preact/signals", "dist/signals.mjs"),
    "htm": ("htm", "dist/htm.mjs"),
}
"""The modules by the name that imports have for them: each is a file of a package."""


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in make_files().items():
        (FOLDER / name).write_bytes(content)


def make_files() -> dict[str, bytes]:
    """The files of the folder by their names: the modules, and the licence of each package."""
    files = {}
    for name, (package, path) in MODULES.items():
        folder = TOOLS / "node_modules" / package
        text = (folder / path).read_text("utf-8")
        text = re.sub(r'\bfrom\s*"([^"]+)"', lambda found: f'from"./{_name_file(found[1])}"', text)
        text = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", text)
        version = json.loads((folder / "package.json").read_text("utf-8"))["version"]
        head = f"/*! {package} {version}, {_name_license(package)} */\n"
        files[_name_file(name)] = (head + text).encode()
        files[_name_license(package)] = (folder / "LICENSE").read_bytes()
        # For tsc alone, which finds the types beside the module; htm has nothing but a default.
        exported = "{ default }" if "export default" in text else "*"
        files[_name_file(name).replace(".js", ".d.ts")] = (
            f'export {exported} from "{name}";\n'.encode()
        )
    return files


def _name_file(module: str) -> str:
    return f"{module.removeprefix('@').replace('/', '-')}.js"


def _name_license(package: str) -> str:
    return f"LICENSE-{package.removeprefix('@').replace('/', '-')}.txt"


if __name__ == "__main__":
    main()
