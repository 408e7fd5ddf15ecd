"""Validates recorded traffic by contracts and invariants, as a run validates its own exchanges."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from urllib.parse import quote, unquote

from mockserver.api import Api
from mockserver.check.target.redaction import list_secret_headers
from mockserver.check.target.target import Target
from mockserver.check.traffic.attribution import AttributedCall, attribute_calls
from mockserver.check.traffic.recording import (
    SANDBOX_HEADER,
    RecordedCall,
    RecordedMessage,
    Recording,
)
from mockserver.check.traffic.sequences import (
    Order,
    is_control_call,
    order_calls,
    split_sequences,
)
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import Finding, Severity, Source
from mockserver.check.validation.observation import observe
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, make_verdict
from mockserver.clock import SECOND, machine_now
from mockserver.contract import EVIDENCE, Exchange, Operation, Request, Response, Timing, Unmatched
from mockserver.errors import MockserverError
from mockserver.invariant import Interaction

PHASE = "recorded"
"""The phase that findings in recorded traffic have."""

_REACH = 100
"""How many earlier interactions an invariant gets: a sequence may begin with any of them."""

_SKIPPED_METHODS = frozenset({"OPTIONS", "HEAD", "TRACE"})
"""Methods that browsers and servers use between themselves, and that no contract has."""

_NAMED = 5
"""How many calls are named of those that are left out for one reason."""

_MOST_TRAFFIC = 64 * 2**20
_NUMBERS = re.compile("[0-9]+")

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
class Entries:
    """What became of the entries of the recordings.

    `left_out` has the reasons, each with the number of calls and the first of them.
    """

    total: int
    verified: int
    left_out: Sequence[tuple[str, int, str]]

    @property
    def foreign(self) -> int:
        """How many entries are no calls of an API that is validated."""
        return self.total - self.verified - sum(count for _, count, _ in self.left_out)


@dataclass(frozen=True)
class Verification:
    """The verdicts by deployment, and what became of the entries.

    `notes` say which calls were attributed to no API, and which files could not be read to the end.
    """

    verdicts: list[tuple[Target, list[Verdict]]]
    entries: Entries
    notes: list[str]


class _LeftOut:
    """Counts calls that are left out, by reason, and names the first of them."""

    def __init__(self, has_several_files: bool) -> None:
        self.has_several_files = has_several_files
        self._groups: dict[str, tuple[str, list[RecordedCall]]] = {}

    def add(self, call: RecordedCall) -> None:
        fault = call.summary.fault
        # The same place in several entries is one reason; the first says what is wrong there.
        key = _NUMBERS.sub("", fault.partition(":")[0]) if fault else call.summary.skip_reason
        if call.method in _SKIPPED_METHODS:
            key = reason = "are OPTIONS, HEAD or TRACE, which no contract has"
        else:
            reason = f"cannot be read ({fault})" if fault else call.skip_reason
        self._groups.setdefault(key, (reason, []))[1].append(call)

    def list_reasons(self) -> list[tuple[str, int, str]]:
        """Each reason, how many calls have it, and the first of them."""
        return [
            (reason, len(calls), self._name_calls(calls)) for reason, calls in self._groups.values()
        ]

    def _name_calls(self, calls: Sequence[RecordedCall]) -> str:
        names = [
            f"{call.har.path.name} " * self.has_several_files + f"log.entries[{call.number}]"
            for call in calls[:_NAMED]
        ]
        more = len(calls) - len(names)
        return ", ".join(names) + (f" and {more} more" if more else "")


def verify(
    recordings: Iterable[Recording], apis: Sequence[Api], options: VerificationOptions
) -> Verification:
    """Validate recorded calls. `apis` are all there are, since calls are attributed among them.

    Raises NothingToValidate where no call belongs to an API that is chosen, and HarError.
    """
    recordings = list(recordings)
    calls = [call for recording in recordings for call in recording.calls]
    attribution = attribute_calls(calls, apis, options.urls)
    chosen = options.apis or [api.name for api in apis]
    notes = [
        f"'{recording.har.path}' was not read to its end: {recording.har.fault}."
        for recording in recordings
        if recording.har.fault
    ]
    notes += [
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
    order = order_calls(
        [*(call.call for call in served), *(call for call in calls if is_control_call(call))]
    )
    left_out = _LeftOut(len(recordings) > 1)
    served.sort(key=lambda call: (call.url, call.api.name))
    verdicts = []
    for url, group in groupby(served, lambda call: call.url):
        secrets: set[str] = set()
        reached = [
            _validate(list(of_api), order, options, left_out, secrets)
            for _, of_api in groupby(group, lambda call: call.api.name)
        ]
        credentials = {f"recorded {n}": secret for n, secret in enumerate(sorted(secrets))}
        verdicts.append((Target(url, url, credentials=credentials), reached))
    verified = sum(verdict.requests for _, reached in verdicts for verdict in reached)
    reasons = left_out.list_reasons()
    if not verified:
        skipped = " ".join(f"{_format_reason(*reason)}." for reason in reasons)
        raise NothingToValidate(f"No call in the recording can be validated. {skipped}")
    total = sum(recording.har.entry_count for recording in recordings)
    return Verification(verdicts, Entries(total, verified, reasons), notes)


def _format_reason(reason: str, count: int, places: str) -> str:
    return f"calls that {reason}: {count} ({places})"


def _find_message_secrets(message: RecordedMessage, api: Api) -> set[str]:
    names = list_secret_headers([api])
    return {
        secret
        for headers in (message.request_headers, message.response_headers)
        for name, value in headers.fields
        if name in names
        for secret in _find_secrets(value)
    }


def _find_secrets(value: str) -> set[str]:
    """The secrets in a header: a credential without its scheme, cookies without their names."""
    parts = value.replace(";", " ").split()
    words = {value.strip(), *parts, *(part.partition("=")[2] for part in parts)}
    return {word for word in words | {unquote(word) for word in words} if len(word) >= _SHORTEST}


def _validate(
    calls: Sequence[AttributedCall],
    order: Order,
    options: VerificationOptions,
    all_left_out: _LeftOut,
    secrets: set[str],
) -> Verdict:
    """Validate the calls of one API at one URL, and collect their secrets."""
    began = machine_now()
    left_out = _LeftOut(all_left_out.has_several_files)
    validated = []
    for attributed in calls:
        call = attributed.call
        if call.method in _SKIPPED_METHODS or call.summary.is_left_out:
            left_out.add(attributed.call)
            all_left_out.add(attributed.call)
        else:
            validated.append(attributed)
    results = Results(calls[0].api, phase=PHASE, traffic_limit=_limit_traffic(validated))
    run = _Run(results, options.frozen, secrets)
    for sequence in split_sequences(validated, order):
        run.validate_sequence(sequence)
    for reason, count, places in left_out.list_reasons():
        results.skip(_format_reason(reason, count, places))
    for reason, count in (
        ("had a body which was not saved, so that it was not validated", run.unsaved_requests),
        (
            "have no saved response body, so that only status and headers were validated",
            run.unsaved_responses,
        ),
    ):
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
    elif run.unsaved_responses == len(validated):
        inconclusive = ["no response body was saved; record with the contents of responses"]
    verdict = make_verdict(results, options.severity, options.baseline, inconclusive)
    return replace(verdict, seconds=(machine_now() - began) / SECOND)


def _limit_traffic(calls: Sequence[AttributedCall]) -> int:
    """How many exchanges are kept for reports, so that their bodies fit into memory."""
    size = sum(attributed.call.length for attributed in calls)
    most = _MOST_TRAFFIC * len(calls) // size if size else len(calls)
    return max(_REACH, min(most, Results.traffic_limit))


@dataclass
class _Run:
    """The validation of one API's sequences."""

    results: Results
    frozen: int | None
    secrets: set[str]
    unsaved_requests: int = 0
    unsaved_responses: int = 0

    def validate_sequence(self, sequence: Iterable[AttributedCall]) -> None:
        before: deque[Interaction] = deque(maxlen=_REACH)
        for attributed in sequence:
            message = attributed.call.read_message()
            self.unsaved_requests += message.request_body is None
            self.unsaved_responses += message.response_body is None
            self.secrets |= _find_message_secrets(message, self.results.api)
            exchange = _make_exchange(attributed, message)
            moment = attributed.call.summary.moment or 0
            moment = moment if self.frozen is None else self.frozen
            intended = _find_intended(attributed)
            if intended is None:
                _add_unmatched(self.results, exchange, moment)
            else:
                interaction = _observe(attributed.api, message, exchange, intended, moment)
                self.results.record(interaction, tuple(before))
                before.append(interaction)


