"""The phase `generated`: Schemathesis over every operation, each response validated by us too."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from functools import cache
from io import BytesIO
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
from schemathesis.core.errors import NoLinksFound
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine import context as engine
from urllib3 import HTTPHeaderDict, HTTPResponse

from mockserver.check.context import CheckContext
from mockserver.check.http.connection import NoResponse, TimeLimitReached
from mockserver.clock import SECOND
from mockserver.contract import (
    SAFE_METHODS,
    Exchange,
    Format,
    Headers,
    Operation,
    Request,
    Response,
    Timing,
    Unmatched,
    place_credential,
)
from mockserver.errors import SettingError
from mockserver.invariant import Interaction
from mockserver.observation import observe
from mockserver.settings import variable

_EXAMPLES = {False: 60, True: 4}
_METHOD_NOT_ALLOWED, _NOT_IMPLEMENTED = 405, 501
_CHAINS = {False: 30, True: 4}
_REASON = 300
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
        connection = _use_connection(context, stream.stop, query)
        with connection, isolate_hypothesis(), _watch_threads(context):
            for event in stream:
                _handle(context, event, place.now())


def _is_called(context: CheckContext, operation: Operation) -> bool:
    """Whether generated requests are sent to an operation; else it is skipped."""
    name = f"{operation.method} {operation.path}"
    if not context.can_call(name, operation):
        return False
    return operation.method in SAFE_METHODS or context.can_use_up(name, operation)


@contextmanager
def _use_connection(
    context: CheckContext, stop: Callable[[], None], query: Mapping[str, str]
) -> Iterator[None]:
    """Let Schemathesis send its requests over the connection of the run, and stop it in time.

    Each request has the fields of `query` too. Raises SettingError where a credential cannot be
    fetched. There is no setting for the connection, so that this
    reaches into Schemathesis.
    """
    adapter, make_session = _Adapter(context, stop, query), engine.make_session

    def make_own_session(*args: Any, **kwargs: Any) -> requests.Session:
        session = make_session(*args, **kwargs)
        session.trust_env = False  # no proxies of the environment, no passwords of a `.netrc`
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session

    engine.make_session = make_own_session
    try:
        yield
    finally:
        engine.make_session = make_session
    context.connection.check_time()


class _Adapter(requests.adapters.BaseAdapter):
    """Sends the requests of Schemathesis as those of all other phases are sent."""

    def __init__(
        self, context: CheckContext, stop: Callable[[], None], query: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._context = context
        self._stop = stop
        self._query = query

    def close(self) -> None:
        """The connection is closed by the run."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Send a request. Raises ConnectionError, as `requests` does."""
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
        try:
            received = self._context.connection.exchange(
                method,
                str(request.url),
                [(_to_text(name), _to_text(value)) for name, value in request.headers.items()],
                body if isinstance(body, bytes) else str(body).encode(),
            )
        except (NoResponse, TimeLimitReached, SettingError) as error:
            if not isinstance(error, NoResponse):
                self._stop()
            if isinstance(error, SettingError):
                self._context.connection.failure = error
            raise requests.ConnectionError(str(error), request=request) from error
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


def _handle(context: CheckContext, event: events.EngineEvent, moment: int) -> None:
    if isinstance(event, events.ScenarioFinished):
        _record(context, event, moment)
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


def _record(context: CheckContext, event: events.ScenarioFinished, moment: int) -> None:
    api, recorder = context.api, event.recorder
    labels = {
        f"{operation.method} {operation.path}": operation for operation in api.contract.operations
    }
    for case_id, node in recorder.cases.items():
        operation = labels[node.value.operation.label]
        context.results.generation_phases[operation.id, event.phase.value] += 1
        interaction = recorder.interactions.get(case_id)
        if interaction is None or interaction.response is None:
            if not context.connection.is_over:
                sentence = f"A generated request to {node.value.operation.label} got no response"
                lost = _make_request(context, interaction.request) if interaction else None
                context.results.report_missing_response(sentence, operation, lost)
            continue
        request = _make_request(context, interaction.request)
        exchange = Exchange(request, _make_response(interaction))
        match = api.contract.match(request.method, request.path)
        if not isinstance(match, Unmatched) and match[0].id == operation.id:
            is_admitted = _carries_credential(context, operation, request)
            observed = observe(api, exchange, match, moment=moment, is_admitted=is_admitted)
            context.results.record(observed, ())
        else:
            context.results.unmatched[context.results.phase] += 1
        for check in recorder.checks.get(case_id, []):
            if check.status == Status.FAILURE and check.failure_info:
                _report_failure(context, Interaction(operation, exchange), check)


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


def _make_request(context: CheckContext, sent: Any) -> Request:
    """A request as Schemathesis has recorded it."""
    body = sent.body or b""
    return Request(
        method=sent.method,
        path=_find_path(context, sent.uri),
        query=urlsplit(sent.uri).query,
        headers=Headers((name, ", ".join(values)) for name, values in sent.headers.items()),
        body=body if isinstance(body, bytes) else body.encode(),
    )


def _find_path(context: CheckContext, url: str) -> str:
    """The path of a URL, decoded and below the base of the API."""
    base = urlsplit(context.target.url).path.rstrip("/") + context.api.contract.base
    return unquote(urlsplit(url).path, errors="replace")[len(unquote(base)) :]


def _make_response(interaction: Any) -> Response:
    received = interaction.response
    headers = Headers((name, ", ".join(values)) for name, values in received.headers.items())
    took = round(received.elapsed * SECOND)
    timing = Timing(round(interaction.timestamp * SECOND) - took, took)
    return Response(received.status_code, headers, received.content or b"", timing)
