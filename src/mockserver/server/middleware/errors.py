"""Any exception becomes an answer in the shape of whoever was asked."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.api import Api
from mockserver.errors import (
    HttpError,
    InternalError,
    QuotaError,
    ServiceUnavailable,
    StoreBusyError,
    TooManyRequests,
)
from mockserver.server.problems import ErrorResponses, HttpResponse, get_path

__all__ = ["Errors"]

Mutate = Callable[[Api, Scope, HttpResponse], Awaitable[HttpResponse]]
"""Changes the refusal of an API's path by the mutations that are on."""

_log = logging.getLogger("mockserver")


class Errors:
    """Catches everything that is raised below, so that every request gets an answer."""

    def __init__(self, app: ASGIApp, problems: ErrorResponses, mutate: Mutate) -> None:
        self._app = app
        self._problems = problems
        self._mutate = mutate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the rest; answer in its stead if it raises before it has answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_answered = False

        async def send_once(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        try:
            await self._app(scope, receive, send_once)
        except Exception as error:
            path = get_path(scope)
            http_error = self._as_http_error(path, error)
            if http_error.status >= 500:
                _log.error("%s %s: %s", scope["method"], path, http_error, exc_info=error)
            if has_answered:
                raise
            answer = self._problems.make_response(path, http_error)
            api = self._problems.find_api(path)
            if api and http_error.status < 500 and not isinstance(http_error, TooManyRequests):
                answer = await self._mutate(api, scope, answer)
            await answer.send(send)

    def _as_http_error(self, path: str, error: Exception) -> HttpError:
        if isinstance(error, HttpError):
            return error
        if isinstance(error, HTTPException):
            return self._problems.make_unrouted_error(path)
        if isinstance(error, QuotaError):
            return TooManyRequests(str(error))
        if isinstance(error, StoreBusyError):
            return ServiceUnavailable(str(error), {"Retry-After": "1"})
        return InternalError(f"Internal server error: {type(error).__name__}: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    """What an exception says, without the statements and values that a driver adds to it."""
    return str(error).partition("\n")[0]
