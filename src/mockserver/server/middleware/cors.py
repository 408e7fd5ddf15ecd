"""Cross-origin requests of browser apps."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EXPOSED = (
    "Accept-Encoding",
    "Allow",
    "Preference-Applied",
    "Retry-After",
    *(f"{x}RateLimit-{name}" for x in ("", "X-") for name in ("Limit", "Remaining", "Reset")),
    "X-Mock-Evidence",
    "X-Mock-Fault",
    "X-Mock-Sandbox",
    "X-Mock-Seed",
    "X-Mock-Source",
    "X-Mock-Violations",
    "X-Mock-Why",
)
"""The header fields that a browser app may read, besides those that it always may."""


class Cors:
    """Allows origins for every path, but those of the control API and the mock's own pages.

    These are open to `control_origins` only. A browser app reads every other response, also that of
    a path that no API has.
    """

    def __init__(
        self,
        app: ASGIApp,
        control: str,
        control_origins: Collection[str] = (),
        origins: Collection[str] = (),
    ) -> None:
        self._app = app
        self._control = control
        self._own = _allow(app, control_origins) if control_origins else app
        self._others = allow_origins(app, origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_own = f"{scope['path']}/".startswith(f"{self._control}/")
        if is_own or b"origin" in [name for name, _ in scope["headers"]]:
            await (self._own if is_own else self._others)(scope, receive, send)
        else:
            await self._app(scope, receive, partial(_send_to_no_browser, send))


async def _send_to_no_browser(send: Send, message: Message) -> None:
    """As Starlette's middleware, which takes six times as long, where a request has no origin."""
    if message["type"] == "http.response.start":
        fields = message["headers"]
        varying = [value for name, value in fields if name == b"vary"]
        fields = [field for field in fields if field[0] != b"vary"] if varying else fields
        vary = b", ".join([*varying, b"Origin"])
        message = {**message, "headers": [*fields, (b"vary", vary)]}
    await send(message)


def allow_origins(app: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """Allow these origins, with cookies, or any origin, without.

    Any origin is safe without cookies: other credentials are headers that an app sets itself.
    """
    return _allow(app, origins, has_cookies=True) if origins else _allow(app, ["*"])


def _allow(app: ASGIApp, origins: Collection[str], *, has_cookies: bool = False) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["*"],
        allow_headers=["*"],
        allow_credentials=has_cookies,
        allow_private_network=True,
        expose_headers=_EXPOSED,
    )
