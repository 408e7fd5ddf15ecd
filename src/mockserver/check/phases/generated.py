"""The phase `generated`: Schemathesis over every operation, each response validated by us too."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import schemathesis
from hypothesis import configuration
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import NoLinksFound
from schemathesis.engine import Status, events, from_schema

from mockserver.api import Api
from mockserver.check.context import CheckContext
from mockserver.check.http.connection import TimeLimitReached
from mockserver.check.validation.observation import observe
from mockserver.clock import SECOND
from mockserver.contract import (
    Exchange,
    Format,
    Headers,
    Request,
    Response,
    Timing,
    Unmatched,
    place_credential,
)
from mockserver.invariant import Interaction
from mockserver.settings import variable

_EXAMPLES = {False: 60, True: 8}
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
    with context.world("default") as place:
        headers = {**credentials, **context.target.headers, **place.headers}
        schema: Any = schemathesis.openapi.from_dict(
            deepcopy(dict(context.api.contract.document)),  # which Schemathesis writes into
            config=SchemathesisConfig.from_dict(_make_config(context, headers)),
        )
        for operation in context.api.contract.operations:
            if not context.allows(operation):
                schema = schema.exclude(operation_id=operation.id)
        stream = from_schema(schema).execute()
        rate = _limit_rate(context, stream.stop, query)
        with rate, isolate_hypothesis(), _watch_threads(context):
            for event in stream:
                _handle(context, event, place.now())


@contextmanager
def _limit_rate(
    context: CheckContext, stop: Callable[[], None], query: Mapping[str, str]
) -> Iterator[None]:
    """Keep generated requests to the rate and the time limit, without proxies and passwords.

    Schemathesis would go on generating after the time limit, and its session would use the proxies
    of the environment and the passwords of a `.netrc`.
    """
    host = urlsplit(context.target.url).hostname or ""

    def add_to_query(request: Any) -> Any:
        if query:
            request.prepare_url(request.url, query)
        return request

    def before_call(_: object, __: object, kwargs: dict[str, Any]) -> None:
        kwargs["proxies"] = {"no_proxy": host}
        kwargs["auth"] = add_to_query  # without `auth`, `requests` looks for a credential
        try:
            context.connection.take_turn()
        except TimeLimitReached:
            stop()

    schemathesis.hook(before_call)
    try:
        yield
    finally:
        schemathesis.hooks.unregister(before_call)
    context.connection.check_time()


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
    with suppress(RuntimeError):  # there is no home folder
        if not variable("HYPOTHESIS_STORAGE_DIRECTORY"):
            cache = Path(variable("XDG_CACHE_HOME") or Path.home() / ".cache")
            configuration.set_hypothesis_home_dir(cache / "mockserver" / "hypothesis")
    try:
        yield
    finally:
        provider._local_constants = constants
        providers.CONSTANTS_CACHE.cache.clear()
        configuration.set_hypothesis_home_dir(home)


@contextmanager
def _watch_threads(context: CheckContext) -> Iterator[None]:
    """Report a thread of Schemathesis that crashes, and wait for all of them at the end."""
    hook = threading.excepthook

    def report_crash(event: threading.ExceptHookArgs) -> None:
        reason = f"{event.exc_type.__name__}: {event.exc_value}"[:_REASON]
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
        if isinstance(reason, NoLinksFound):  # the operations that links lead from write
            context.results.skip("generated: no chains of requests along the links: they write")
        else:
            context.results.truncated.append(f"not all requests were generated: {reason}"[:_REASON])


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


def _make_config(context: CheckContext, headers: Mapping[str, str]) -> dict[str, Any]:
    target, api, tls = context.target, context.api, context.target.tls
    files = {"request-cert": tls.certificate, "request-cert-key": tls.key}
    # No request is made from a response: two targets get the same requests.
    own_data = {"extra-data-sources": {"responses": False}}
    coverage: dict[str, Any] = {**own_data, "generate-duplicate-query-parameters": True}
    if not context.may_write:
        coverage["unexpected-methods"] = ["OPTIONS"]  # a safe one
    return {
        "seed": context.seed,
        "base-url": target.url.rstrip("/") + api.contract.base,
        "headers": dict(headers),
        "continue-on-failure": True,
        "workers": 1,
        "request-timeout": target.timeout or 3600,
        # Without `verify` the authorities do not matter.
        "tls-verify": str(tls.ca) if tls.verify and tls.ca else tls.verify,
        **{option: str(file) for option, file in files.items() if file},
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
            sentence = f"A generated request to {operation.method} {operation.path} got no response"
            context.results.report_missing_response(sentence, operation)
            continue
        exchange = _make_exchange(api, interaction)
        match = api.contract.match(exchange.request.method, exchange.request.path)
        if not isinstance(match, Unmatched) and match[0].id == operation.id:
            context.results.record(observe(api, exchange, match, moment=moment), ())
        for check in recorder.checks.get(case_id, []):
            if check.status == Status.FAILURE and check.failure_info:
                failure = check.failure_info.failure
                sentence = f"{failure.title}: {failure.message}"
                context.results.report(Interaction(operation, exchange), check.name, sentence)


def _make_exchange(api: Api, interaction: Any) -> Exchange:
    sent, received = interaction.request, interaction.response
    parts = urlsplit(sent.uri)
    body = sent.body or b""
    request = Request(
        method=sent.method,
        path=unquote(parts.path, errors="replace")[len(urlsplit(api.contract.base).path) :],
        query=parts.query,
        headers=Headers((name, ", ".join(values)) for name, values in sent.headers.items()),
        body=body if isinstance(body, bytes) else body.encode(),
    )
    headers = Headers((name, ", ".join(values)) for name, values in received.headers.items())
    took = round(received.elapsed * SECOND)
    timing = Timing(round(interaction.timestamp * SECOND) - took, took)
    content = received.content or b""
    return Exchange(request, Response(received.status_code, headers, content, timing))
