"""Lets browser apps on other origins call the vendors, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.server.problems import ErrorResponses, get_path

__all__ = ["Cors"]

_EXPOSED = ("X-Mock-Evidence", "X-Mock-Sandbox", "X-Mock-Seed")


class Cors:
    """Cross-origin requests with any header.

    From anywhere to vendors' paths, and from the origins that were allowed to everything else.
    Credentials here are headers that the app sends itself, never cookies, so any origin will do.
    """

    def __init__(self, app: ASGIApp, problems: ErrorResponses, origins: Sequence[str] = ()) -> None:
        self._problems = problems
        self._vendors = _open_to(app, ["*"])
        self._others = _open_to(app, origins) if origins else app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or add the headers to an answer."""
        is_vendors = scope["type"] == "http" and self._problems.find_api(get_path(scope))
        await (self._vendors if is_vendors else self._others)(scope, receive, send)


def _open_to(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["*"],
        allow_headers=["*"],
        allow_private_network=True,
        expose_headers=_EXPOSED,
    )
