"""Workflows are run in worlds of their own, and those that cannot be run are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from mockserver.check.context import CheckContext
from mockserver.check.phases.cases import run_workflows
from mockserver.check.validation.results import Results
from mockserver.invariant import Caller, Interaction, invariant, workflow
from mockserver.kit import Kit

Make = Callable[..., CheckContext]


def read_two(now: Interaction, before: Sequence[Interaction]) -> tuple[Any, Any] | None:
    return (before[0].response_body, now.response_body) if before else None


@invariant("listSessions", evidence="documented", reads=read_two)
def is_the_same_twice(bodies: tuple[Any, Any]) -> Iterator[str]:
    """The list does not change."""
    one, two = bodies
    if one != two:
        yield f"{len(one)} rows became {len(two)}"


@workflow(world="documented")
def lists_twice(call: Caller, _: Mapping[str, str]) -> None:
    """The same list, twice."""
    call("listSessions")
    call("listSessions")


@workflow("nobody")
def needs_somebody(_: Caller, __: Mapping[str, str]) -> None:
    """Never run."""
    raise AssertionError


@workflow(writes=True)
def writes(call: Caller, _: Mapping[str, str]) -> None:
    """Run where writing is allowed."""
    call("listSessions")


@pytest.fixture(autouse=True)
def kit(monkeypatch: pytest.MonkeyPatch) -> None:
    kit = Kit((is_the_same_twice,), (lists_twice, needs_somebody, writes))
    for module in ("phases.cases", "validation.results"):
        monkeypatch.setattr(f"mockserver.check.{module}.load_kit", lambda _: kit)


def _prepared(made: CheckContext) -> CheckContext:
    made.results = Results(made.api, phase="workflows")
    return made


def test_an_invariant_applies_to_the_requests_of_a_workflow(context: Make, mock_url: str) -> None:
    made = _prepared(context(mock_url))
    run_workflows(made)
    assert made.results.findings == {}
    assert made.results.met == {"is-the-same-twice": 1}
    assert made.results.requests == 3
    assert made.results.skipped == ["workflow 'needs-somebody': no id for nobody"]


def test_a_workflow_that_needs_an_excluded_operation_is_skipped(
    context: Make, mock_url: str
) -> None:
    made = context(mock_url)
    made.results = Results(made.api, phase="workflows", excluded=frozenset({"listSessions"}))
    run_workflows(made)
    assert made.results.requests == 0
    assert made.results.skipped == [
        "workflow 'lists-twice': it needs listSessions, which is excluded",
        "workflow 'needs-somebody': no id for nobody",
        "workflow 'writes': it needs listSessions, which is excluded",
    ]


def test_a_workflow_is_not_begun_without_an_operation_that_it_names(
    context: Make, mock_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @workflow("nobody", operations=("listSessions", "createSession"))
    def needs_both(_: Caller, __: Mapping[str, str]) -> None:
        """Never run."""
        raise AssertionError

    monkeypatch.setattr(
        "mockserver.check.phases.cases.load_kit", lambda _: Kit(workflows=(needs_both,))
    )
    made = context(mock_url)
    made.results = Results(made.api, phase="workflows", excluded=frozenset({"createSession"}))
    run_workflows(made)
    assert made.results.skipped == [
        "workflow 'needs-both': it needs createSession, which is excluded"
    ]


def test_a_workflow_that_writes_is_skipped_and_a_violation_is_found(
    context: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    bodies = iter([b"{}", b"[]", b"[1]"])  # the first is the response to the health check of a mock
    made = _prepared(context(rogue(lambda handler: saying(200, next(bodies))(handler))))
    run_workflows(made)
    invariants = [
        finding for finding in made.results.findings.values() if finding.code == "invariant"
    ]
    assert [finding.sentence for finding in invariants] == [
        "The list does not change. But 0 rows became 1"
    ]
    assert "workflow 'writes': it writes" in made.results.skipped
