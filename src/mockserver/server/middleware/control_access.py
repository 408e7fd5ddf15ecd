"""Authorisation of the control API: clients on this machine, or clients with the token."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.api import Api
from mockserver.contract import Headers, Operation, Unmatched
from mockserver.errors import HttpError
from mockserver.server.socket import is_loopback

AUTHORISED = "mockserver.authorised"
"""The key in an ASGI scope of the operation of the control API that a request may use."""

_LOCAL_NAME = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_PROXY_FIELDS = {"forwarded", "via", "x-real-ip"}


class ControlAccess:
    """Refuses requests to the control API that are not allowed, before their body is read.

    Without a token, clients on this machine are allowed, under a host name of this machine: another
    name that resolves to 127.0.0.1 may be an attack (DNS rebinding). Whose request passed a proxy
    is not known to be on this machine. With a token, clients that send it are allowed. Pages of
    other origins are refused, except those in `origins`. Operations without security in the
    contract are public.

    The files of the `dashboard` are for the same clients; but they need no token, which the page
    asks for: it has no other way to send one.
    """

    def __init__(
        self,
        app: ASGIApp,
        control: Api,
        dashboard: str,
        token: str | None,
        origins: Collection[str],
    ) -> None:
        self._app = app
        self._contract = control.contract
        self._dashboard = dashboard
        self._token = token
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HttpError."""
        operation = self._find_operation(scope)
        if operation and operation.security:
            headers = Headers.decode(scope["headers"])
            self._check_origin(scope, headers)
            if self._token is None:
                _check_client(scope, headers)
            else:
                self._check_token(headers, self._token)
            scope = {**scope, AUTHORISED: operation}
        elif f"{scope['path']}/".startswith(f"{self._dashboard}/"):
            headers = Headers.decode(scope["headers"])
            self._check_origin(scope, headers)
            if self._token is None:
                _check_client(scope, headers)
        await self._app(scope, receive, send)

    def _find_operation(self, scope: Scope) -> Operation | None:
        path, base = scope["path"], self._contract.base
        if not path.startswith(f"{base}/"):
            return None
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        found = self._contract.match(method, path[len(base) :])
        return None if isinstance(found, Unmatched) else found[0]

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        origin = headers.get("origin")
        own = f"{scope['scheme']}://{headers.get('host')}"
        if origin is not None and origin != own and origin not in self._origins:
            raise HttpError(
                403,
                f"A page of '{origin}' may not use the control API; start the server with "
                "--control-origin to allow it",
            )

    def _check_token(self, headers: Headers, token: str) -> None:
        scheme, _, sent = (headers.get("authorization") or "").partition(" ")
        is_bearer = scheme.lower() == "bearer"
        # A header's bytes were read as Latin-1; a token that is not ASCII was sent in UTF-8.
        sent_bytes = sent.strip(" \t").encode("latin-1")
        if not hmac.compare_digest(sent_bytes, token.encode()) or not is_bearer:
            raise HttpError(
                401,
                "The control API of this server wants its admin token, as a bearer token",
                {"WWW-Authenticate": "Bearer"},
            )


def _check_client(scope: Scope, headers: Headers) -> None:
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        raise HttpError(
            403,
            "The control API answers its own machine only; start the server with --admin-token "
            "and send that token to use it from elsewhere",
        )
    for name, _ in headers.fields:
        if name in _PROXY_FIELDS or name.startswith("x-forwarded-"):
            raise HttpError(
                403,
                f"The control API answers its own machine only, and '{name}' shows that this "
                "request has passed a proxy; start the server with --admin-token and send that "
                "token to use it through one",
            )
    host = headers.get("host") or ""
    if not _LOCAL_NAME.fullmatch(host):
        raise HttpError(
            403,
            f"The control API answers to localhost and 127.0.0.1, and not to the name '{host}'; "
            "start the server with --admin-token and send that token to use it by other names",
        )
