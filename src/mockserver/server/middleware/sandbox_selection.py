"""Which sandbox a request names: by a header, or by a prefix of its path."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.errors import BadRequest, SandboxNameError
from mockserver.sandbox import DEFAULT, check_name

PATH_PREFIX = "/__sandbox__/"
SCOPE_KEY = "mockserver.sandbox"
"""The key of the name from the path in an ASGI scope."""


class SandboxSelection:
    """Removes `/__sandbox__/NAME` from the path, for clients that cannot set a header.

    It comes first, so that everything else sees the path as the contract has it. The name is checked
    where the sandbox is opened.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Continue with the path of the contract."""
        if scope["type"] == "http" and scope["path"].startswith(PATH_PREFIX):
            name, slash, path = scope["path"].removeprefix(PATH_PREFIX).partition("/")
            raw_path = b"/" + b"".join(scope["raw_path"].split(b"/", 3)[3:])
            scope = {**scope, "path": slash + path, "raw_path": raw_path, SCOPE_KEY: name}
        await self._app(scope, receive, send)


def get_sandbox_name(scope: Scope) -> str:
    """The sandbox in the header, otherwise in the path, otherwise `default`. Raises BadRequest."""
    values = [value for name, value in scope["headers"] if name == b"x-mock-sandbox"]
    name = b", ".join(values).decode("utf-8", "replace") if values else scope.get(SCOPE_KEY)
    try:
        return DEFAULT if name is None else check_name(name)
    except SandboxNameError as error:
        raise BadRequest(str(error)) from error


def get_path_prefix(scope: Scope) -> str:
    """The prefix that was removed from the path: links in a response need it."""
    name = scope.get(SCOPE_KEY)
    return "" if name is None else f"{PATH_PREFIX}{name}"
