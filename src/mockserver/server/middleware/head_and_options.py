"""HEAD and OPTIONS, which HTTP defines for every resource."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.server.responses import ErrorResponses, HttpResponse, get_path


class HeadAndOptions:
    """Treats HEAD as GET, and responds to OPTIONS with the allowed methods.

    uvicorn drops the body of a response to HEAD and keeps its length.
    """

    def __init__(self, app: ASGIApp, problems: ErrorResponses) -> None:
        self._app = app
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Change the method, or respond."""
        method = scope.get("method")
        if method == "HEAD":
            scope = {**scope, "method": "GET"}
        elif method == "OPTIONS" and (
            allowed := self._problems.list_allowed_methods(get_path(scope))
        ):
            await HttpResponse(204, {"allow": ", ".join(allowed)}).send(send)
            return
        await self._app(scope, receive, send)
