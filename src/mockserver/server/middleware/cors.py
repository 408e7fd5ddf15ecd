"""Cross-origin requests of browser apps."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.server.responses import ErrorResponses

_EXPOSED = ("X-Mock-Evidence", "X-Mock-Sandbox", "X-Mock-Seed")


class Cors:
    """Allows any origin for the paths of vendors, and the given origins for all others.

    Any origin is safe there: credentials are headers that the app sets itself, never cookies.
    """

    def __init__(self, app: ASGIApp, problems: ErrorResponses, origins: Sequence[str] = ()) -> None:
        self._problems = problems
        self._vendors = _allow(app, ["*"])
        self._others = _allow(app, origins) if origins else app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_vendors = self._problems.find_api(scope["path"])
        await (self._vendors if is_vendors else self._others)(scope, receive, send)


def _allow(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["*"],
        allow_headers=["*"],
        allow_private_network=True,
        expose_headers=_EXPOSED,
    )
