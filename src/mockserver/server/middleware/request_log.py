"""Keeps the last requests of each sandbox; it is only there if the settings ask for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import parse_qsl, quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.contract import Unmatched, Violation
from mockserver.errors import HttpError
from mockserver.server.middleware.sandbox import get_sandbox_name
from mockserver.server.request_log import LoggedRequest, RequestLog
from mockserver.server.responses import ErrorResponses

_SCOPE_KEY = "mockserver.request"
_MAX_TARGET = 500


class LogRequests:
    """Logs every request to a vendor's API, and to no API, but none to the mock's own paths."""

    def __init__(
        self, app: ASGIApp, log: RequestLog, problems: ErrorResponses, ignored: str
    ) -> None:
        self._app, self._log, self._problems, self._ignored = app, log, problems, ignored

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            sandbox = get_sandbox_name(scope)
        except HttpError:  # a malformed name, so no sandbox: it is refused
            sandbox = ""
        if not sandbox or scope["path"].startswith(self._ignored):
            await self._app(scope, receive, send)
            return
        request = LoggedRequest(scope["method"], self._redact_target(scope))

        async def send_and_log(message: Message) -> None:
            # Before the response is sent, so that who has it finds the request.
            if message["type"] == "http.response.start":
                request.status = message["status"]
                self._log.add(sandbox, request)
            await send(message)

        await self._app({**scope, _SCOPE_KEY: request}, receive, send_and_log)

    def _redact_target(self, scope: Scope) -> str:
        """The path, and the query with the values of those parameters only that are documented.

        Credentials are no parameters of an operation (OpenAPI 3.0.3, Security Scheme Object).
        """
        path = quote(scope["raw_path"], safe="/:@!$&'()*+,;=~%")
        query = _redact_query(scope["query_string"].decode("latin-1"), self._find_names(scope))
        return (f"{path}?{query}" if query else path)[:_MAX_TARGET]

    def _find_names(self, scope: Scope) -> Collection[str]:
        api = self._problems.find_api(scope["path"])
        if api is None:
            return ()
        found = api.contract.match(scope["method"], scope["path"][len(api.contract.base) :])
        if isinstance(found, Unmatched):
            return ()
        return {it.name for it in found[0].parameters if it.location == "query"}


def note_violations(scope: Scope, violations: Sequence[Violation]) -> None:
    """Note in the log, if there is one, what a request or its response violates."""
    request: LoggedRequest | None = scope.get(_SCOPE_KEY)
    if request:
        request.note_violations(violations)


def _redact_query(query: str, documented: Collection[str]) -> str:
    pairs = parse_qsl(query[:_MAX_TARGET], keep_blank_values=True)
    return "&".join(
        f"{quote(name)}={quote(value) if name in documented else '***'}" for name, value in pairs
    )