def _make_exchange(attributed: AttributedCall, message: RecordedMessage) -> Exchange:
    """The exchange with the path below the base; a sandbox in the path becomes a header."""
    call, headers = attributed.call, message.request_headers
    if attributed.sandbox and headers.get(SANDBOX_HEADER) is None:
        headers = headers.extended((SANDBOX_HEADER, attributed.sandbox))
    summary = call.summary
    timing = None if summary.began is None else Timing(summary.began, summary.took)
    return Exchange(
        Request(call.method, attributed.path, call.query, headers, message.request_body or b""),
        Response(summary.status, message.response_headers, message.response_body or b"", timing),
    )


def _observe(
    api: Api,
    message: RecordedMessage,
    exchange: Exchange,
    intended: tuple[Operation, dict[str, str]],
    moment: int,
) -> Interaction:
    """The exchange as the contract reads it, without violations in bodies that were not saved."""
    status = exchange.response.status
    # A recording does not say whether its credential was valid, or whether a request whose body
    # was not saved was rightly refused.
    is_refused_unknown = message.request_body is None and 400 <= status < 500
    is_admitted = status != _UNKNOWN_CREDENTIAL and not is_refused_unknown
    interaction = observe(api, exchange, intended, moment=moment, is_admitted=is_admitted)
    bodies = (("/request/body", message.request_body), ("/response/body", message.response_body))
    unsaved = tuple(location for location, body in bodies if body is None)
    of_request, of_response = (
        tuple(violation for violation in found if not violation.location.startswith(unsaved))
        for found in (interaction.request_violations, interaction.response_violations)
    )
    return replace(interaction, request_violations=of_request, response_violations=of_response)


def _find_intended(attributed: AttributedCall) -> tuple[Operation, dict[str, str]] | None:
    """The operation that this kit sent a request for whose method or path no contract has."""
    contract, name = attributed.api.contract, attributed.call.summary.operation
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
