"""What holds of any response: its envelope, its refusals, its moments, and that reading is pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson

from mockserver.contract import ABSENT
from mockserver.invariant import Interaction
from mockserver.json_pointer import split_pointer
from mockserver.traits.declarations import (
    Authentication,
    Envelope,
    Mirror,
    Moments,
    PureRead,
    Traits,
)
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, at, read_bounds, read_clock, show
from mockserver.traits.pagination import Pages, differences
from mockserver.traits.times import ANY_ZONE, DAY, TOLERANCE, describe, read_time

__all__ = ["RULES", "is_over"]

_ESCAPED = re.compile(rb"(?i)\\u(?!d[89a-f]|00[0-7])[0-9a-f]{4}")
_NOT_FOR_THE_BODY = (401, 403, 408, 413, 429)


@dataclass(frozen=True)
class _Repeats:
    """Two responses to requests that mean the same; `varies` are fields that may differ."""

    now: Interaction
    others: tuple[Interaction, ...]
    varies: tuple[str, ...]


def _enveloped(pointer: str) -> Callable[[Evaluation], tuple[Interaction, str] | None]:
    def read(evaluation: Evaluation) -> tuple[Interaction, str] | None:
        trait, now = evaluation.of.envelope, evaluation.now
        if trait is None or (trait.statuses and now.status not in trait.statuses):
            return None
        place = getattr(trait, pointer)
        return None if at(now.response_body, place) is ABSENT else (now, place)

    return read


@rule(Envelope, "status", reads=_enveloped("status"))
def envelope_repeats_the_status(found: tuple[Interaction, str]) -> Iterator[str]:
    """The status in the body is the HTTP status."""
    now, pointer = found
    value = at(now.response_body, pointer)
    if type(value) is int and value != now.status:
        yield f"{pointer} is {value} in a response of status {now.status}"


@rule(Envelope, "success", reads=_enveloped("success"))
def envelope_says_whether_it_succeeded(found: tuple[Interaction, str]) -> Iterator[str]:
    """The body says success in a response of success, and none in a refusal."""
    now, pointer = found
    value = at(now.response_body, pointer)
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


def _not_admitted(evaluation: Evaluation) -> Interaction | None:
    return None if evaluation.now.is_admitted else evaluation.now


@rule(Authentication, reads=_not_admitted)
def nothing_is_answered_without_a_credential(now: Interaction) -> Iterator[str]:
    """A request without a good credential is not answered with success."""
    if 200 <= now.status < 300:
        yield f"such a request is answered {now.status}"


@dataclass(frozen=True)
class _Times:
    """Times in a response, each with its place, and when it was answered."""

    times: tuple[tuple[str, int], ...]
    moment: int
    tolerance: int


def _times_of(evaluation: Evaluation, places: list[tuple[str, Any]], unit: str) -> _Times | None:
    trait, moment = evaluation.of.moments, evaluation.now.moment
    read = ((place, read_time(value, unit)) for place, value in places)
    times = tuple((place, time) for place, time in read if time is not None)
    if trait is None or not times or not moment:
        return None
    return _Times(times, moment, trait.tolerance * 1_000_000)


def _present(evaluation: Evaluation) -> _Times | None:
    trait, now = evaluation.of.moments, evaluation.now
    if trait is None or not now.is_success:
        return None
    return _times_of(evaluation, [(it, at(now.response_body, it)) for it in trait.now], trait.unit)


def _past(evaluation: Evaluation) -> _Times | None:
    trait, listing = evaluation.of.moments, evaluation.listing
    if trait is None or listing is None:
        return None
    places = [(it, at(row, it)) for row in listing.rows for it in trait.past]
    return _times_of(evaluation, places, trait.row_unit)


@rule(Moments, "now", reads=_present)
def the_present_is_the_moment_of_the_response(found: _Times) -> Iterator[str]:
    """A field that is the present is the moment of the response."""
    for place, time in found.times:
        if abs(time - found.moment) > found.tolerance:
            yield f"{place} is {describe(time)}, and it is {describe(found.moment)}"


@rule(Moments, "past", reads=_past)
def nothing_is_in_the_future(found: _Times) -> Iterator[str]:
    """No row has a time that is still to come."""
    for place, time in found.times:
        if time > found.moment + found.tolerance:
            yield f"{place} is {describe(time)}, and it is {describe(found.moment)}"


def _repeats(evaluation: Evaluation, is_same: Callable[[Interaction], bool]) -> _Repeats | None:
    """The earlier responses to requests that mean the same, in which nothing can have changed."""
    now, traits, trait = evaluation.now, evaluation.of, evaluation.of.pure_read
    if trait is None or not now.is_success or not now.is_valid:
        return None
    others = []
    for seen in reversed(evaluation.before):
        if seen.operation is not now.operation:
            if evaluation.may_have_written(seen, now):
                break
        elif seen.is_success and seen.is_valid and is_same(seen) and is_over(traits, seen):
            others.append(seen)
    return _Repeats(now, tuple(others), trait.varies) if others else None


def is_over(traits: Traits, seen: Interaction) -> bool:
    """Whether what a request is about was over when it was answered, or has no range of time."""
    trait, bounds = traits.range, read_bounds(traits, seen)
    if trait is None:
        return True
    if bounds is None or bounds.end is None:
        return False
    end = bounds.end + (DAY if trait.unit == "day-month-year" else 0)
    slack = ANY_ZONE.after if trait.zone == "any" else 0
    return end + slack + TOLERANCE <= read_clock(traits, seen)


def _same_request(evaluation: Evaluation) -> _Repeats | None:
    now = evaluation.now
    return _repeats(evaluation, lambda it: _query(it) == _query(now) and _body(it) == _body(now))


def _without_default(evaluation: Evaluation) -> _Repeats | None:
    now = evaluation.now
    return _repeats(
        evaluation, lambda it: it.arguments == now.arguments and _names(it) != _names(now)
    )


def _other_case(evaluation: Evaluation) -> _Repeats | None:
    now, trait = evaluation.now, evaluation.of.pure_read
    names = trait.any_case if trait else ()
    return _repeats(
        evaluation,
        lambda it: it.arguments != now.arguments and _lower(it, names) == _lower(now, names),
    )


def _with_body(evaluation: Evaluation) -> _Repeats | None:
    now, trait = evaluation.now, evaluation.of.pure_read
    if trait is None or trait.ignores_body is False:
        return None
    twins = [
        it
        for it in evaluation.before
        if it.operation is now.operation
        and it.is_success
        and _query(it) == _query(now)
        and bool(_body(it)) != bool(_body(now))
        and _is_json(_body(it) or _body(now))
    ]
    is_refused = 400 <= now.status < 500 and now.status not in _NOT_FOR_THE_BODY
    if twins and _body(now) and is_refused and now.is_admitted:
        return _Repeats(now, tuple(twins), trait.varies)
    return _repeats(evaluation, lambda it: it in twins) if twins else None


def _is_compared_whole(traits: Traits) -> bool:
    """Whether responses are compared as a whole: pages, and rows of a range, have rules of their own."""
    return traits.pagination is None and (traits.range is None or traits.rows is None)


@rule(PureRead, reads=_same_request, applies=_is_compared_whole)
def the_same_request_is_answered_the_same(found: _Repeats) -> Iterator[str]:
    """The same request, sent twice, is answered the same, as long as nothing else happens."""
    yield from _changes(found)


@rule(PureRead, reads=_without_default, is_optional=True)
def a_default_is_as_if_it_were_sent(found: _Repeats) -> Iterator[str]:
    """A request without a parameter is answered as one with its default."""
    yield from _changes(found)


@rule(PureRead, "any_case", reads=_other_case)
def letters_may_be_in_either_case(found: _Repeats) -> Iterator[str]:
    """A parameter in upper case means the same as in lower case."""
    yield from _changes(found)


@rule(PureRead, "ignores_body", reads=_with_body)
def a_body_changes_nothing(found: _Repeats) -> Iterator[str]:
    """A request with a body of JSON is answered as it is without."""
    if not found.now.is_success:
        yield f"it is answered {found.now.status} with a body, and {found.others[0].status} without"
        return
    yield from _changes(found)


def _changes(found: _Repeats) -> Iterator[str]:
    now = _stripped(found.now.response_body, found.varies)
    for other in found.others:
        was = _stripped(other.response_body, found.varies)
        if now != was:
            place = _first_difference(now, was)
            yield f"{place or 'the body'} is {show(at(now, place))}, and was {show(at(was, place))}"
            return


def _stripped(answer: Any, varies: tuple[str, ...]) -> Any:
    """A body without the fields that may differ."""
    if not varies:
        return answer
    answer = deepcopy(answer)
    for pointer in varies:
        parent, _, last = pointer.rpartition("/")
        owner = at(answer, parent)
        if isinstance(owner, dict):
            owner.pop(split_pointer(f"/{last}")[0], None)
    return answer


def _first_difference(one: Any, other: Any, place: str = "") -> str:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            if one[key] != other[key]:
                return _first_difference(one[key], other[key], f"{place}/{key}")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, (item, was) in enumerate(zip(one, other, strict=True)):
            if item != was:
                return _first_difference(item, was, f"{place}/{n}")
    return place


@lru_cache(maxsize=4096)  # every later exchange is compared with it
def _query(seen: Interaction) -> list[tuple[str, str]]:
    return sorted(parse_qsl(seen.exchange.request.query, keep_blank_values=True))


def _names(seen: Interaction) -> set[str]:
    return {name for name, _ in _query(seen)}


def _body(seen: Interaction) -> bytes:
    return seen.exchange.request.body


def _lower(seen: Interaction, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: value.lower() if name in names and isinstance(value, str) else value
        for name, value in seen.arguments.items()
    }


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _mirrored(evaluation: Evaluation) -> Pages | None:
    trait, now = evaluation.of.mirror, evaluation.listing
    if trait is None or now is None:
        return None
    others = tuple(evaluation.same_list(trait.operation))
    return Pages(now, others) if others else None


@rule(Mirror, reads=_mirrored)
def both_operations_answer_the_same_list(pages: Pages) -> Iterator[str]:
    """The list is the same one by either operation."""
    yield from (it for other in pages.others for it in differences(pages.now, other))


@dataclass(frozen=True)
class _Existence:
    """The status of a response, and of the last one about the same thing."""

    status: int
    was: int


def _same_path(evaluation: Evaluation) -> _Existence | None:
    """Responses that say whether what the path names is there."""
    now = evaluation.now
    for seen in reversed(evaluation.before):
        if seen.exchange.request.path == now.exchange.request.path and _says_existence(seen):
            is_told = _says_existence(now) and "{" in now.operation.path
            return _Existence(now.status, seen.status) if is_told else None
    return None


def _says_existence(seen: Interaction) -> bool:
    return seen.is_admitted and (seen.is_success or seen.status == 404)


@rule(Envelope, reads=_same_path, is_optional=True)
def what_is_found_is_found_again(found: _Existence) -> Iterator[str]:
    """What was not found stays so, and what was found is found again."""
    if (found.status == 404) != (found.was == 404):
        yield f"it is answered {found.status}, and was answered {found.was}"


RULES = (
    envelope_repeats_the_status,
    envelope_says_whether_it_succeeded,
    letters_are_not_escaped,
    what_is_found_is_found_again,
    nothing_is_answered_without_a_credential,
    the_present_is_the_moment_of_the_response,
    nothing_is_in_the_future,
    the_same_request_is_answered_the_same,
    a_default_is_as_if_it_were_sent,
    letters_may_be_in_either_case,
    a_body_changes_nothing,
    both_operations_answer_the_same_list,
)
