"""The phase `generated`: Schemathesis over every operation, each response validated by us too."""

from __future__ import annotations

import os
import threading
import warnings
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
import schemathesis
from hypothesis import configuration
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis.config import SchemathesisConfig
from schemathesis.core import transport
from schemathesis.core.errors import NoLinksFound
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine import context as engine
from schemathesis.engine._validate import validate_response
from schemathesis.engine.run import UNIT_PHASES
from schemathesis.engine.run.unit import _direct_executor, _hypothesis_executor
from schemathesis.engine.run.unit._scenario import iter_closing_events
from urllib3 import HTTPHeaderDict, HTTPResponse

from mockserver.check.context import MOST_LOST, CheckContext
from mockserver.check.http.connection import Cancelled, Connection, NoResponse, TimeLimitReached
from mockserver.check.http.workers import Batch
from mockserver.contract import (
    SAFE_METHODS,
    Exchange,
    Format,
    Headers,
    Operation,
    Request,
    Response,
    Unmatched,
    place_credential,
)
from mockserver.errors import MockserverError, SettingError
from mockserver.invariant import Interaction
from mockserver.observation import observe
from mockserver.settings import variable

_EXAMPLES = {False: 60, True: 4}
_METHOD_NOT_ALLOWED, _NOT_IMPLEMENTED = 405, 501
_CHAINS = {False: 30, True: 4}
_REASON = 300
_NUMBER = "x-mockserver-number"
"""The header by which a request is found again; it is not sent."""

_DISABLED_CHECKS = (
    # Our own validator does these, with locations and evidence.
    "response_schema_conformance",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    # The phase `cases` tests credentials.
    "ignored_auth",
)


def run_generated(context: CheckContext) -> None:
    """Run Schemathesis with the seed of the run; the same seed, the same requests.

    Raises TimeLimitReached.
    """
    _use_formats(context.api.name, context.api.formats)
    credentials, query = _place_credentials(context)
    called = [it for it in context.results.operations if _is_called(context, it)]
    with context.world("default") as place:
        headers = {**credentials, **context.target.headers, **place.headers}
        schema: Any = schemathesis.openapi.from_dict(
            deepcopy(dict(context.api.contract.document)),  # which Schemathesis writes into
            config=SchemathesisConfig.from_dict(_make_config(context, headers, called)),
        )
        for operation in context.api.contract.operations:
            if operation not in called:
                schema = schema.exclude(operation_id=operation.id)
        stream = from_schema(schema).execute()
        with isolate_hypothesis(), _watch_threads(context), context.pool.open_batch() as batch:
            adapter = _Adapter(context, batch, stream.stop, query)
            with _use_adapter(adapter):
                try:
                    for event in stream:
                        _handle(context, adapter, event, place.now())
                except BaseException:
                    stream.stop()
                    raise
        context.connection.check_time()


def _is_called(context: CheckContext, operation: Operation) -> bool:
    """Whether generated requests are sent to an operation; else it is skipped."""
    name = f"{operation.method} {operation.path}"
    if not context.can_call(name, operation):
        return False
    return operation.method in SAFE_METHODS or context.can_use_up(name, operation)


@contextmanager
def _use_adapter(adapter: _Adapter) -> Iterator[None]:
    """Let Schemathesis send its requests by an adapter.

    There is no setting for that, so that this reaches into Schemathesis; a test notices when it has
    no effect any more.
    """
    make_session = engine.make_session

    def make_own_session(*args: Any, **kwargs: Any) -> requests.Session:
        session = make_session(*args, **kwargs)
        session.trust_env = False  # no proxies of the environment, no passwords of a `.netrc`
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


@dataclass
class _Sent:
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


