"""Invariants and workflows, as they are made of functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from mockserver.contract import Exchange, Operation, Request, Response
from mockserver.invariant import Caller, Interaction, invariant, workflow

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


def read_rows(now: Interaction, _: Sequence[Interaction]) -> list[Any] | None:
    return now.response_body if isinstance(now.response_body, list) else None


@invariant("list", "create", evidence="example", note="The page shows it.", reads=read_rows)
def rows_are_few(rows: list[Any]) -> Iterator[str]:
    """There are few rows.

    More is said here.
    """
    yield from (f"it has {row}" for row in rows)


@workflow("agent", writes=True, world="documented")
def reads_twice(call: Caller, ids: Mapping[str, str]) -> None:
    """The same list, twice."""
    call("list", agent=ids["agent"])
    call("list", agent=ids["agent"])


def test_an_invariant_is_named_and_explained_by_its_function() -> None:
    assert (rows_are_few.name, rows_are_few.sentence) == ("rows-are-few", "There are few rows.")
    assert (rows_are_few.evidence, rows_are_few.note) == ("example", "The page shows it.")
    assert rows_are_few.operations == ("list", "create")


def interaction(body: Any) -> Interaction:
    return Interaction(OPERATION, Exchange(Request("GET", "/"), Response(200)), response_body=body)


def test_an_invariant_is_evaluated_on_what_it_reads() -> None:
    assert rows_are_few.evaluate(interaction([]), ()) == []
    assert rows_are_few.evaluate(interaction([1, 2, 1]), ()) == ["it has 1", "it has 2"]
    assert rows_are_few.evaluate(interaction({}), ()) is None


def test_only_the_first_few_of_many_violations_are_said() -> None:
    assert len(rows_are_few.evaluate(interaction(list(range(9_000))), ()) or ()) == 5


def test_an_evidence_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'guessed' is no evidence; one of documented, example"):
        invariant("list", evidence="guessed", reads=read_rows)


def test_a_workflow_says_what_it_needs() -> None:
    assert (reads_twice.name, reads_twice.sentence) == ("reads-twice", "The same list, twice.")
    assert (reads_twice.needs, reads_twice.writes) == (("agent",), True)
    assert reads_twice.world == "documented"


@pytest.mark.parametrize(
    ("status", "body", "is_success"),
    [(200, [], True), (200, None, False), (404, {}, False), (201, {}, False)],
)
def test_success_is_the_documented_status_with_json(
    status: int, body: object, is_success: bool
) -> None:
    seen = Interaction(
        OPERATION, Exchange(Request("GET", "/"), Response(status)), response_body=body
    )
    assert (seen.status, seen.is_success) == (status, is_success)
