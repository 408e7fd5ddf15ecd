"""The mock's own pages: its contracts, and their documentation to be tried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import flask
import orjson
from swagger_ui_bundle import swagger_ui_path
from werkzeug.exceptions import HTTPException, NotFound

from mockserver import __version__
from mockserver.api import Api
from mockserver.contract import (
    Contract,
    Operation,
    prepend_server,
    weaker,
    write_client_profile,
    write_contract,
)
from mockserver.errors import suggest_nearest
from mockserver.server import urls
from mockserver.server.control.context import PREFIX
from mockserver.server.control.dashboard import FOLDER as DASHBOARD_FOLDER
from mockserver.server.responses import make_problem, make_refusal_response
from mockserver.yaml_source import read_yaml

PAGES = frozenset(
    {
        "/",
        "/favicon.ico",
        "/apple-touch-icon.png",
        "/apple-touch-icon-precomposed.png",
        "/.well-known/appspecific/com.chrome.devtools.json",
    }
)
"""The start page, and what a browser requests without being told to, where no API has them."""

# Its URLs are relative: a base path, a proxy or a sandbox may stand before them.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="assets/swagger-ui-bundle.js"></script>
<script src="page.js"></script>
</body>
</html>
"""
_START_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mockserver</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}/docs/start.css">
</head>
<body>
<header>
<h1>Mockserver {version}</h1>
<nav aria-label="Pages">
<a href="{root}/ui/">Dashboard</a>
<a href="{root}/docs/control">Control API</a>
</nav>
</header>
<main>
<h2>APIs</h2>
<div class="scroller" tabindex="0" role="region" aria-label="APIs">
<table>
<thead><tr><th scope="col">API</th><th scope="col">Title</th><th scope="col">Base URL</th>\
<th scope="col">Contract</th></tr></thead>
<tbody>
{apis}
</tbody>
</table>
</div>
<p id="message" role="status"></p>
<div id="try">
<h2>Requests to try in the sandbox <output id="sandbox"></output></h2>
<div id="requests"></div>
<h2>Ids to try</h2>
<div class="scroller" tabindex="0" role="region" aria-label="Ids">
<table id="ids"></table>
</div>
</div>
</main>
<script src="{root}/docs/start.js" data-root="{root}"></script>
</body>
</html>
"""
_START_ROW = """<tr><td><a href="{root}/docs/{name}">{name}</a></td><td dir="auto">{title}</td>\
<td><code>{url}</code></td>\
<td><a href="{root}/apis/{name}/openapi.yaml">openapi.yaml</a></td></tr>"""
_START_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# Swagger UI sets styles and has images in `data:` URLs.
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


_KEPT_DOCUMENTS = 16
"""How many documents are kept as they were served; each client's URL has documents of its own."""
_FORMS: Mapping[str, Callable[[Contract, str], bytes]] = {
    "openapi.yaml": lambda contract, url: write_contract(contract, url).encode(),
    "openapi.json": lambda contract, url: orjson.dumps(prepend_server(contract.document, url)),
    "client.yaml": lambda contract, url: write_client_profile(contract, url).encode(),
    "evidence.json": lambda contract, _: orjson.dumps(_list_evidence(contract)),
}
"""The forms in which a contract is served; this server's URL stands first in the documents."""


def _list_evidence(contract: Contract) -> dict[str, dict[str, Any]]:
    """The evidence of each operation and its parts: by operationId, then by JSON Pointer.

    Nothing is better founded than its operation. `line` is the line of the contract's own file.
    """
    source = read_yaml(contract.source)

    def describe(operation: Operation, pointer: str) -> dict[str, Any]:
        own = contract.evidence(pointer)
        evidence = weaker(own, operation.evidence)
        note = contract.evidence_note(pointer if evidence == own else operation.pointer)
        line = source.line(pointer.removeprefix("#"))
        return {"evidence": evidence, "note": note, "line": line}

    return {
        operation.id: {
            pointer.removeprefix("#"): describe(operation, pointer)
            for pointer in (
                operation.pointer,
                *(parameter.pointer for parameter in operation.parameters),
                *filter(None, [operation.body_pointer]),
                *(response.pointer for response in operation.responses.values()),
            )
        }
        for operation in contract.operations
    }


