"""A sandbox chosen by the path, for clients that cannot set a header."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.server.naming import PATH_PREFIX, SCOPE_KEY

__all__ = ["SandboxSelection"]


class SandboxSelection:
    """Takes `/__sandbox__/<name>` off a path and remembers it.

    It stands before everything else: whatever looks at a path, to route it or to shape a refusal,
    sees the vendor's own. Whether the name can be one is asked where the sandbox is opened.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on with the path as the vendor knows it."""
        if scope["type"] == "http" and scope["path"].startswith(PATH_PREFIX):
            scope = _without_prefix(scope)
        await self._app(scope, receive, send)


def _without_prefix(scope: Scope) -> Scope:
    name, slash, path = scope["path"].removeprefix(PATH_PREFIX).partition("/")
    raw_path = b"".join(scope["raw_path"].split(b"/", 3)[3:])
    return {**scope, "path": slash + path, "raw_path": b"/" + raw_path, SCOPE_KEY: name}
