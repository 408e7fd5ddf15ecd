"""Adds the sandbox and its seed to every response."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.server.middleware.sandbox_selection import get_sandbox_name

_SEED = b"x-mock-seed"


class SandboxHeaders:
    """Adds `X-Mock-Sandbox` and `X-Mock-Seed` to responses without them, such as refusals.

    `seed` returns the seed of a sandbox. The headers are left out if the name of the sandbox is
    malformed, or if the store cannot be read.
    """

    def __init__(self, app: ASGIApp, seed: Callable[[str], int]) -> None:
        self._app = app
        self._seed = seed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers when the response starts: the request may have changed the seed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._complete(scope, list(message["headers"]))}
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _complete(
        self, scope: Scope, headers: list[tuple[bytes, bytes]]
    ) -> list[tuple[bytes, bytes]]:
        if any(name.lower() == _SEED for name, _ in headers):
            return headers
        try:
            sandbox = get_sandbox_name(scope)
            seed = self._seed(sandbox)
        except Exception:  # a store can fail in any way, and the response must be sent all the same
            return headers
        return [*headers, (b"x-mock-sandbox", sandbox.encode()), (_SEED, str(seed).encode())]
