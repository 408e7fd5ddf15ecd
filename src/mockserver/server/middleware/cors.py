"""Lets browser apps on other origins call the vendors, and nobody else's."""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.server.problems import Problems, path_of

__all__ = ["Cors"]

_EXPOSED = ("X-Mock-Evidence", "X-Mock-Sandbox", "X-Mock-Seed")


class Cors:
    """Cross-origin requests to vendors' paths with any header; the mock's own pages have none.

    Credentials here are headers that the app sends itself, never cookies, so any origin will do.
    """

    def __init__(self, app: ASGIApp, problems: Problems) -> None:
        self._app = app
        self._problems = problems
        self._open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["*"],
            allow_headers=["*"],
            allow_private_network=True,
            expose_headers=_EXPOSED,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or add the headers to an answer."""
        is_vendors = scope["type"] == "http" and self._problems.api(path_of(scope))
        await (self._open if is_vendors else self._app)(scope, receive, send)
