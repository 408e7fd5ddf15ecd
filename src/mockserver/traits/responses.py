"""What holds of any response: its envelope, its refusals, its moments, and that reading is pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any
from urllib.parse import parse_qsl

import orjson
from msgspec import Struct

from mockserver.clock import SECOND
from mockserver.invariant import Interaction
from mockserver.json_pointer import ABSENT, list_differences, split_pointer
from mockserver.mutation.places import DROP, change_at
from mockserver.traits.declarations import (
    Authentication,
    Envelope,
    Mirror,
    Moments,
    PureRead,
    Refusals,
)
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, at, is_settled, read_bounds, read_clock, show
from mockserver.traits.pagination import Pages, find_differences
from mockserver.traits.times import DAY, MINUTE, QUARTER, describe, read_time

_ESCAPED = re.compile(rb"(?i)\\u(?!d[89a-f]|00[0-7])[0-9a-f]{4}")
_REFUSALS = (400, 404, 405, 411, 415, 422)
"""Those of a request, and not of its credential, its size, or when it was sent."""


# Envelopes and refusals


def _read_envelope(evaluation: Evaluation, *, name: str) -> tuple[Interaction, str, Any] | None:
    """A field of the envelope: the response, the field's pointer and its value."""
    trait, now = evaluation.of.envelope, evaluation.now
    if trait is None or (trait.statuses and now.status not in trait.statuses):
        return None
    pointer = getattr(trait, name)
    value = at(now.response_body, pointer)
    return None if value is ABSENT else (now, pointer, value)


@rule(Envelope, "status", reads=partial(_read_envelope, name="status"))
def envelope_repeats_the_status(envelope: tuple[Interaction, str, Any]) -> Iterator[str]:
    """The status in the body is the HTTP status."""
    now, pointer, value = envelope
    if type(value) is int and value != now.status:
        yield f"{pointer} is {value} in a response of status {now.status}"


@rule(Envelope, "success", reads=partial(_read_envelope, name="success"))
def envelope_says_whether_it_succeeded(envelope: tuple[Interaction, str, Any]) -> Iterator[str]:
    """The body says success in a response of success, and none in a refusal."""
    now, pointer, value = envelope
    if isinstance(value, bool) and value != (now.status == now.operation.success):
        yield f"{pointer} is {show(value)} in a response of status {now.status}"


def _body_with_letters(evaluation: Evaluation) -> bytes | None:
    body, is_read = evaluation.now.exchange.response.body, evaluation.now.response_body is not None
    return body if is_read and (not body.isascii() or _ESCAPED.search(body)) else None


@rule(Envelope, "literal", reads=_body_with_letters)
def letters_are_not_escaped(body: bytes) -> Iterator[str]:
    """Letters beyond ASCII are in the body as themselves, in UTF-8, not escaped."""
    if escaped := _ESCAPED.search(body):
        yield f"a letter is written {escaped[0].decode()}"


def _same_path(evaluation: Evaluation) -> tuple[int, int] | None:
    """The status of a response that says whether what its path names is there, and the last one."""

    def says_existence(interaction: Interaction) -> bool:
        if not interaction.is_admitted or not (interaction.is_success or interaction.status == 404):
            return False
        # A page that is not there may be missing too.
        spec, sent = evaluation.traits.of(interaction).pagination, interaction.arguments
        page = sent.get(spec.page or spec.offset) if spec else None
        is_first = spec is None or page in (None, spec.first_page, 0)
        return interaction.is_success or (interaction.is_valid and is_first)

    now = evaluation.now
    if not says_existence(now) or "{" not in now.operation.path:
        return None
    path = now.exchange.request.path
    alike = (it for it in reversed(evaluation.before) if it.exchange.request.path == path)
    return next(((now.status, it.status) for it in alike if says_existence(it)), None)


@rule(Envelope, reads=_same_path, is_optional=True)
def what_is_found_is_found_again(statuses: tuple[int, int]) -> Iterator[str]:
    """What was not found stays so, and what was found is found again."""
    status, before = statuses
    if (status == 404) != (before == 404):
        yield f"the status is {status}, and was {before}"


def _read_refusal(evaluation: Evaluation) -> tuple[Any, list[str]] | None:
    """What a refusal says is wrong, and the parameters that were sent and do not conform."""
    trait, now = evaluation.of.refusals, evaluation.now
    if trait is None or now.is_valid or now.status != trait.status:
        return None
    sent, said = dict(_query(now)), at(now.response_body, trait.names)
    names = [spec.name for spec in now.operation.parameters if spec.name in sent]
    wrong = [name for name in names if name not in now.arguments]
    return (said, wrong) if wrong and isinstance(said, dict | str) else None


