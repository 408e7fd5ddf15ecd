"""A sandbox chosen by the path, for clients that cannot set a header."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["SANDBOX_PREFIX", "Prefix", "prefix_of", "sandbox_of"]

SANDBOX_PREFIX = "/__sandbox__/"
_SANDBOX = "mockserver.sandbox"


class Prefix:
    """Takes `/__sandbox__/<name>` off a path and remembers it.

    It stands before everything else: whatever looks at a path, to route it or to shape a refusal,
    sees the vendor's own. Whether the name can be one is asked where the sandbox is opened.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on with the path as the vendor knows it."""
        if scope["type"] == "http" and scope["path"].startswith(SANDBOX_PREFIX):
            scope = _without_prefix(scope)
        await self._app(scope, receive, send)


def sandbox_of(scope: Scope) -> str | None:
    """The sandbox that the path names, if it does."""
    name: str | None = scope.get(_SANDBOX)
    return name


def prefix_of(scope: Scope) -> str:
    """What was taken off the path: links in an answer must have it again."""
    name = sandbox_of(scope)
    return "" if name is None else f"{SANDBOX_PREFIX}{name}"


def _without_prefix(scope: Scope) -> Scope:
    name, slash, path = scope["path"].removeprefix(SANDBOX_PREFIX).partition("/")
    raw_path = b"".join(scope["raw_path"].split(b"/", 3)[3:])
    return {**scope, "path": slash + path, "raw_path": b"/" + raw_path, _SANDBOX: name}