def make_pages(apis: Mapping[str, Api]) -> flask.Blueprint:
    """The pages of these APIs below `/__mock__`."""
    routes = flask.Blueprint("pages", __name__, url_prefix=PREFIX)

    def known(name: str) -> Api:
        if name not in apis:
            flask.abort(404, f"There is no API '{name}'; {suggest_nearest(name, apis)}")
        return apis[name]

    @lru_cache(_KEPT_DOCUMENTS)
    def write(form: str, api: Api, url: str) -> bytes:
        return _FORMS[form](api.contract, url)

    @routes.get(f"/apis/<name>/<any({', '.join(map(repr, _FORMS))}):form>")
    def contract(name: str, form: str) -> flask.Response:
        api = known(name)
        url = urls.make_link(flask.request.environ["asgi.scope"], api.contract.base)
        return flask.Response(write(form, api, url), mimetype=f"application/{form[-4:]}")

    @routes.get("/docs/<name>")
    def documentation(name: str) -> flask.Response:
        page = _PAGE.format(title=escape(known(name).contract.title))
        headers = {"Content-Security-Policy": _POLICY}
        return flask.Response(page, mimetype="text/html", headers=headers)

    @routes.get("/docs/page.js")
    def page_script() -> flask.Response:
        return flask.send_from_directory(Path(__file__).parent, "docs_page.js", max_age=3600)

    @routes.get("/docs/assets/<path:file>")
    def asset(file: str) -> flask.Response:
        return flask.send_from_directory(Path(str(swagger_ui_path)), file, max_age=3600)

    @routes.get("/docs/start.<any('js', 'css'):kind>")
    def start_file(kind: str) -> flask.Response:
        name = f"start_page.{kind}"
        return flask.send_from_directory(Path(__file__).parent, name, max_age=3600)

    return routes


def make_start_page(apis: Mapping[str, Api]) -> flask.Blueprint:
    """The page at `/`: in a browser the APIs and what to try; for other clients where that is."""
    routes = flask.Blueprint("start", __name__)

    @routes.get("/")
    def start() -> flask.Response:
        scope = flask.request.environ["asgi.scope"]
        headers = {"Vary": "Accept"}
        accepted = flask.request.accept_mimetypes
        if accepted.best_match(["application/json", "text/html"]) == "text/html":
            root = escape(urls.make_path(scope, PREFIX))
            rows = [
                _START_ROW.format(
                    root=root,
                    name=escape(api.name),
                    title=escape(api.contract.title),
                    url=escape(urls.make_link(scope, api.contract.base)),
                )
                for api in apis.values()
            ]
            page = _START_PAGE.format(root=root, version=__version__, apis="\n".join(rows))
            headers |= {"Content-Security-Policy": _START_POLICY}
            return flask.Response(page, mimetype="text/html", headers=headers)
        root = urls.make_link(scope, PREFIX)
        body = {
            "version": __version__,
            "apis": {
                api.name: {
                    "title": api.contract.title,
                    "url": urls.make_link(scope, api.contract.base),
                    "docs": f"{root}/docs/{api.name}",
                    "openapi": f"{root}/apis/{api.name}/openapi.yaml",
                }
                for api in apis.values()
            },
            "requests": f"{root}/requests",
            "ids": f"{root}/ids",
            "journal": f"{root}/journal",
            "dashboard": f"{root}/ui/",
            "control": f"{root}/docs/control",
        }
        return flask.Response(orjson.dumps(body), mimetype="application/json", headers=headers)

    @routes.get("/favicon.ico")
    def icon() -> flask.Response:
        # A browser requests it for a response that is no page, such as JSON.
        return flask.send_file(DASHBOARD_FOLDER / "icon.svg", "image/svg+xml", max_age=3600)

    return routes


def make_problem_page(error: HTTPException) -> flask.Response:
    """An error response of Flask, as problem details."""
    detail = error.description or ""
    if detail == NotFound.description:
        before = flask.request.environ[urls.PREFIX]
        detail = (
            f"There is nothing at '{before}{flask.request.path}'. "
            f"{before}{PREFIX}/apis lists the APIs that are served, and their paths."
        )
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    response = make_refusal_response(make_problem(error.code or 500, detail, headers))
    return flask.Response(response.body, response.status, [*response.headers.fields])
