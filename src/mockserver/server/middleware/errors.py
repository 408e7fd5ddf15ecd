"""Turns every exception into an error response in the shape of its API."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.api import Api
from mockserver.contract import Response
from mockserver.errors import (
    CancelledError,
    HttpError,
    QuotaError,
    StoreBusyError,
    StoreError,
    StoreUnreachableError,
)
from mockserver.server.middleware.dispatch import WorldHasUpstream
from mockserver.server.middleware.journal import get_notes
from mockserver.server.responses import ErrorResponses, is_about_the_mock, send_response
from mockserver.server.store_log import StoreLog

Mutate = Callable[[Api, Scope, Response], Awaitable[Response]]
"""Applies the mutations that are on to a refusal of an API's path."""

_log = logging.getLogger("mockserver")


class Errors:
    """Catches every exception, so that every request gets a response."""

    def __init__(
        self, app: ASGIApp, problems: ErrorResponses, mutate: Mutate, store_log: StoreLog
    ) -> None:
        self._app = app
        self._problems = problems
        self._mutate = mutate
        self._store_log = store_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def send_once(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, send_once)
        except WorldHasUpstream:
            raise
        except Exception as error:
            path = scope["path"]
            http_error = self._convert(error)
            get_notes(scope).problem = http_error.sentence
            # The readiness has a sentence of its own around the store's.
            cause = error.__cause__ if isinstance(error, HttpError) else error
            if isinstance(cause, StoreError):
                self._store_log.write(cause)
            elif http_error.status >= 500 and not isinstance(cause, CancelledError):
                # The place in the code says something of a mistake in it, not of the store's lock.
                trace = error if http_error.status == 500 else None
                _log.error("%s %s: %s", scope["method"], path, http_error, exc_info=trace)
            if has_started:
                raise
            response = self._problems.make_response(path, http_error)
            api = self._problems.find_api(path)
            if api and http_error.status < 500 and not is_about_the_mock(http_error):
                response = await self._mutate(api, scope, response)
            await send_response(response, send)

    def _convert(self, error: Exception) -> HttpError:
        if isinstance(error, HttpError):
            return error
        if isinstance(error, QuotaError):
            return HttpError(429, str(error))
        if isinstance(error, StoreBusyError | StoreUnreachableError):
            return HttpError(503, str(error), {"Retry-After": "1"})
        if isinstance(error, StoreError | CancelledError):
            return HttpError(503, str(error))
        # The first line only: a driver of a database adds the SQL and its values.
        message = str(error).partition("\n")[0]
        return HttpError(500, f"Internal server error: {type(error).__name__}: {message}")
