"""Judges recorded traffic by contracts and invariants, as a run validates what it asks itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from urllib.parse import quote, unquote

from mockserver.api import Api
from mockserver.check.target.redaction import SECRET_HEADERS
from mockserver.check.target.target import Target
from mockserver.check.traffic.attribution import Belonging, belongings
from mockserver.check.traffic.recording import Call, Recorded
from mockserver.check.traffic.sequences import Placed, threads, turns
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import Finding, Severity
from mockserver.check.validation.observation import Observation, observe
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, weigh
from mockserver.clock import SECOND, machine_now
from mockserver.contract import EVIDENCE, Exchange, Headers, Operation, Request, Violation
from mockserver.errors import MockserverError
from mockserver.invariant import Interaction

__all__ = ["PHASE", "NothingToValidate", "Reading", "Verified", "verify"]

PHASE = "recorded"
"""What stands in the place of a phase's name."""

_REACH = 100
"""How many exchanges before it an exchange is validated with: any is a fair beginning of a thread."""

_ASIDE = frozenset({"OPTIONS", "HEAD", "TRACE"})
"""What browsers and servers settle between themselves, and no contract speaks of."""

_SHORTEST = 8
"""A credential under this could be any word; it is masked in its header, and not in other texts."""

_IS_ASIDE = "are OPTIONS, HEAD or TRACE, of which no contract speaks"
_IS_UNSAVED = "had a body which was not saved, so that it was not validated"
_UNKNOWN_CREDENTIAL = 401
_BODY = "/body"


class NothingToValidate(MockserverError):
    """No call of a recording is one of an API, or none of them can be validated."""


@dataclass(frozen=True)
class Reading:
    """How recordings are validated: which APIs and deployments, and how strictly.

    Without `apis` all are, without `urls` whatever deployments there are. `frozen` is the moment at
    which a deployment's clock stood, in microseconds, where it did: a mock's may.
    """

    apis: Collection[str] = ()
    urls: Collection[str] = ()
    frozen: int | None = None
    severity: Severity = field(default_factory=Severity)
    baseline: Baseline = field(default_factory=Baseline)


@dataclass(frozen=True)
class Verified:
    """The verdicts on the deployments that were met; `notes` say what was not taken for theirs."""

    verdicts: list[tuple[Target, list[Verdict]]]
    notes: list[str]


@dataclass(frozen=True)
class _Met:
    """An API as one deployment has served it: its calls, in each recording by themselves."""

    api: Api
    url: str
    calls: list[list[Belonging]]


def verify(recordings: Sequence[Sequence[Call]], apis: Sequence[Api], how: Reading) -> Verified:
    """The verdicts on recorded calls, by deployment. `apis` are all there are, for telling apart.

    Raises NothingToValidate where no call is one of an API that is asked for, and HarError.
    """
    found = belongings(chain.from_iterable(recordings), apis, how.urls)
    wanted = how.apis or {api.name for api in apis}
    notes = [
        _stray(url, api, n) for (url, api), n in found.unmatched_exchanges.items() if api in wanted
    ]
    places = _places(recordings, [one for one in found.calls if one.api.name in wanted])
    for name in how.apis or [""]:
        if not any(name in ("", place.api.name) for place in places):
            raise NothingToValidate(" ".join([_nothing(name, how), *notes]))
    turned = [turns(calls) for calls in recordings]
    reached: defaultdict[str, list[Verdict]] = defaultdict(list)
    for place in places:
        reached[place.url].append(_verdict(place, turned, how))
    every = list(chain.from_iterable(reached.values()))
    if not any(verdict.requests for verdict in every):
        raise NothingToValidate(_unjudged(every))
    return Verified([(_target(url, places), found) for url, found in reached.items()], notes)


