"""The invariants of an API are held against exchanges, and which met any is remembered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver import apis
from mockserver.check.validation.invariants import InvariantEvaluator
from mockserver.contract import Exchange, Request, Response
from mockserver.invariant import Interaction, Invariant, invariant

API = apis.load()["ekran"]
OPERATION = API.contract.operation("listSessions")


def read_rows(now: Interaction, _: Sequence[Interaction]) -> list[Any] | None:
    return now.response_body if isinstance(now.response_body, list) else None


@invariant("listSessions", evidence="documented", reads=read_rows)
def rows_are_few(rows: list[Any]) -> Iterator[str]:
    """There are at most two rows."""
    if len(rows) > 2:
        yield f"there are {len(rows)}"


@invariant("anotherOperation", evidence="assumed", reads=read_rows)
def never_asked(_: list[Any]) -> list[str]:
    """Of another operation."""
    raise AssertionError("it has nothing to say of this one")


def _seen(answer: object) -> Interaction:
    exchange = Exchange(Request("GET", "/sessions"), Response(200))
    return Interaction(OPERATION, exchange, response_body=answer)


def _evaluator(*invariants: Invariant) -> InvariantEvaluator:
    return InvariantEvaluator(invariants)


def test_a_breach_is_said_by_its_invariant() -> None:
    evaluator = _evaluator(rows_are_few, never_asked)
    assert list(evaluator.evaluate(_seen([1, 2, 3]), ())) == [(rows_are_few, "there are 3")]
    assert list(evaluator.evaluate(_seen([1]), ())) == []


def test_a_invariant_has_met_only_what_it_could_judge() -> None:
    evaluator = _evaluator(rows_are_few, never_asked)
    assert evaluator.met == {"rows-are-few": 0, "never-asked": 0}
    list(evaluator.evaluate(_seen({}), ()))
    assert evaluator.met == {"rows-are-few": 0, "never-asked": 0}
    list(evaluator.evaluate(_seen([]), ()))
    list(evaluator.evaluate(_seen([1, 2, 3]), ()))
    assert evaluator.met == {"rows-are-few": 2, "never-asked": 0}
