"""The sandbox of a request: a header or a prefix of the path selects it, and responses name it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.errors import HttpError, SandboxNameError
from mockserver.sandbox import DEFAULT, check_name

PATH_PREFIX = "/__sandbox__/"
SCOPE_KEY = "mockserver.sandbox"
"""The key of the name from the path in an ASGI scope."""


class SandboxSelection:
    """Removes `/__sandbox__/NAME` from the path, for clients that cannot set a header.

    It comes early, so that everything after it sees the path as the contract has it. The name is
    checked where the sandbox is opened.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(PATH_PREFIX):
            name, _, path = scope["path"].removeprefix(PATH_PREFIX).partition("/")
            raw_path = b"/" + b"".join(scope["raw_path"].split(b"/", 3)[3:])
            scope = {**scope, "path": f"/{path}", "raw_path": raw_path, SCOPE_KEY: name}
        await self._app(scope, receive, send)


def get_sandbox_name(scope: Scope) -> str:
    """The sandbox in the header, otherwise in the path, otherwise `default`. Raises HttpError."""
    values = [value for name, value in scope["headers"] if name == b"x-mock-sandbox"]
    name = b", ".join(values).decode("utf-8", "replace") if values else scope.get(SCOPE_KEY)
    try:
        return DEFAULT if name is None else check_name(name)
    except SandboxNameError as error:
        raise HttpError(400, str(error)) from error


def find_sandbox_name(scope: Scope) -> str:
    """The same; none for a name that no sandbox can have."""
    try:
        return get_sandbox_name(scope)
    except HttpError:
        return ""


def get_path_prefix(scope: Scope) -> str:
    """The prefix that was removed from the path: links in a response need it."""
    name = scope.get(SCOPE_KEY)
    return "" if name is None else f"{PATH_PREFIX}{name}"


_SEED = b"x-mock-seed"


class SandboxHeaders:
    """Adds `X-Mock-Sandbox` and `X-Mock-Seed` to responses without them, such as refusals.

    `seed` returns the seed of a sandbox. Both are left out if the name of the sandbox is malformed,
    and the seed if the store cannot be read, or not soon.
    """

    def __init__(self, app: ASGIApp, seed: Callable[[str], Awaitable[int]]) -> None:
        self._app = app
        self._seed = seed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # They are added when the response starts, because the request may have changed the seed.

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = await self._complete(scope, list(message["headers"]))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_with_headers)

    async def _complete(
        self, scope: Scope, headers: list[tuple[bytes, bytes]]
    ) -> list[tuple[bytes, bytes]]:
        if _SEED in [name.lower() for name, _ in headers]:
            return headers
        sandbox = find_sandbox_name(scope)
        if not sandbox:
            return headers
        headers.append((b"x-mock-sandbox", sandbox.encode()))
        # A store can fail in any way, and the response must be sent all the same.
        with suppress(Exception):
            headers.append((_SEED, str(await self._seed(sandbox)).encode()))
        return headers