@rule(Refusals, reads=_read_refusal)
def a_refusal_names_what_is_wrong(refusal: tuple[Any, list[str]]) -> Iterator[str]:
    """A refusal names a parameter that is wrong; if it lists them, each that is and no other."""
    said, wrong = refusal
    if isinstance(said, dict) and {*said} != {*wrong}:
        yield f"it names {' and '.join(sorted(said))}, and wrong is {' and '.join(wrong)}"
    if isinstance(said, str) and not any(name in said for name in wrong):
        yield f"wrong is {' and '.join(wrong)}, and it says '{said}'"


@rule(
    Authentication,
    reads=lambda evaluation: None if evaluation.now.is_admitted else evaluation.now,
)
def nothing_succeeds_without_a_credential(now: Interaction) -> Iterator[str]:
    """The response to a request without a good credential is not a success."""
    if 200 <= now.status < 300:
        yield f"the status is {now.status}"


# Moments


_Times = tuple[int, int, list[tuple[str, str | int, int]]]
"""The moment of a response, how far off it a time may be, and the times in the response.

Each has its place, the time or its text, and how far after the moment it is.
"""


def _read_times(
    evaluation: Evaluation, *, is_present: bool, is_in_utc: bool = False
) -> _Times | None:
    """Reads the fields that are the present, or those of rows that are past."""
    trait, now, listing = evaluation.of.moments, evaluation.now, evaluation.listing
    if trait is None or not now.moment:
        return None
    owners = listing.rows if listing else []
    pointers, unit = trait.past, trait.row_unit
    if is_present:
        owners = [now.response_body] if now.is_success else []
        pointers, unit = trait.now, trait.unit
    is_time_of_day = unit == "time-of-day"
    cycle = DAY if is_time_of_day else 0
    if trait.zone == "any" and not is_in_utc:
        cycle = QUARTER
    moment = now.moment // MINUTE * MINUTE if is_time_of_day else now.moment
    times = []
    for owner in owners:
        for pointer in pointers:
            if (time := read_time(value := at(owner, pointer), unit)) is not None:
                off = time - moment
                off = (off + cycle // 2) % cycle - cycle // 2 if cycle else off
                times.append((pointer, str(value) if is_time_of_day else time, off))
    return (now.moment, trait.tolerance * SECOND, times) if times else None


def _show(time: str | int) -> str:
    return time if isinstance(time, str) else describe(time)


@rule(Moments, "now", reads=partial(_read_times, is_present=True))
def the_present_is_the_moment_of_the_response(times: _Times) -> Iterator[str]:
    """A field that is the present is the moment of the response."""
    moment, tolerance, places = times
    for place, time, off in places:
        if abs(off) > tolerance:
            yield f"{place} is {_show(time)}, and it is {describe(moment)}"


@rule(
    Moments,
    "now",
    reads=partial(_read_times, is_present=True, is_in_utc=True),
    is_optional=True,
)
def the_present_is_the_moment_of_the_response_in_utc(times: _Times) -> Iterator[str]:
    """A field that is the present is the moment of the response in UTC."""
    yield from the_present_is_the_moment_of_the_response.find_violations(times)


@rule(Moments, "past", reads=partial(_read_times, is_present=False))
def nothing_is_in_the_future(times: _Times) -> Iterator[str]:
    """No row has a time that is still to come."""
    moment, tolerance, places = times
    for place, time, off in places:
        if off > tolerance:
            yield f"{place} is {_show(time)}, and it is {describe(moment)}"


# Pure reads


class _Repeats(Struct, frozen=True):
    """Two responses to requests that mean the same; `varies` are fields that may differ."""

    now: Interaction
    others: tuple[Interaction, ...]
    varies: tuple[str, ...]


@lru_cache(maxsize=4096)  # every later exchange is compared with it
def _query(interaction: Interaction) -> list[tuple[str, str]]:
    return sorted(parse_qsl(interaction.exchange.request.query, keep_blank_values=True))


def _repeats(
    is_same: Callable[[Interaction, Interaction, PureRead], bool], *, has_refusals: bool = False
) -> Callable[[Evaluation], _Repeats | None]:
    """Reads the earlier responses to requests that mean the same, without a change in between.

    `has_refusals` says that one may be refused where the other one is not.
    """

    def read(evaluation: Evaluation) -> _Repeats | None:
        now, traits, trait = evaluation.now, evaluation.of, evaluation.of.pure_read
        is_refused = has_refusals and now.is_admitted and now.status in _REFUSALS
        if trait is None or not now.is_valid or not (now.is_success or is_refused):
            return None
        others = []
        for other in reversed(evaluation.before):
            if other.operation is not now.operation:
                if evaluation.may_have_written(other):
                    break
            elif other.is_success and other.is_valid and is_same(other, now, trait):
                clock = read_clock(traits, other)
                if traits.range is None or is_settled(traits, read_bounds(traits, other), clock):
                    others.append(other)
        return _Repeats(now, tuple(others), trait.varies) if others else None

    return read


@rule(
    PureRead,
    reads=_repeats(
        lambda one, two, _: (
            _query(one) == _query(two) and one.exchange.request.body == two.exchange.request.body
        )
    ),
    # Pages, and rows of a range, have rules of their own.
    applies=lambda own: own.pagination is None and (own.range is None or own.rows is None),
)
def the_same_request_has_the_same_response(repeats: _Repeats) -> Iterator[str]:
    """The same request, sent twice, has the same response, as long as nothing else happens."""
    yield from _changes(repeats)


@rule(
    PureRead,
    reads=_repeats(
        lambda one, two, _: (
            one.arguments == two.arguments and dict(_query(one)).keys() != dict(_query(two)).keys()
        )
    ),
    is_optional=True,
)
def a_default_is_as_if_it_were_sent(repeats: _Repeats) -> Iterator[str]:
    """The response to a request without a parameter is the one with its default."""
    yield from _changes(repeats)


def _is_other_case(one: Interaction, two: Interaction, trait: PureRead) -> bool:
    def fold(arguments: Mapping[str, Any]) -> dict[str, Any]:
        folded = {name: str(arguments[name]).lower() for name in arguments.keys() & trait.any_case}
        return {**arguments, **folded}

    return one.arguments != two.arguments and fold(one.arguments) == fold(two.arguments)


@rule(PureRead, "any_case", reads=_repeats(_is_other_case, has_refusals=True))
def letters_may_be_in_either_case(repeats: _Repeats) -> Iterator[str]:
    """A parameter in upper case means the same as in lower case."""
    yield from _changes(repeats)


def _headers(interaction: Interaction) -> set[tuple[str, str]]:
    """The headers of a request but for those of its body."""
    fields = interaction.exchange.request.headers.fields
    return {(name.lower(), text) for name, text in fields if not name.lower().startswith("content")}


def _has_other_body(one: Interaction, two: Interaction, _: PureRead) -> bool:
    """Whether of two equal requests one has a body of JSON and the other none."""
    if _headers(one) != _headers(two):
        return False
    first, second = one.exchange.request.body, two.exchange.request.body
    try:
        orjson.loads(first or second)
    except orjson.JSONDecodeError:
        return False
    return _query(one) == _query(two) and bool(first) != bool(second)


@rule(PureRead, "ignores_body", reads=_repeats(_has_other_body, has_refusals=True))
def a_body_changes_nothing(repeats: _Repeats) -> Iterator[str]:
    """The response to a request with a body of JSON is the one without."""
    yield from _changes(repeats)


def _changes(repeats: _Repeats) -> Iterator[str]:
    if not repeats.now.is_success:
        yield f"the status is {repeats.now.status}, and was {repeats.others[0].status}"
        return
    now = _without(repeats.now.response_body, repeats.varies)
    for other in repeats.others:
        before = _without(other.response_body, repeats.varies)
        if now != before:
            place = next(list_differences(now, before))
            values = show(at(now, place)), show(at(before, place))
            yield f"{place or 'the body'} is {values[0]}, and was {values[1]}"
            return


def _without(body: Any, varies: tuple[str, ...]) -> Any:
    """A body without the fields that may differ."""
    for pointer in varies:
        body = change_at(body, tuple(split_pointer(pointer)), lambda _: DROP)
    return body


# Mirrors


def _mirrored(evaluation: Evaluation) -> Pages | None:
    trait, now = evaluation.of.mirror, evaluation.listing
    others = evaluation.same_list(trait.operation) if trait else []
    return Pages(now, tuple(others)) if now and others else None


@rule(Mirror, reads=_mirrored)
def both_operations_list_the_same(pages: Pages) -> Iterator[str]:
    """The list is the same one by either operation."""
    yield from find_differences(pages)
