"""The phase `generated`: Schemathesis over every operation, each response validated by us too."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import schemathesis
from hypothesis import configuration
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import NoLinksFound
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.run import UNIT_PHASES

from mockserver.check.context import CheckContext
from mockserver.check.http.connection import NoResponse
from mockserver.check.phases.adapter import Adapter, Sent, use_adapter
from mockserver.contract import (
    SAFE_METHODS,
    Exchange,
    Format,
    Operation,
    Request,
    Unmatched,
    place_credential,
)
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
        with isolate_hypothesis(), _watch_threads(context), context.pool.open_batch() as batch:
            adapter = Adapter(context, batch, stream.stop, query)
            with use_adapter(adapter):
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
    context: CheckContext, adapter: Adapter, event: events.EngineEvent, moment: int
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
    context: CheckContext, adapter: Adapter, event: events.ScenarioFinished, moment: int
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


def _report_lost(context: CheckContext, operation: Operation, sent: Sent | None) -> None:
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