def _places(recordings: Sequence[Sequence[Call]], calls: Iterable[Belonging]) -> list[_Met]:
    """Where APIs were met, by URL and name."""
    numbers = {id(call): n for n, calls in enumerate(recordings) for call in calls}
    met: dict[tuple[str, str], _Met] = {}
    for one in calls:
        key = one.url, one.api.name
        if key not in met:
            met[key] = _Met(one.api, one.url, [[] for _ in recordings])
        met[key].calls[numbers[id(one.call)]].append(one)
    return [place for _, place in sorted(met.items())]


def _nothing(name: str, how: Reading) -> str:
    where = f" at {' or '.join(how.urls)}" if how.urls else ""
    what = f"the API '{name}'" if name else "an API"
    return f"No call of {what}{where} is in the recording."


def _unjudged(verdicts: Iterable[Verdict]) -> str:
    reasons = " ".join(f"{reason}." for one in verdicts for reason in one.skipped)
    return f"No call in it can be validated. {reasons}"


def _stray(url: str, api: str, number: int) -> str:
    return (
        f"calls to '{url}' below the base of the API '{api}' that no contract has: {number}. They "
        "are taken for somebody else's, since nothing there is in a contract; --url "
        f"{url} holds them against it."
    )


def _target(url: str, met: Iterable[_Met]) -> Target:
    """The deployment, with the secrets that were recorded, so that they are shown nowhere."""
    places = [place for place in met if place.url == url]
    schemes = [one for place in places for one in place.api.contract.security_schemes.values()]
    headers = {one["name"].lower() for one in schemes if one["type"] == "apiKey"}
    calls = (one.call for place in places for calls in place.calls for one in calls)
    secrets = {secret for call in calls for secret in _secrets(call, SECRET_HEADERS | headers)}
    return Target(
        name=url,
        url=url,
        credentials={f"recorded {n}": secret for n, secret in enumerate(sorted(secrets))},
        header_variables=dict.fromkeys(headers, ""),
    )


def _secrets(call: Call, names: Collection[str]) -> Iterator[str]:
    for name, value in call.secrets():
        if name in names:
            # Of a credential, without its scheme; of cookies, each without its name.
            parts = value.replace(";", " ").split()
            words = {value.strip(), *parts, *(part.partition("=")[2] for part in parts)}
            plain = {unquote(word) for word in words}
            yield from (word for word in words | plain if len(word) >= _SHORTEST)


def _verdict(place: _Met, turned: list[dict[str, list[int]]], how: Reading) -> Verdict:
    began = machine_now()
    results = Results(place.api, phase=PHASE)
    left_out: Counter[str] = Counter()
    saved: Counter[bool] = Counter()
    for calls, moved in zip(place.calls, turned, strict=True):
        placed = list(_judgeable(calls, left_out))
        saved.update(one.recorded.has_answered for one in placed)
        left_out[_IS_UNSAVED] += sum(not one.recorded.has_asked for one in placed)
        for thread in threads(placed, moved):
            _judge(results, thread, how)
    for reason, number in left_out.items():
        if number:
            results.leave_out(f"calls that {reason}: {number}")
    _leave_out_unseen(results, saved)
    verdict = weigh(results, how.severity, how.baseline, _inconclusive(results, saved))
    return replace(verdict, seconds=(machine_now() - began) / SECOND)


def _judgeable(calls: Iterable[Belonging], left_out: Counter[str]) -> Iterator[Placed]:
    for one in calls:
        if one.call.method in _ASIDE:
            left_out[_IS_ASIDE] += 1
        elif reason := one.call.why_unjudged:
            left_out[reason] += 1
        else:
            yield Placed(one, one.call.read())


def _judge(results: Results, thread: Iterable[Placed], how: Reading) -> None:
    """Validator the exchanges of a thread, each with those before it."""
    before: list[Interaction] = []
    for one in thread:
        recorded = one.recorded
        moment = recorded.moment if how.frozen is None else how.frozen
        exchange = Exchange(_request(one), recorded.response)
        observation = _observed(results.api, exchange, one, moment)
        if observation is None:
            _take_unmatched(results, exchange, moment)
        else:
            results.record(observation, tuple(before[-_REACH:]))
            before.append(observation.seen)


