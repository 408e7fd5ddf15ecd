"""Sends the requests of Schemathesis over the connections of a run, some of them ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from msgspec import Struct, field
from schemathesis.core import transport
from schemathesis.engine import context as engine
from schemathesis.engine._validate import validate_response
from schemathesis.engine.run.unit import _direct_executor, _hypothesis_executor
from schemathesis.engine.run.unit._scenario import iter_closing_events
from urllib3 import HTTPHeaderDict, HTTPResponse

from mockserver.check.context import MOST_LOST, CheckContext
from mockserver.check.http.connection import Cancelled, Connection, NoResponse, TimeLimitReached
from mockserver.check.http.workers import Batch
from mockserver.contract import SAFE_METHODS, Headers, Request, Response, Unmatched
from mockserver.errors import MockserverError, SettingError

_NUMBER = "x-mockserver-number"
"""The header by which a request is found again; it is not sent."""


@contextmanager
def use_adapter(adapter: Adapter) -> Iterator[None]:
    """Let Schemathesis send its requests by an adapter.

    There is no setting for that, so that this reaches into Schemathesis; a test notices when it has
    no effect any more.
    """
    make_session = engine.make_session

    def make_own_session(*args: Any, **kwargs: Any) -> requests.Session:
        session = make_session(*args, **kwargs)
        session.trust_env = False  # no proxies of the environment, no passwords of a `.netrc`
        # No redirect is followed, and a Location that is no text is read by nothing.
        session.get_redirect_target = lambda _: None  # type: ignore[method-assign,assignment]
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session

    engine.make_session = make_own_session
    executors: tuple[Any, ...] = _direct_executor, _hypothesis_executor
    for executor in executors:
        executor.iter_closing_events = adapter.close_scenario
    try:
        yield
    finally:
        engine.make_session = make_session
        for executor in executors:
            executor.iter_closing_events = iter_closing_events


class Sent(Struct):
    """A generated request and its response, or why there is none.

    `retried` are the statuses after which it was sent again, and `failed` those of responses that
    say nothing about the API. Schemathesis has seen a stand-in of what `is_ahead`.
    """

    request: Request
    is_ahead: bool
    response: Response | None = None
    error: MockserverError | None = None
    retried: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


class Adapter(requests.adapters.BaseAdapter):
    """Sends the requests of Schemathesis as those of all other phases are sent, by the workers.

    Each request has the fields of `query` too. ADR 046: while it `can_send_ahead`, Schemathesis
    gets a stand-in of the response to what only reads, so that it makes the next request.
    `stop` ends Schemathesis.
    """

    def __init__(
        self,
        context: CheckContext,
        batch: Batch,
        stop: Callable[[], None],
        query: Mapping[str, str],
    ) -> None:
        super().__init__()
        self.can_send_ahead = False
        self._context = context
        self._batch = batch
        self._stop = stop
        self._query = query
        self._sent = dict[str, Future[Sent]]()
        self._in_order = deque[Future[Sent]]()
        self._lost_in_a_row = 0
        self._numbers = count()

    def close(self) -> None:
        """The connections are closed by the run."""

    def take(self, recorded: Any) -> Sent | None:
        """What came of a request that Schemathesis has recorded; None if it was not sent."""
        number = recorded.request.headers.get(_NUMBER)
        return self._sent[number[0]].result() if number else None

    def close_scenario(self, scenario: Any, ctx: Any, **more: Any) -> Iterator[Any]:
        """Put the responses in the place of their stand-ins, and validate them."""
        # A validation may send a request of its own.
        for case_id, recorded in list(scenario.recorder.interactions.items()):
            sent = self.take(recorded)
            if sent is None or not sent.is_ahead:
                continue
            request = recorded.response.request
            recorded.response = None
            if sent.response is not None:
                received = _build_response(request, sent.response)
                recorded.response = transport.Response.from_requests(received, verify=True)
                validate_response(
                    case=scenario.recorder.cases[case_id].value,
                    ctx=scenario.check_ctx,
                    response=recorded.response,
                    continue_on_failure=True,
                    recorder=scenario.recorder,
                )
        yield from iter_closing_events(scenario, ctx, **more)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Send a request. Raises ConnectionError, as `requests` does."""
        if self._is_deployment_lost():
            # The phase ends with the scenario, of which a stop would lose what was sent.
            raise requests.ConnectionError("The deployment gives no response", request=request)
        method, url, body = str(request.method), str(request.url), request.body or b""
        if self._query:
            request.prepare_url(url, self._query)
        match = self._context.api.contract.match(method, _find_path(self._context, url))
        operations = self._context.api.contract.operations
        called = operations if isinstance(match, Unmatched) else match[:1]
        accept = ", ".join(dict.fromkeys(operation.accept for operation in called))
        if request.headers.get("Accept") in (None, "*/*"):  # what `requests` sends by itself
            request.headers["Accept"] = accept
        if request.headers.get("Accept-Encoding") == requests.utils.DEFAULT_ACCEPT_ENCODING:
            del request.headers["Accept-Encoding"]  # the connection sends its own
        # It is random, and the requests of a seed are the same.
        request.headers.pop("X-Schemathesis-TestCaseId", None)
        for name, value in {} if isinstance(match, Unmatched) else match[0].headers.items():
            # A body says what it is.
            request.headers[name] = (body and request.headers.get(name)) or value
        # Of a method that a path does not have, Schemathesis validates the response itself.
        is_ahead = self.can_send_ahead and method == "GET" and not isinstance(match, Unmatched)
        if method not in SAFE_METHODS:
            self._batch.wait()
        url = str(request.url)
        fields = [(_to_text(name), _to_text(value)) for name, value in request.headers.items()]
        sent = Sent(
            Request(
                method=method,
                path=_find_path(self._context, url),
                query=urlsplit(url).query,
                headers=Headers(fields),
                body=body if isinstance(body, bytes) else str(body).encode(),
            ),
            is_ahead,
        )
        future = self._batch.submit(partial(_exchange, sent, url))
        future.add_done_callback(self._end_where_over)
        self._in_order.append(future)
        number = request.headers[_NUMBER] = str(next(self._numbers))
        self._sent[number] = future
        if is_ahead:
            return _build_response(request, Response(200, Headers([]), b""))
        future.result()
        if sent.response is None:
            raise requests.ConnectionError(str(sent.error), request=request)
        return _build_response(request, sent.response)

    def _is_deployment_lost(self) -> bool:
        """Whether some requests, one after the other, got no response."""
        while self._in_order and self._in_order[0].done():
            error = self._in_order.popleft().result().error
            self._lost_in_a_row = 0 if error is None else self._lost_in_a_row + 1
        return self._lost_in_a_row >= MOST_LOST

    def _end_where_over(self, future: Future[Sent]) -> None:
        error = None if future.cancelled() else future.result().error
        if isinstance(error, SettingError):
            self._context.connection.pace.failure = error
        if isinstance(error, SettingError | TimeLimitReached):
            self._stop()


