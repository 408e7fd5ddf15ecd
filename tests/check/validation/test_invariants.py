"""The invariants of an API are held against exchanges, and which met any is remembered."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver import apis
from mockserver.check.validation.invariants import InvariantEvaluator
from mockserver.contract import Exchange, Request, Response
from mockserver.invariant import Interaction, Invariant, invariant

API = apis.load()["ekran"]
OPERATION = API.contract.operation("listSessions")


@invariant("listSessions", evidence="documented")
def rows_are_few(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """There are at most two rows."""
    if not isinstance(now.answer, list):
        return None
    return [f"there are {len(now.answer)}"] if len(now.answer) > 2 else []


@invariant("anotherOperation", evidence="assumed")
def never_asked(_: Interaction, __: Sequence[Interaction]) -> list[str] | None:
    """Of another operation."""
    raise AssertionError("it has nothing to say of this one")


def _seen(answer: object) -> Interaction:
    exchange = Exchange(Request("GET", "/sessions"), Response(200))
    return Interaction(OPERATION, exchange, answer=answer)


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
