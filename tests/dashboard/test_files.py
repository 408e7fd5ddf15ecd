"""The files of the dashboard: what they are, how they are served, and to which clients."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import dashboard_vendor
import httpx
import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "src" / "mockserver" / "dashboard"
UI = "/__mock__/ui/"
FILES = sorted(
    path.relative_to(FOLDER).as_posix()
    for path in FOLDER.rglob("*")
    if path.is_file() and not path.name.endswith(".d.ts")
)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
ELSEWHERE = "The control API answers its own machine only"


def test_every_file_is_served_with_its_type_its_version_and_the_policy(
    documented: httpx.Client,
) -> None:
    assert len(FILES) > 20
    for file in FILES:
        response = documented.get(UI + file)
        assert (response.status_code, response.content) == (200, (FOLDER / file).read_bytes()), file
        assert response.headers["content-type"] == TYPES[Path(file).suffix], file
        assert response.headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-cache"
        again = documented.get(UI + file, headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), file


def test_the_page_is_index_html_and_its_address_ends_with_a_slash(documented: httpx.Client) -> None:
    response = documented.get("/__mock__/ui")

    assert (response.status_code, response.headers["location"]) == (308, "ui/")
    assert documented.get(UI).content == (FOLDER / "index.html").read_bytes()
    assert documented.head(UI).status_code == 200
    assert documented.post(UI).status_code == 405


@pytest.mark.parametrize(
    "file",
    [
        *("nope.js", "views", "views/", "../errors.py", "..%2Ferrors.py", "%2e%2e/errors.py"),
        *("vendor/preact.d.ts", "%2Fetc/hosts", "//etc/hosts", "index.html%00.js", "x%5C..%5Cy.js"),
    ],
)
def test_no_other_file_is_served(documented: httpx.Client, file: str) -> None:
    response = documented.get(UI + file)

    assert response.status_code in (400, 404)
    assert response.headers["content-type"] == "application/problem+json"


def test_the_files_are_for_the_clients_that_may_use_the_control_api(
    documented: httpx.Client, start: Callable[..., httpx.Client]
) -> None:
    foreign = [
        {"Host": "evil.example"},
        {"X-Forwarded-For": "203.0.113.5"},
        {"Origin": "http://evil.example"},
    ]
    for headers in foreign:
        for path in (UI, "/__mock__/ui", f"{UI}app.js", f"/__sandbox__/x{UI}"):
            response = documented.get(path, headers=headers)
            assert response.status_code == 403, (headers, path)
            assert "control API" in response.json()["detail"]
    assert documented.get(UI, headers=foreign[0]).json()["detail"].startswith("The control API ")
    guarded = start(scenario="documented", admin_token="secret")
    # The page asks for the token, so that its files are for everybody; pages of others are not.
    assert guarded.get(UI, headers=foreign[0]).status_code == 200
    assert guarded.get(UI, headers=foreign[1]).status_code == 200
    assert guarded.get(UI, headers=foreign[2]).status_code == 403


def test_the_page_has_no_script_and_no_style_inside_and_preloads_what_there_is() -> None:
    page = (FOLDER / "index.html").read_text("utf-8")

    assert re.findall(r"<script\b[^>]*>(.*?)</script>", page, re.DOTALL) == ["", ""]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://", page)
    for file in re.findall(r'(?:href|src)="([^"]+)"', page):
        assert (FOLDER / file).exists() or file == "../docs/control", file


def test_no_file_of_ours_makes_html_of_a_text_or_asks_another_server() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacent|dangerously|document\.write|\beval\(|new Function"
        r"|XMLHttpRequest|new EventSource|sendBeacon"
    )
    for file in FILES:
        text = (FOLDER / file).read_text("utf-8")
        if not file.startswith("vendor/") and file.endswith(".js"):
            assert not forbidden.search(text), file
            assert "fetch(" not in text or file == "api.js", file
            assert not re.search(r"https?://(?!127\.0\.0\.1)", text), file


def test_the_libraries_are_those_of_the_lock_file() -> None:
    if not (ROOT / "tools" / "node_modules" / "preact").is_dir():
        pytest.skip("The packages of Node.js are not here: `make tests` installs them.")
    kept = {path.name: path.read_bytes() for path in (FOLDER / "vendor").iterdir()}

    assert dashboard_vendor.make_files() == kept
    locked = json.loads((ROOT / "tools" / "package-lock.json").read_text("utf-8"))["packages"]
    for package, _ in dashboard_vendor.MODULES.values():
        name = package.removeprefix("@").replace("/", "-")
        version = locked[f"node_modules/{package}"]["version"]
        assert any(
            content.startswith(f"/*! {package} {version},".encode()) for content in kept.values()
        )
        assert f"LICENSE-{name}.txt" in kept


@pytest.mark.parametrize(
    "command",
    [
        ["typescript/bin/tsc", "--project", "tools/dashboard.tsconfig.json"],
        [
            *("prettier/bin/prettier.cjs", "--check", "src/mockserver/dashboard/**/*.{js,css}"),
            "!src/mockserver/dashboard/vendor/**",
        ],
    ],
    ids=["types", "format"],
)
def test_the_source_has_the_types_and_the_format_that_it_says(command: list[str]) -> None:
    program = ROOT / "tools" / "node_modules" / command[0]
    node = ROOT / ".venv" / "bin" / "node"
    if not program.is_file() or not node.is_file():
        pytest.skip("The packages of Node.js are not here: `make tests` installs them.")
    run = [str(node), str(program), *command[1:]]
    found = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout + found.stderr
