"""Every answer says which sandbox it speaks of, and that one's seed."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.server.naming import get_sandbox_name

__all__ = ["SandboxHeaders"]

_SEED = b"x-mock-seed"


class SandboxHeaders:
    """Adds `X-Mock-Sandbox` and `X-Mock-Seed` to what has not got them: refusals, other pages.

    `seed` gives the seed of a sandbox by name. A request that names what cannot be a sandbox has
    neither, and so has one to a store that cannot be read: its answer is on its way all the same.
    """

    def __init__(self, app: ASGIApp, seed: Callable[[str], int]) -> None:
        self._app = app
        self._seed = seed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add them when the answer starts: by then a request may have changed the seed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._stamped(scope, list(message["headers"]))}
            await send(message)

        await self._app(scope, receive, stamped)

    def _stamped(
        self, scope: Scope, headers: list[tuple[bytes, bytes]]
    ) -> list[tuple[bytes, bytes]]:
        if any(name.lower() == _SEED for name, _ in headers):
            return headers
        try:
            sandbox = get_sandbox_name(scope)
            seed = self._seed(sandbox)
        except Exception:  # whatever a store can fail with
            return headers
        return [*headers, (b"x-mock-sandbox", sandbox.encode()), (_SEED, str(seed).encode())]
