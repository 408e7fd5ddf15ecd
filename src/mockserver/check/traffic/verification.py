"""Validates recorded traffic by contracts and invariants, as a run validates its own exchanges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from urllib.parse import quote, unquote

from mockserver.api import Api
from mockserver.check.target.redaction import list_secret_headers
from mockserver.check.target.target import Target
from mockserver.check.traffic.attribution import AttributedCall, attribute_calls
from mockserver.check.traffic.recording import RecordedCall
from mockserver.check.traffic.sequences import SANDBOX_HEADER, Resets, find_resets, split_sequences
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import Finding, Severity, Source
from mockserver.check.validation.observation import observe
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, make_verdict
from mockserver.clock import SECOND, machine_now
from mockserver.contract import EVIDENCE, Exchange, Headers, Operation, Request, Response, Unmatched
from mockserver.errors import MockserverError
from mockserver.invariant import Interaction

PHASE = "recorded"
"""The phase that findings in recorded traffic have."""

_REACH = 100
"""How many earlier interactions an invariant gets: a sequence may begin with any of them."""

_SKIPPED_METHODS = frozenset({"OPTIONS", "HEAD", "TRACE"})
"""Methods that browsers and servers use between themselves, and that no contract has."""

_SHORTEST = 8
"""A shorter credential could be any word; it is redacted in its header, and not in other texts."""

_UNKNOWN_CREDENTIAL = 401


class NothingToValidate(MockserverError):
    """No call of a recording is attributed to an API, or none of them can be validated."""


@dataclass(frozen=True)
class VerificationOptions:
    """Which APIs and deployments of a recording are validated, and how strictly.

    Without `apis` all are, without `urls` all deployments. `frozen` is the moment at which a
    deployment's clock was frozen, in microseconds, as a mock's can be.
    """

    apis: Collection[str] = ()
    urls: Collection[str] = ()
    frozen: int | None = None
    severity: Severity = field(default_factory=Severity)
    baseline: Baseline = field(default_factory=Baseline)


@dataclass(frozen=True)
class Verification:
    """The verdicts by deployment; `notes` say which calls were attributed to no API."""

    verdicts: list[tuple[Target, list[Verdict]]]
    notes: list[str]


def verify(
    calls: Iterable[RecordedCall], apis: Sequence[Api], options: VerificationOptions
) -> Verification:
    """Validate recorded calls. `apis` are all there are, since calls are attributed among them.

    Raises NothingToValidate where no call belongs to an API that is chosen, and HarError.
    """
    calls = list(calls)
    attribution = attribute_calls(calls, apis, options.urls)
    chosen = options.apis or [api.name for api in apis]
    notes = [
        f"calls to '{url}' below the base of the API '{api}' that no contract has: {count}. They "
        "were ignored, since no call to this URL is in a contract; add "
        f"--url {url} to validate them."
        for (url, api), count in attribution.unmatched.items()
        if api in chosen
    ]
    served = [call for call in attribution.calls if call.api.name in chosen]
    for name in options.apis or [""]:
        if not any(name in ("", call.api.name) for call in served):
            where = f" at {' or '.join(options.urls)}" if options.urls else ""
            what = f"the API '{name}'" if name else "an API"
            absence = f"No call of {what}{where} is in the recording."
            raise NothingToValidate(" ".join([absence, *notes]))
    resets = find_resets(calls)
    served.sort(key=lambda call: (call.url, call.api.name))
    verdicts = []
    for url, group in groupby(served, lambda call: call.url):
        here = list(group)
        by_api = groupby(here, lambda call: call.api.name)
        reached = [_validate(list(of_api), resets, options) for _, of_api in by_api]
        verdicts.append((_make_target(url, here), reached))
    if not any(verdict.requests for _, reached in verdicts for verdict in reached):
        skipped = [
            reason for _, reached in verdicts for verdict in reached for reason in verdict.skipped
        ]
        reasons = " ".join(f"{reason}." for reason in skipped)
        raise NothingToValidate(f"No call in the recording can be validated. {reasons}")
    return Verification(verdicts, notes)


def _make_target(url: str, calls: Sequence[AttributedCall]) -> Target:
    """The deployment, with the secrets that were recorded, so that no report contains them."""
    names = list_secret_headers({call.api.name: call.api for call in calls}.values())
    secrets = {
        secret
        for attributed in calls
        for headers in (attributed.call.request_headers, attributed.call.response_headers)
        for name, value in headers.fields
        if name in names
        for secret in _find_secrets(value)
    }
    credentials = {f"recorded {n}": secret for n, secret in enumerate(sorted(secrets))}
    return Target(url, url, credentials=credentials)


def _find_secrets(value: str) -> set[str]:
    """The secrets in a header: a credential without its scheme, cookies without their names."""
    parts = value.replace(";", " ").split()
    words = {value.strip(), *parts, *(part.partition("=")[2] for part in parts)}
    return {word for word in words | {unquote(word) for word in words} if len(word) >= _SHORTEST}


def _validate(
    calls: Sequence[AttributedCall], resets: Resets, options: VerificationOptions
) -> Verdict:
    """Validate the calls of one API at one URL."""
    began = machine_now()
    results = Results(calls[0].api, phase=PHASE)
    skipped: Counter[str] = Counter()
    validated = []
    for attributed in calls:
        if attributed.call.method in _SKIPPED_METHODS:
            skipped["are OPTIONS, HEAD or TRACE, which no contract has"] += 1
        elif reason := attributed.call.skip_reason:
            skipped[reason] += 1
        else:
            validated.append(attributed)
    for sequence in split_sequences(validated, resets):
        _validate_sequence(results, sequence, options.frozen)
    recorded = [attributed.call for attributed in validated]
    skipped["had a body which was not saved, so that it was not validated"] = sum(
        call.request_body is None for call in recorded
    )
    skipped["have no saved response body, so that only status and headers were validated"] = sum(
        call.response_body is None for call in recorded
    )
    for reason, count in skipped.items():
        if count:
            results.skip(f"calls that {reason}: {count}")
    for operation in results.api.contract.operations:
        if not results.statuses(operation.id):
            results.skip(f"{operation.id} is not in the recording")
    met = results.met
    if unmet := sum(not count for count in met.values()):
        results.skip(f"invariants that had nothing to validate: {unmet} of {len(met)}")
    inconclusive = []
    if not results.requests:
        inconclusive = ["none of its calls could be validated"]
    elif all(call.response_body is None for call in recorded):
        inconclusive = ["no response body was saved; record with the contents of responses"]
    verdict = make_verdict(results, options.severity, options.baseline, inconclusive)
    return replace(verdict, seconds=(machine_now() - began) / SECOND)


def _validate_sequence(
    results: Results, sequence: Iterable[AttributedCall], frozen: int | None
) -> None:
    before: list[Interaction] = []
    for attributed in sequence:
        moment = attributed.call.moment if frozen is None else frozen
        exchange = _make_exchange(attributed)
        intended = _find_intended(attributed)
        if intended is None:
            _add_unmatched(results, exchange, moment)
        else:
            interaction = _observe(attributed, exchange, intended, moment)
            results.record(interaction, tuple(before[-_REACH:]))
            before.append(interaction)


def _make_exchange(attributed: AttributedCall) -> Exchange:
    """The exchange with the path below the base; a sandbox in the path becomes a header."""
    call, headers = attributed.call, attributed.call.request_headers
    if attributed.sandbox and headers.get(SANDBOX_HEADER) is None:
        headers = Headers((*headers.fields, (SANDBOX_HEADER, attributed.sandbox)))
    return Exchange(
        Request(call.method, attributed.path, call.query, headers, call.request_body or b""),
        Response(call.status, call.response_headers, call.response_body or b"", call.timing),
    )


def _observe(
    attributed: AttributedCall,
    exchange: Exchange,
    intended: tuple[Operation, dict[str, str]],
    moment: int,
) -> Interaction:
    """The exchange as the contract reads it, without violations in bodies that were not saved."""
    call, status = attributed.call, exchange.response.status
    # A recording does not say whether its credential was valid, or whether a request whose body
    # was not saved was rightly refused.
    is_refused_unknown = call.request_body is None and 400 <= status < 500
    is_admitted = status != _UNKNOWN_CREDENTIAL and not is_refused_unknown
    interaction = observe(
        attributed.api, exchange, intended, moment=moment, is_admitted=is_admitted
    )
    bodies = (("/request/body", call.request_body), ("/response/body", call.response_body))
    unsaved = tuple(location for location, body in bodies if body is None)
    of_request, of_response = (
        tuple(violation for violation in found if not violation.location.startswith(unsaved))
        for found in (interaction.request_violations, interaction.response_violations)
    )
    return replace(interaction, request_violations=of_request, response_violations=of_response)


def _find_intended(attributed: AttributedCall) -> tuple[Operation, dict[str, str]] | None:
    """The operation that this kit sent a request for whose method or path no contract has."""
    contract, name = attributed.api.contract, attributed.call.entry.operation
    if not isinstance(attributed.match, Unmatched):
        return attributed.match
    for operation in contract.operations:
        if operation.id == name:
            parameters = operation.parameters
            return operation, {spec.name: "" for spec in parameters if spec.location == "path"}
    return None


def _add_unmatched(results: Results, exchange: Exchange, moment: int) -> None:
    request, api = exchange.request, results.api
    (violation,) = api.validator.validate_exchange(exchange)
    results.add_finding(
        Finding(
            api=api.name,
            operation="",
            code="unmatched",
            source=Source("contract", violation.rule),
            evidence=EVIDENCE[0],
            sentence=f"{request.method} {request.path} is not in the contract: {violation.message}",
            location=f"{request.method}:{quote(request.path)}",
            status=exchange.response.status,
            exchange=exchange,
        )
    )
    results.count_exchange("", exchange, moment)
