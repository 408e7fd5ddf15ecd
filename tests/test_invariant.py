"""Invariants and workflows, as they are made of functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import pytest

from mockserver.contract import Exchange, Operation, Request, Response
from mockserver.invariant import Caller, Interaction, invariant, invariants, workflow, workflows

OPERATION = Operation(
    id="list",
    method="GET",
    path="/",
    parameters=(),
    body={},
    body_pointer="",
    is_body_required=False,
    responses={},
    security=(),
    pointer="#/paths/~1/get",
    evidence="documented",
)


@invariant("list", "create", evidence="example", note="The page shows it.")
def rows_are_few(_: Interaction, __: Sequence[Interaction]) -> list[str] | None:
    """There are few rows.

    More is said here.
    """
    return []


@workflow("agent", writes=True, world="documented")
def asks_twice(ask: Caller, known: Mapping[str, str]) -> None:
    """The same list, twice."""
    ask("list", agent=known["agent"])
    ask("list", agent=known["agent"])


def test_a_invariant_is_named_and_explained_by_its_function() -> None:
    assert (rows_are_few.name, rows_are_few.sentence) == ("rows-are-few", "There are few rows.")
    assert (rows_are_few.evidence, rows_are_few.note) == ("example", "The page shows it.")
    assert rows_are_few.operations == ("list", "create")


def test_an_evidence_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'guessed' is no evidence; one of documented, example"):
        invariant("list", evidence="guessed")


def test_an_workflow_says_what_it_needs() -> None:
    assert (asks_twice.name, asks_twice.sentence) == ("asks-twice", "The same list, twice.")
    assert (asks_twice.needs, asks_twice.writes) == (("agent",), True)
    assert asks_twice.world == "documented"


def test_those_of_a_module_are_found_in_their_order() -> None:
    module = SimpleNamespace(a=asks_twice, b=rows_are_few, c=5, d=asks_twice)
    assert invariants(module) == (rows_are_few,)
    assert workflows(module) == (asks_twice, asks_twice)


@pytest.mark.parametrize(
    ("status", "answer", "is_success"),
    [(200, [], True), (200, None, False), (404, {}, False), (201, {}, False)],
)
def test_success_is_the_documented_status_with_json(
    status: int, answer: object, is_success: bool
) -> None:
    seen = Interaction(OPERATION, Exchange(Request("GET", "/"), Response(status)), answer=answer)
    assert (seen.status, seen.is_success) == (status, is_success)