class _Adapter(requests.adapters.BaseAdapter):
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
        self._sent = dict[str, Future[_Sent]]()
        self._in_order = deque[Future[_Sent]]()
        self._lost_in_a_row = 0
        self._numbers = count()

    def close(self) -> None:
        """The connections are closed by the run."""

    def take(self, recorded: Any) -> _Sent | None:
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
        for name, value in {} if isinstance(match, Unmatched) else match[0].headers.items():
            # A body says what it is.
            request.headers[name] = (body and request.headers.get(name)) or value
        # Of a method that a path does not have, Schemathesis validates the response itself.
        is_ahead = self.can_send_ahead and method == "GET" and not isinstance(match, Unmatched)
        if method not in SAFE_METHODS:
            self._batch.wait()
        url = str(request.url)
        fields = [(_to_text(name), _to_text(value)) for name, value in request.headers.items()]
        sent = _Sent(
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

    def _end_where_over(self, future: Future[_Sent]) -> None:
        error = None if future.cancelled() else future.result().error
        if isinstance(error, SettingError):
            self._context.connection.pace.failure = error
        if isinstance(error, SettingError | TimeLimitReached):
            self._stop()


def _exchange(sent: _Sent, url: str, connection: Connection) -> _Sent:
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


@contextmanager
def isolate_hypothesis() -> Iterator[None]:
    """Run a block in which Hypothesis has its own constants alone, and a folder of the user.

    Hypothesis takes constants from every loaded module that is not installed from a package, so
    that the same seed would give other requests from the command line than from pytest. There is no
    setting for that, so that this reaches into Hypothesis; a test notices when it has no effect any
    more. And Hypothesis keeps its tables of Unicode in the current folder.
    """
    provider: Any = providers.HypothesisProvider
    constants = vars(provider)["_local_constants"]
    home = configuration.storage_directory(intent_to_write=False).path
    provider._local_constants = Constants()
    providers.CONSTANTS_CACHE.cache.clear()
    if not variable("HYPOTHESIS_STORAGE_DIRECTORY"):
        configuration.set_hypothesis_home_dir(_find_cache() / "mockserver" / "hypothesis")
    try:
        with warnings.catch_warnings():
            # Of a folder that cannot be written; nothing is missed without it.
            warnings.simplefilter("ignore", HypothesisWarning)
            yield
    finally:
        provider._local_constants = constants
        providers.CONSTANTS_CACHE.cache.clear()
        configuration.set_hypothesis_home_dir(home)


def _find_cache() -> Path:
    try:
        return Path(variable("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # there is no home folder: nothing is kept
        return Path(os.devnull)


@contextmanager
def _watch_threads(context: CheckContext) -> Iterator[None]:
    """Report a thread of Schemathesis that crashes, and wait for all of them at the end."""
    hook = threading.excepthook

    def report_crash(event: threading.ExceptHookArgs) -> None:
        reason = f"{event.exc_type.__name__}: {event.exc_value}"
        reason = context.target.mask.text(reason)[:_REASON]
        context.results.truncated.append(f"generated requests came to an end, since {reason}")

    threading.excepthook = report_crash
    try:
        yield
    finally:
        for thread in threading.enumerate():
            if thread.name.startswith("schemathesis"):
                thread.join(context.target.timeout or None)
        threading.excepthook = hook


def _handle(
    context: CheckContext, adapter: _Adapter, event: events.EngineEvent, moment: int
) -> None:
    if isinstance(event, events.PhaseStarted):
        # The chains along the links are made from responses.
        adapter.can_send_ahead = event.phase.name in UNIT_PHASES
    elif isinstance(event, events.ScenarioFinished):
        _record(context, adapter, event, moment)
    elif isinstance(event, events.Interrupted):
        context.connection.check_time()
        raise KeyboardInterrupt  # which Schemathesis has caught
    elif isinstance(event, events.NonFatalError | events.FatalError):
        reason = getattr(event, "value", None) or event
        if isinstance(reason, NoLinksFound):  # the operations that links lead from are left out
            why = "write, or are excluded" if context.results.excluded else "write"
            context.results.skip(f"generated: no chains of requests along the links: they {why}")
        else:
            sentence = context.target.mask.text(f"not all requests were generated: {reason}")
            context.results.truncated.append(sentence[:_REASON])


@cache
def _use_formats(_: str, formats: tuple[Format, ...]) -> None:
    """Register an API's own formats with Schemathesis, once."""
    for item in formats:
        pattern = item.pattern.removeprefix("^").removesuffix("$")
        strategy = st.from_regex(pattern, fullmatch=True).filter(item.check)
        schemathesis.openapi.format(item.name, strategy)


def _place_credentials(context: CheckContext) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the fields of the query that carry the credential to every operation."""
    headers, query = dict[str, str](), dict[str, str]()
    for operation in context.api.contract.operations:
        more = place_credential(context.api.contract, operation, context.credential)
        headers |= more[0]
        query |= more[1]
    return headers, query


def _make_config(
    context: CheckContext, headers: Mapping[str, str], called: Collection[Operation]
) -> dict[str, Any]:
    target, api = context.target, context.api
    # No request is made from a response: two targets get the same requests.
    own_data = {"extra-data-sources": {"responses": False}}
    coverage: dict[str, Any] = {**own_data, "generate-duplicate-query-parameters": True}
    if all(operation.method in SAFE_METHODS for operation in called):
        coverage["unexpected-methods"] = ["OPTIONS"]  # a safe one
    writing = context.with_ids_to_use_up()
    contexts = {
        operation.id: context if operation.method in SAFE_METHODS else writing
        for operation in called
    }
    return {
        "seed": context.seed,
        "base-url": target.url.rstrip("/") + api.contract.base,
        "headers": dict(headers),
        # Nothing is sent to ids that the target does not name.
        "operations": [
            {
                "include-operation-id": operation.id,
                "parameters": {f"path.{name}": value for name, value in path.items()},
            }
            for operation in called
            if (path := contexts[operation.id].find_path_arguments(operation))
        ],
        "continue-on-failure": True,
        "workers": 1,
        "request-timeout": target.timeout or 3600,
        "max-redirects": 0,
        "auth": {"auto-signup": False},
        "generation": {"database": "none", "deterministic": True},
        "checks": {name: {"enabled": False} for name in _DISABLED_CHECKS},
        "phases": {
            "examples": own_data,
            "coverage": coverage,
            "fuzzing": {
                **own_data,
                "error-feedback": {"enabled": False},
                "generation": {"max-examples": _EXAMPLES[context.is_quick]},
            },
            "stateful": {
                "link-calibration": False,
                "generation": {"max-examples": _CHAINS[context.is_quick]},
            },
        },
    }


def _record(
    context: CheckContext, adapter: _Adapter, event: events.ScenarioFinished, moment: int
) -> None:
    api, recorder, results = context.api, event.recorder, context.results
    labels = {
        f"{operation.method} {operation.path}": operation for operation in api.contract.operations
    }
    for case_id, node in recorder.cases.items():
        operation = labels[node.value.operation.label]
        results.generation_phases[operation.id, event.phase.value] += 1
        recorded = recorder.interactions.get(case_id)
        sent = adapter.take(recorded) if recorded else None
        for status in sent.retried if sent else ():
            results.report_retry(status)
        for status in sent.failed if sent else ():
            results.count_failure(status)
        if sent is None or sent.response is None:
            _report_lost(context, operation, sent)
            continue
        results.count_response()
        request, exchange = sent.request, Exchange(sent.request, sent.response)
        match = api.contract.match(request.method, request.path)
        if not isinstance(match, Unmatched) and match[0].id == operation.id:
            is_admitted = _carries_credential(context, operation, request)
            observed = observe(api, exchange, match, moment=moment, is_admitted=is_admitted)
            results.record(observed, ())
        else:
            results.unmatched[results.phase] += 1
        for check in recorder.checks.get(case_id, []):
            if check.status == Status.FAILURE and check.failure_info:
                _report_failure(context, Interaction(operation, exchange), check)


def _report_lost(context: CheckContext, operation: Operation, sent: _Sent | None) -> None:
    """Report a request without a response. Raises NoResponse after some in a row."""
    error = sent.error if sent else None
    if context.connection.is_over or (error and not isinstance(error, NoResponse)):
        return
    label = f"{operation.method} {operation.path}"
    sentence = f"A generated request to {label} got no response"
    context.report_lost(NoResponse(sentence), operation, sent.request if sent else None)


def _carries_credential(context: CheckContext, operation: Operation, request: Request) -> bool:
    """Whether a request has the credential of the target, which Schemathesis also leaves out."""
    headers, query = place_credential(context.api.contract, operation, context.credential)
    sent = parse_qs(request.query)
    return all(request.headers.get(name) == value for name, value in headers.items()) and all(
        value in sent.get(name, ()) for name, value in query.items()
    )


def _report_failure(context: CheckContext, interaction: Interaction, check: Any) -> None:
    """Report what a check of Schemathesis found, with the evidence of the rule that it is about."""
    operation, failure = interaction.operation, check.failure_info.failure
    is_of_method = check.name == "unsupported_method"
    evidence = operation.evidence_of(_METHOD_NOT_ALLOWED) if is_of_method else operation.evidence
    # A server does not know every method (RFC 9110, section 15.6.2).
    if interaction.status != _NOT_IMPLEMENTED:
        sentence = ": ".join(filter(None, (failure.title, failure.message)))
        context.results.report(interaction, check.name, sentence, evidence=evidence)


def _find_path(context: CheckContext, url: str) -> str:
    """The path of a URL, decoded and below the base of the API."""
    base = urlsplit(context.target.url).path.rstrip("/") + context.api.contract.base
    return unquote(urlsplit(url).path, errors="replace")[len(unquote(base)) :]
