"""Validates recorded traffic by contracts and invariants, as a run validates its own exchanges."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from urllib.parse import quote

from msgspec import Struct, field

from mockserver.api import Api
from mockserver.check.target.selection import Excluded, list_remaining
from mockserver.check.target.target import Target
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import Finding, Severity, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, make_verdict
from mockserver.clock import SECOND, machine_now
from mockserver.contract import (
    EVIDENCE,
    SAFE_METHODS,
    Exchange,
    Operation,
    Request,
    Response,
    Timing,
    Unmatched,
)
from mockserver.errors import MockserverError
from mockserver.invariant import Interaction
from mockserver.observation import observe
from mockserver.redaction import Mask
from mockserver.traffic.attribution import AttributedCall, attribute_calls
from mockserver.traffic.recording import (
    SANDBOX_HEADER,
    RecordedCall,
    RecordedMessage,
    Recording,
)
from mockserver.traffic.sequences import (
    Order,
    is_control_call,
    order_calls,
    split_sequences,
)

PHASE = "recorded"
"""The phase that findings in recorded traffic have."""

_REACH, _LEAST_REACH = 100, 20
"""How many earlier interactions an invariant gets: a sequence may begin with any of them."""

_MOST_PAIRS = 100_000
"""Of so many calls and earlier ones on, each gets fewer."""

_INTERRUPTED = "it was interrupted"

_SKIPPED_METHODS = frozenset({"OPTIONS", "HEAD", "TRACE"})
"""Methods that browsers and servers use between themselves, and that no contract has."""

_NAMED = 5
"""How many calls are named of those that are left out for one reason."""

_NUMBERS = re.compile("[0-9]+")


_UNKNOWN_CREDENTIAL = 401

_WITHOUT_OPERATION = "are OPTIONS, HEAD or TRACE, which no contract has"
_UNSAVED_REQUEST = "had a body which was not saved whole, so that it was not validated"
_UNSAVED_RESPONSE = (
    "have no whole saved response body, so that only status and headers were validated"
)


class NothingToValidate(MockserverError):
    """No call of a recording is attributed to an API, or none of them can be validated."""


class VerificationOptions(Struct, frozen=True):
    """Which APIs and deployments of a recording are validated, and how strictly.

    Without `apis` all are, without `urls` all deployments; calls of `excluded` operations are left
    out. `frozen` is the moment at which a
    deployment's clock was frozen, in microseconds, as a mock's can be.
    """

    apis: Collection[str] = ()
    excluded: Excluded = field(default_factory=dict)
    urls: Collection[str] = ()
    frozen: int | None = None
    severity: Severity = field(default_factory=Severity)
    baseline: Baseline = field(default_factory=Baseline)


class Entries(Struct, frozen=True):
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


class Verification(Struct, frozen=True):
    """The verdicts by deployment, and what became of the entries.

    `notes` say which calls were attributed to no API, and which files could not be read to the end.
    After a KeyboardInterrupt, the verdicts are on what there was.
    """

    verdicts: list[tuple[Target, list[Verdict]]]
    entries: Entries
    notes: list[str]
    is_interrupted: bool = False


class _Reasons:
    """Why calls were left out, or not validated as a whole: how many, and which were the first."""

    def __init__(self, has_several_files: bool) -> None:
        self.has_several_files = has_several_files
        self._groups: dict[str, tuple[str, list[RecordedCall]]] = {}

    def add(self, call: RecordedCall, reason: str, key: str = "") -> None:
        """Add a call; of one key, the first reason counts."""
        self._groups.setdefault(key or reason, (reason, []))[1].append(call)

    def summarize(self) -> Sequence[tuple[str, int, str]]:
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


def _find_reason(call: RecordedCall) -> tuple[str, str]:
    """Why a call is left out, and the key that such reasons have in common; empty where it is not.

    The same place in several entries is one reason; the first says what is wrong there.
    """
    if call.method in _SKIPPED_METHODS:
        return _WITHOUT_OPERATION, ""
    if fault := call.summary.fault:
        return f"cannot be read ({fault})", _NUMBERS.sub("", fault.partition(":")[0])
    return call.skip_reason, ""


def verify(
    recordings: Iterable[Recording], apis: Sequence[Api], options: VerificationOptions
) -> Verification:
    """Validate recorded calls. `apis` are all there are, since calls are attributed among them.

    Raises NothingToValidate where no call belongs to an API that is chosen, and HarError.
    """
    recordings = list(recordings)
    calls = [call for recording in recordings for call in recording.calls]
    attribution = attribute_calls(calls, apis, options.urls)
    named = options.apis or [api.name for api in apis]
    chosen = list_remaining(named, options.excluded)
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
    left_out = _Reasons(len(recordings) > 1)
    served.sort(key=lambda call: (call.url, call.api.name))
    verdicts, is_interrupted = [], False
    for url, group in groupby(served, lambda call: call.url):
        target, reached = Target(url, url), list[Verdict]()
        for name, of_api in groupby(group, lambda call: call.api.name):
            if is_interrupted:
                reached.append(Verdict(name, inconclusive=("it was interrupted before this API",)))
                continue
            verdict = _validate(list(of_api), order, options, left_out)
            is_interrupted = _INTERRUPTED in verdict.inconclusive
            reached.append(verdict)
        verdicts.append((target, reached))
    verified = sum(verdict.requests for _, reached in verdicts for verdict in reached)
    reasons = left_out.summarize()
    for mask in (verdict.extend(Mask()) for _, reached in verdicts for verdict in reached):
        reasons = [(mask.text(reason), count, places) for reason, count, places in reasons]
        notes = list(map(mask.text, notes))
    if not verified and not is_interrupted:
        skipped = " ".join(f"{_format_reason(*reason)}." for reason in reasons)
        raise NothingToValidate(f"No call in the recording can be validated. {skipped}")
    total = sum(recording.har.entry_count for recording in recordings)
    return Verification(verdicts, Entries(total, verified, reasons), notes, is_interrupted)


def _format_reason(reason: str, count: int, places: str) -> str:
    return f"calls that {reason}: {count} ({places})"


def _validate(
    calls: Sequence[AttributedCall],
    order: Order,
    options: VerificationOptions,
    all_left_out: _Reasons,
) -> Verdict:
    """Validate the calls of one API at one URL."""
    began = machine_now()
    left_out = _Reasons(all_left_out.has_several_files)
    validated = []
    excluded = options.excluded.get(calls[0].api.name, frozenset())
    for attributed in calls:
        reason, key = _find_reason(attributed.call)
        match = attributed.match
        if not isinstance(match, Unmatched) and match[0].id in excluded:
            all_left_out.add(attributed.call, "are of an excluded operation")
        elif reason:
            left_out.add(attributed.call, reason, key)
            all_left_out.add(attributed.call, reason, key)
        else:
            validated.append(attributed)
    results = Results(
        calls[0].api,
        phase=PHASE,
        excluded=excluded,
    )
    reach = max(_LEAST_REACH, min(_REACH, _MOST_PAIRS // max(len(validated), 1)))
    unsaved = _Reasons(all_left_out.has_several_files)
    run = _Run(results, options.frozen, unsaved, reach)
    inconclusive = []
    try:
        for sequence in split_sequences(validated, order):
            run.validate_sequence(sequence)
    except KeyboardInterrupt:
        inconclusive = [_INTERRUPTED]
    for reason, count, places in (*left_out.summarize(), *unsaved.summarize()):
        results.skip(_format_reason(reason, count, places))
    for operation in results.operations:
        if not results.statuses(operation.id):
            results.skip(f"{operation.id} is not in the recording")
    met = results.met
    if unmet := sum(not count for count in met.values()):
        results.skip(f"invariants that had nothing to validate: {unmet} of {len(met)}")
    if not results.requests:
        inconclusive += ["none of its calls could be validated"]
    elif run.unsaved_responses == len(validated):
        inconclusive += ["no response body was saved; record with the contents of responses"]
    verdict = make_verdict(results, options.severity, options.baseline, inconclusive)
    return replace(verdict, seconds=(machine_now() - began) / SECOND)


class _Run(Struct):
    """The validation of one API's sequences."""

    results: Results
    frozen: int | None
    unsaved: _Reasons
    reach: int = _REACH
    unsaved_responses: int = 0

    def validate_sequence(self, sequence: Iterable[AttributedCall]) -> None:
        """Validate the calls of a sequence, each with those before it."""
        # What was read twice alike, without a write between, is there once: nothing follows from
        # the first time that does not follow from the second, and pages poll.
        before: OrderedDict[Hashable, Interaction] = OrderedDict()
        writes = 0
        for attributed in sequence:
            message = attributed.call.read_message()
            if message.request_body is None:
                self.unsaved.add(attributed.call, _UNSAVED_REQUEST)
            if message.response_body is None:
                self.unsaved_responses += 1
                self.unsaved.add(attributed.call, _UNSAVED_RESPONSE)
            exchange = _make_exchange(attributed, message)
            moment = attributed.call.summary.moment or 0
            moment = moment if self.frozen is None else self.frozen
            intended = _find_intended(attributed)
            if intended is None:
                _add_unmatched(self.results, exchange, moment)
                continue
            interaction = _observe(attributed.api, message, exchange, intended, moment)
            self.results.record(interaction, tuple(before.values()))
            writes += exchange.request.method not in SAFE_METHODS
            key = (writes, exchange.request.method, *_identify(interaction))
            before[key] = interaction
            before.move_to_end(key)
            if len(before) > self.reach:
                before.popitem(last=False)


def _identify(interaction: Interaction) -> tuple[Hashable, ...]:
    """What two exchanges have in common that say the same."""
    request, response = interaction.exchange.request, interaction.exchange.response
    sent = (request.path, request.query, request.body, repr(interaction.arguments))
    return *sent, response.status, response.body


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
    intended: tuple[Operation, Mapping[str, str]],
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


def _find_intended(attributed: AttributedCall) -> tuple[Operation, Mapping[str, str]] | None:
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
