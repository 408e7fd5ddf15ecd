"""The laws of an API are held against exchanges, and which met any is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mockserver import apis
from mockserver.check.court import Court
from mockserver.contract import Exchange, Request, Response
from mockserver.law import Law, Seen, law

API = apis.load()["ekran"]
OPERATION = API.contract.operation("listSessions")


@law("listSessions", evidence="documented")
def rows_are_few(now: Seen, _: Sequence[Seen]) -> list[str] | None:
    """There are at most two rows."""
    if not isinstance(now.answer, list):
        return None
    return [f"there are {len(now.answer)}"] if len(now.answer) > 2 else []


@law("anotherOperation", evidence="assumed")
def never_asked(_: Seen, __: Sequence[Seen]) -> list[str] | None:
    """Of another operation."""
    raise AssertionError("it has nothing to say of this one")


def _seen(answer: object) -> Seen:
    exchange = Exchange(Request("GET", "/sessions"), Response(200))
    return Seen(OPERATION, exchange, answer=answer)


def _court(*laws: Law) -> Court:
    return Court(replace(API, laws=laws))


def test_a_breach_is_said_by_its_law() -> None:
    court = _court(rows_are_few, never_asked)
    assert list(court.breaches(_seen([1, 2, 3]), ())) == [(rows_are_few, "there are 3")]
    assert list(court.breaches(_seen([1]), ())) == []


def test_a_law_has_met_only_what_it_could_judge() -> None:
    court = _court(rows_are_few, never_asked)
    assert court.met == {"rows-are-few": 0, "never-asked": 0}
    list(court.breaches(_seen({}), ()))
    assert court.met == {"rows-are-few": 0, "never-asked": 0}
    list(court.breaches(_seen([]), ()))
    list(court.breaches(_seen([1, 2, 3]), ()))
    assert court.met == {"rows-are-few": 2, "never-asked": 0}
