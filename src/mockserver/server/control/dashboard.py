"""The dashboard: files that a browser runs. They use the control API, like any other client."""

from __future__ import annotations

from pathlib import Path

import flask
from werkzeug.security import safe_join

import mockserver
from mockserver.server.control.context import PREFIX

DASHBOARD = f"{PREFIX}/ui"
FOLDER = Path(mockserver.__file__).parent / "dashboard"
# Not by the table of the machine, which may know another type for a module.
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
_HEADERS = {
    # Nothing but the files of this folder and the control API; and no text becomes HTML (ADR 046).
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # A browser asks each time whether its copy is right: another version may be installed.
    "Cache-Control": "no-cache",
}


def make_dashboard() -> flask.Blueprint:
    """The pages below `/__mock__/ui/`."""
    routes = flask.Blueprint("dashboard", __name__, url_prefix=DASHBOARD)

    @routes.get("")
    def add_slash() -> flask.Response:
        # Relative, since a base path, a proxy or a sandbox may stand before it.
        return flask.Response(status=308, headers={"Location": "ui/"})

    @routes.get("/")
    def page() -> flask.Response:
        return file("index.html")

    @routes.get("/<path:file>")
    def file(file: str) -> flask.Response:
        place = safe_join(str(FOLDER), file)
        path = Path(place) if place else FOLDER
        if path.suffix not in _TYPES or not path.is_file():
            flask.abort(404)
        response = flask.Response(path.read_bytes(), mimetype=_TYPES[path.suffix], headers=_HEADERS)
        response.add_etag()
        response.make_conditional(flask.request)
        del response.headers["Date"]  # the server adds its own
        return response

    return routes