def _request(one: Placed) -> Request:
    """The request as the contract knows it; a sandbox that its path named is named by a header."""
    request, sandbox = one.recorded.request, one.belonging.sandbox
    fields = request.headers.fields
    if sandbox and request.headers.get("x-mock-sandbox") is None:
        fields = (*fields, ("x-mock-sandbox", sandbox))
    return replace(request, path=one.belonging.path, headers=Headers(fields))


def _observed(api: Api, exchange: Exchange, one: Placed, moment: int) -> Observation | None:
    """The exchange as the contract reads it, without what was not saved of it."""
    recorded, status = one.recorded, exchange.response.status
    # Whether a credential was a good one, nobody has told. Neither does anybody know whether a
    # request of which a part is missing was rightly refused; it is not held against the answer.
    is_refused_unknown = not recorded.has_asked and 400 <= status < 500
    observation = observe(
        api,
        exchange.request,
        exchange.response,
        moment=moment,
        is_admitted=status != _UNKNOWN_CREDENTIAL and not is_refused_unknown,
        found=_intended(api, exchange.request, one.belonging.call.operation),
    )
    return observation and _without_unsaved(observation, recorded)


def _intended(
    api: Api, request: Request, operation: str
) -> tuple[Operation, dict[str, str]] | None:
    """The operation whose refusal was asked for with what no contract has, as this kit does."""
    if operation not in {one.id for one in api.contract.operations}:
        return None
    match = api.contract.match(request.method, request.path)
    if isinstance(match, tuple):
        return match
    spec = api.contract.operation(operation)
    return spec, {one.name: "" for one in spec.parameters if one.location == "path"}


def _without_unsaved(observation: Observation, recorded: Recorded) -> Observation:
    asked = tuple(_about(observation.asked, "/request", has_body=recorded.has_asked))
    answered = tuple(_about(observation.answered, "/response", has_body=recorded.has_answered))
    return Observation(replace(observation.seen, is_valid=not asked), asked, answered)


def _about(violations: Iterable[Violation], half: str, *, has_body: bool) -> Iterator[Violation]:
    return (one for one in violations if has_body or not one.location.startswith(half + _BODY))


def _take_unmatched(results: Results, exchange: Exchange, moment: int) -> None:
    request, api = exchange.request, results.api
    (violation,) = api.validator.exchange(exchange)
    results.unmatched_exchanges.append((exchange, moment))
    results.find(
        Finding(
            api=api.name,
            operation="",
            code="unmatched",
            rule=violation.rule,
            evidence=EVIDENCE[0],
            sentence=f"{request.method} {request.path} is not in the contract: {violation.message}",
            place=f"{request.method}:{_shape(request.path)}",
            status=exchange.response.status,
            exchange=exchange,
        )
    )
    results.cells["", exchange.response.status, PHASE].requests += 1


def _shape(path: str) -> str:
    """A path without its ids: a mistake is one, however many of them it is made with."""
    segments = ("*" if segment.isdecimal() else segment for segment in path.split("/"))
    return quote("/".join(segments), safe="/*")


def _leave_out_unseen(results: Results, saved: Counter[bool]) -> None:
    if saved[False]:
        results.leave_out(
            "calls whose answer has no body that was saved, so that only status and headers were "
            f"validated: {saved[False]}"
        )
    for operation in results.api.contract.operations:
        if not results.statuses(operation.id):
            results.leave_out(f"{operation.id} is not in the recording")
    met = results.evaluator.met
    if unmet := sum(not times for times in met.values()):
        results.leave_out(f"invariants that had nothing to judge: {unmet} of {len(met)}")


def _inconclusive(results: Results, saved: Counter[bool]) -> list[str]:
    if not results.requests:
        return ["none of its calls could be validated"]
    if not saved[True]:
        return ["no answer has a body that was saved; record with the contents of answers"]
    return []
