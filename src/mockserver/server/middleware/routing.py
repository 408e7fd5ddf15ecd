"""HEAD and OPTIONS, and Connexion's routing, by the contract alone."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.contract import Headers, Response
from mockserver.memo import Kept
from mockserver.server.framework import ROUTING_CONTEXT, RoutingMiddleware
from mockserver.server.responses import ErrorResponses, send_response


class HeadAndOptions:
    """Treats HEAD as GET, and responds to OPTIONS with the allowed methods.

    uvicorn drops the body of a response to HEAD and keeps its length.
    """

    def __init__(self, app: ASGIApp, problems: ErrorResponses) -> None:
        self._app = app
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}
        elif method == "OPTIONS" and (
            allowed := self._problems.list_allowed_methods(scope["path"])
        ):
            headers = Headers([("allow", ", ".join(allowed))])
            await send_response(Response(204, headers), send)
            return
        await self._app(scope, receive, send)


_FOUND = "mockserver.found"
"""The key in an ASGI scope of what Connexion's router has found."""
_MOST_KEPT = 2_048
_LONGEST_KEPT = 256
"""For so many paths up to this length it is kept what Connexion's router finds."""


class Routing(RoutingMiddleware):  # type: ignore[misc]
    """Finds the operation of a request, without redirects and without conversion of values.

    Connexion's router is asked once for a method and a path: it tries one route after the other.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(_note_found)
        self._next = app
        self._kept: Kept[tuple[str, str], dict[str, str]] = Kept(
            most=_MOST_KEPT, longest=_LONGEST_KEPT
        )
        # Connexion would convert `01` to 1, and find no operation for `x`, where the parameter is
        # an integer. What a value may be is for the validator to decide (ADR 012).
        for connexion_type in ("int", "float"):
            register_url_convertor(connexion_type, StringConvertor())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, also one with a method that its path does not have."""
        key = scope["method"], scope["path"]
        found = self._kept.get(key)
        if found is None:
            found = {}
            # Starlette's router raises it where there is no route.
            with suppress(HTTPException):
                await super().__call__({**scope, _FOUND: found}, receive, send)
            self._kept.keep(key, found, len(scope["path"]))
        extensions = {**scope.get("extensions", {}), ROUTING_CONTEXT: found}
        await self._next({**scope, "extensions": extensions}, receive, send)

    def add_api(self, specification: Any, **options: Any) -> None:
        """Route the operations of one contract, which has no path with an additional slash."""
        super().add_api(specification, **options)
        self.router.redirect_slashes = False
        for route in self.router.routes:
            if isinstance(route, Mount):
                route.app.redirect_slashes = False  # type: ignore[attr-defined]


async def _note_found(scope: Scope, _: Receive, __: Send) -> None:
    """Note what Connexion's router has found, in the place of going on from inside of it."""
    scope[_FOUND].update(scope["extensions"].pop(ROUTING_CONTEXT))
