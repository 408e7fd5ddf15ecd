"""The same question asked again, or in another way that means the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl

import orjson

from mockserver.apis.autozod.invariants.report import LIST, Report, read, validated, written
from mockserver.apis.autozod.invariants.zones import TOLERANCE, is_over
from mockserver.clock import SECOND
from mockserver.invariant import Interaction, invariant

_OVER = "Only what is over in every time zone is compared."
_NOT_FOR_THE_BODY = (401, 403, 408, 413, 429)


@invariant(
    LIST,
    evidence="documented",
    note="The page documents a GET, which asks for no change (RFC 9110, section 9.2.1). " + _OVER,
)
def asked_again_it_says_the_same(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """The same request, sent twice, says the same of what is over."""
    return _compared(now, before, lambda other: _sent(other) == _sent(now))


@invariant(
    LIST,
    evidence="assumed",
    note="The page does not say how far a session counts that runs, nor what the future is.",
)
def what_still_runs_never_shrinks(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """Of a range that is not over, the same request has no less, and no more than time passed."""
    report = read(now)
    if report is None:
        return None
    others = (read(other) for other in reversed(before) if _sent(other) == _sent(now))
    return validated(
        list(_less_or_too_much(report, other))
        for other in others
        if other is not None and not is_over(report.last, other.moment)
    )


@invariant(LIST, evidence="example", note="The sample request sends `{}` with its GET. " + _OVER)
def a_body_changes_nothing(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """With a body of JSON a request is answered as it is without, whatever the JSON says."""
    twins = [
        other
        for other in before
        if _query(other) == _query(now)
        and bool(_body(other)) != bool(_body(now))
        and _is_json(_body(other) or _body(now))
    ]
    if any(_is_refused_for_its_body(now, twin) for twin in twins):
        return [f"a request is answered {now.status} with a body, and 200 without"]
    return _compared(now, twins, lambda _: True)


def _is_refused_for_its_body(now: Interaction, twin: Interaction) -> bool:
    is_for_another_reason = now.status in _NOT_FOR_THE_BODY or not now.is_admitted
    is_refused = 400 <= now.status < 500 and not is_for_another_reason
    return is_refused and bool(_body(now)) and twin.is_success


@invariant(LIST, evidence="assumed", note="The sample shows an id in lower case. " + _OVER)
def ids_are_the_same_in_either_case(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """An agent's id names the same agent in upper and in lower case."""
    return _compared(now, before, lambda other: _differ_in_case(_sent(other), _sent(now)))


@invariant(LIST, evidence="assumed", note="The sample request sends `on_duty`. " + _OVER)
def no_type_means_on_duty(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """Without `type` a request is answered as it is with `on_duty`."""
    return _compared(now, before, lambda other: _differ_in_type(_query(other), _query(now)))


def _compared(
    now: Interaction, before: Sequence[Interaction], is_same: Callable[[Interaction], bool]
) -> list[str] | None:
    report = read(now)
    if report is None:
        return None
    others = (read(other) for other in reversed(before) if is_same(other))
    return validated(_again(report, other) for other in others if other is not None)


def _again(now: Report, before: Report) -> list[str] | None:
    """What is not as it was, in a report of the same range; None where nothing of it is over."""
    said = before.by_day
    days = [day for day in now.by_day if day in said and is_over(day, before.moment)]
    if is_over(now.last, before.moment):
        ranges = [f"in the summary, {line}" for line in now.whole.differences(before.whole)]
    elif days:
        ranges = []
    else:
        return None
    return ranges + [
        f"on {written(day)} {line}"
        for day in days
        for line in now.by_day[day].differences(said[day])
    ]


def _less_or_too_much(now: Report, before: Report) -> Iterator[str]:
    amounts = (
        ("active seconds", now.whole.active, before.whole.active),
        ("inactive seconds", now.whole.inactive, before.whole.inactive),
        ("sessions", now.whole.sessions, before.whole.sessions),
    )
    for what, amount, was in amounts:
        if amount < was:
            yield f"there are {amount} {what} and there were {was}"
    passed = (now.moment - before.moment) // SECOND
    grown = now.whole.elapsed - before.whole.elapsed
    if before.moment and before.whole.elapsed and grown > passed + TOLERANCE:
        yield f"{grown} more seconds have elapsed in {passed} seconds"


def _sent(seen: Interaction) -> tuple[list[tuple[str, str]], bytes]:
    return _query(seen), _body(seen)


@lru_cache(maxsize=1024)  # every later exchange is held against it
def _query(seen: Interaction) -> list[tuple[str, str]]:
    return sorted(parse_qsl(seen.exchange.request.query, keep_blank_values=True))


def _body(seen: Interaction) -> bytes:
    return seen.exchange.request.body


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _differ_in_case(
    one: tuple[list[tuple[str, str]], bytes], other: tuple[list[tuple[str, str]], bytes]
) -> bool:
    return one != other and _lower(one[0]) == _lower(other[0]) and one[1] == other[1]


def _lower(query: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value.lower() if name == "agent_id" else value) for name, value in query]


def _differ_in_type(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> bool:
    on_duty = ("type", "on_duty")
    return (on_duty in one) != (on_duty in other) and (
        sorted({*one, on_duty}) == sorted({*other, on_duty})
    )
