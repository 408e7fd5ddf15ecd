"""HEAD and OPTIONS, which HTTP gives to every resource whatever its contract says."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.server.problems import ErrorResponses, HttpResponse, get_path

__all__ = ["HeadAndOptions"]


class HeadAndOptions:
    """Answers HEAD as the GET it stands for, and OPTIONS with what is allowed.

    The server below drops the body of an answer to HEAD, and keeps its length.
    """

    def __init__(self, app: ASGIApp, problems: ErrorResponses) -> None:
        self._app = app
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Change the method, or answer."""
        method = scope.get("method")
        if method == "HEAD":
            scope = {**scope, "method": "GET"}
        elif method == "OPTIONS" and (
            allowed := self._problems.list_allowed_methods(get_path(scope))
        ):
            await HttpResponse(204, {"allow": ", ".join(allowed)}).send(send)
            return
        await self._app(scope, receive, send)
