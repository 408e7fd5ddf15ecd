"""Validates recorded traffic by contracts and invariants, as a run validates its own exchanges."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from urllib.parse import quote, unquote

from mockserver.api import Api
from mockserver.check.target.redaction import SECRET_HEADERS
from mockserver.check.target.target import Target
from mockserver.check.traffic.attribution import AttributedCall, attribute_calls
from mockserver.check.traffic.recording import RecordedCall
from mockserver.check.traffic.sequences import AttributedExchange, find_resets, split_sequences
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import ContractRule, Finding, Severity
from mockserver.check.validation.observation import Observation, observe
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, make_verdict
from mockserver.clock import SECOND, machine_now
from mockserver.contract import EVIDENCE, Exchange, Headers, Operation, Request, Violation
from mockserver.errors import MockserverError
from mockserver.invariant import Interaction

PHASE = "recorded"
"""The phase that findings in recorded traffic have."""

_REACH = 100
"""How many earlier interactions an invariant gets: any of them is a fair beginning of a sequence."""

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
    deployment's clock stood, in microseconds, where it was frozen, as a mock's can be.
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


@dataclass(frozen=True)
class _ServedApi:
    """An API of one deployment: its calls, by recording."""

    api: Api
    url: str
    recordings: list[list[AttributedCall]]


def verify(
    recordings: Sequence[Sequence[RecordedCall]],
    apis: Sequence[Api],
    options: VerificationOptions,
) -> Verification:
    """Validate recorded calls. `apis` are all that there are, since calls are attributed among them.

    Raises NothingToValidate where no call belongs to an API that is chosen, and HarError.
    """
    attribution = attribute_calls(chain.from_iterable(recordings), apis, options.urls)
    chosen = options.apis or {api.name for api in apis}
    notes = [
        _describe_unmatched(url, api, count)
        for (url, api), count in attribution.unmatched.items()
        if api in chosen
    ]
    served = _group_calls(
        recordings, [call for call in attribution.calls if call.api.name in chosen]
    )
    for name in options.apis or [""]:
        if not any(name in ("", one.api.name) for one in served):
            raise NothingToValidate(" ".join([_describe_absence(name, options), *notes]))
    resets = [find_resets(calls) for calls in recordings]
    by_url: defaultdict[str, list[Verdict]] = defaultdict(list)
    for one in served:
        by_url[one.url].append(_validate(one, resets, options))
    verdicts = list(chain.from_iterable(by_url.values()))
    if not any(verdict.requests for verdict in verdicts):
        reasons = " ".join(f"{reason}." for verdict in verdicts for reason in verdict.skipped)
        raise NothingToValidate(f"No call in the recording can be validated. {reasons}")
    return Verification([(_target(url, served), found) for url, found in by_url.items()], notes)


def _group_calls(
    recordings: Sequence[Sequence[RecordedCall]], calls: Iterable[AttributedCall]
) -> list[_ServedApi]:
    """The calls by URL and API, and by recording."""
    numbers = {call: n for n, recording in enumerate(recordings) for call in recording}
    served: dict[tuple[str, str], _ServedApi] = {}
    for one in calls:
        key = one.url, one.api.name
        if key not in served:
            served[key] = _ServedApi(one.api, one.url, [[] for _ in recordings])
        served[key].recordings[numbers[one.call]].append(one)
    return [one for _, one in sorted(served.items())]


def _describe_absence(name: str, options: VerificationOptions) -> str:
    where = f" at {' or '.join(options.urls)}" if options.urls else ""
    what = f"the API '{name}'" if name else "an API"
    return f"No call of {what}{where} is in the recording."


def _describe_unmatched(url: str, api: str, count: int) -> str:
    return (
        f"calls to '{url}' below the base of the API '{api}' that no contract has: {count}. They "
        "were ignored, since no call to this URL is in a contract; add "
        f"--url {url} to validate them."
    )


def _target(url: str, served: Iterable[_ServedApi]) -> Target:
    """The deployment, with the secrets that were recorded, so that no report contains them."""
    here = [one for one in served if one.url == url]
    schemes = [scheme for one in here for scheme in one.api.contract.security_schemes.values()]
    headers = {scheme["name"].lower() for scheme in schemes if scheme["type"] == "apiKey"}
    secrets = {
        secret
        for one in here
        for attributed in chain.from_iterable(one.recordings)
        for name, value in attributed.call.header_fields
        if name in SECRET_HEADERS | headers
        for secret in _find_secrets(value)
    }
    return Target(
        name=url,
        url=url,
        credentials={f"recorded {n}": secret for n, secret in enumerate(sorted(secrets))},
        header_variables=dict.fromkeys(headers, ""),
    )


def _find_secrets(value: str) -> set[str]:
    """The secrets in a header: a credential without its scheme, cookies without their names."""
    parts = value.replace(";", " ").split()
    words = {value.strip(), *parts, *(part.partition("=")[2] for part in parts)}
    return {word for word in words | {unquote(word) for word in words} if len(word) >= _SHORTEST}


def _validate(
    served: _ServedApi, resets: Sequence[Mapping[str, Sequence[int]]], options: VerificationOptions
) -> Verdict:
    began = machine_now()
    results = Results(served.api, phase=PHASE)
    skipped: Counter[str] = Counter()
    exchanges: list[AttributedExchange] = []
    for calls, moments in zip(served.recordings, resets, strict=True):
        read = list(_read_exchanges(calls, skipped))
        exchanges += read
        for sequence in split_sequences(read, moments):
            _validate_sequence(results, sequence, options.frozen)
    has_body = Counter(exchange.recorded.has_response_body for exchange in exchanges)
    skipped["had a body which was not saved, so that it was not validated"] = sum(
        not exchange.recorded.has_request_body for exchange in exchanges
    )
    skipped["have no saved response body, so that only status and headers were validated"] = (
        has_body[False]
    )
    for reason, count in skipped.items():
        if count:
            results.skip(f"calls that {reason}: {count}")
    for operation in served.api.contract.operations:
        if not results.statuses(operation.id):
            results.skip(f"{operation.id} is not in the recording")
    met = results.evaluator.met
    if unmet := sum(not count for count in met.values()):
        results.skip(f"invariants that had nothing to validate: {unmet} of {len(met)}")
    inconclusive = []
    if not results.requests:
        inconclusive = ["none of its calls could be validated"]
    elif not has_body[True]:
        inconclusive = ["no response body was saved; record with the contents of responses"]
    verdict = make_verdict(results, options.severity, options.baseline, inconclusive)
    return replace(verdict, seconds=(machine_now() - began) / SECOND)


def _read_exchanges(
    calls: Iterable[AttributedCall], skipped: Counter[str]
) -> Iterator[AttributedExchange]:
    """The exchanges that can be validated; the others are counted by the reason."""
    for attributed in calls:
        if attributed.call.method in _SKIPPED_METHODS:
            skipped["are OPTIONS, HEAD or TRACE, which no contract has"] += 1
        elif reason := attributed.call.skip_reason:
            skipped[reason] += 1
        else:
            yield AttributedExchange(attributed, attributed.call.read_exchange())


def _validate_sequence(
    results: Results, sequence: Iterable[AttributedExchange], frozen: int | None
) -> None:
    before: list[Interaction] = []
    for attributed in sequence:
        moment = attributed.recorded.moment if frozen is None else frozen
        exchange = Exchange(_contract_request(attributed), attributed.recorded.response)
        observation = _observe(results.api, exchange, attributed, moment)
        if observation is None:
            _add_unmatched(results, exchange, moment)
        else:
            results.record(observation, tuple(before[-_REACH:]))
            before.append(observation.interaction)


def _contract_request(exchange: AttributedExchange) -> Request:
    """The request with the path below the base; a sandbox in the path becomes a header."""
    request, attributed = exchange.recorded.request, exchange.attributed
    fields = request.headers.fields
    if attributed.sandbox and request.headers.get("x-mock-sandbox") is None:
        fields = (*fields, ("x-mock-sandbox", attributed.sandbox))
    return replace(request, path=attributed.path, headers=Headers(fields))


def _observe(
    api: Api, exchange: Exchange, attributed: AttributedExchange, moment: int
) -> Observation | None:
    """The exchange as the contract reads it, without violations in bodies that were not saved."""
    recorded, status = attributed.recorded, exchange.response.status
    # A recording does not say whether its credential was valid. Nor can anybody tell whether a
    # request was rightly refused whose body was not saved.
    is_refused_unknown = not recorded.has_request_body and 400 <= status < 500
    observation = observe(
        api,
        exchange.request,
        exchange.response,
        moment=moment,
        is_admitted=status != _UNKNOWN_CREDENTIAL and not is_refused_unknown,
        intended=_find_intended(api, exchange.request, attributed.attributed.call.entry.operation),
    )
    if observation is None:
        return None
    asked, answered = observation.request_violations, observation.response_violations
    if not recorded.has_request_body:
        asked = _without_body(asked, "/request/body")
    if not recorded.has_response_body:
        answered = _without_body(answered, "/response/body")
    return Observation(replace(observation.interaction, is_valid=not asked), asked, answered)


def _find_intended(
    api: Api, request: Request, operation: str | None
) -> tuple[Operation, dict[str, str]] | None:
    """The operation that this kit sent a request for whose method or path no contract has."""
    if operation not in {one.id for one in api.contract.operations}:
        return None
    match = api.contract.match(request.method, request.path)
    if isinstance(match, tuple):
        return match
    spec = api.contract.operation(str(operation))
    return spec, {one.name: "" for one in spec.parameters if one.location == "path"}


def _without_body(violations: Iterable[Violation], location: str) -> tuple[Violation, ...]:
    return tuple(one for one in violations if not one.location.startswith(location))


def _add_unmatched(results: Results, exchange: Exchange, moment: int) -> None:
    request, api = exchange.request, results.api
    (violation,) = api.validator.validate_exchange(exchange)
    results.unmatched.append((exchange, moment))
    results.add_finding(
        Finding(
            api=api.name,
            operation="",
            code="unmatched",
            source=ContractRule(violation.rule),
            evidence=EVIDENCE[0],
            sentence=f"{request.method} {request.path} is not in the contract: {violation.message}",
            location=f"{request.method}:{quote(request.path)}",
            status=exchange.response.status,
            exchange=exchange,
        )
    )
    results.cells["", exchange.response.status, PHASE].requests += 1