def _exchange(sent: Sent, url: str, connection: Connection) -> Sent:
    """Send a request, and keep what came of it."""
    hooks = connection.on_retry, connection.on_failure
    connection.on_retry, connection.on_failure = sent.retried.append, sent.failed.append
    request = sent.request
    try:
        fields = request.headers.fields
        sent.response = connection.exchange(request.method, url, fields, request.body)
    except (NoResponse, TimeLimitReached, SettingError, Cancelled) as error:
        sent.error = error
    finally:
        connection.on_retry, connection.on_failure = hooks
    return sent


def _build_response(request: requests.PreparedRequest, received: Response) -> requests.Response:
    """A response as `requests` makes it."""
    # The body is decoded already, and may be longer than it was.
    fields = [it for it in received.headers.fields if it[0].lower() != "content-encoding"]
    raw = HTTPResponse(
        BytesIO(received.body),
        HTTPHeaderDict(fields),
        received.status,
        version=11,
        preload_content=False,
        decode_content=False,
        enforce_content_length=False,
    )
    response = requests.adapters.HTTPAdapter().build_response(request, raw)
    response.elapsed = timedelta(microseconds=received.timing.took if received.timing else 0)
    return response


def _to_text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _find_path(context: CheckContext, url: str) -> str:
    """The path of a URL, decoded and below the base of the API."""
    base = urlsplit(context.target.url).path.rstrip("/") + context.api.contract.base
    return unquote(urlsplit(url).path, errors="replace")[len(unquote(base)) :]
