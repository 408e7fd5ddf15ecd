"""Whoever watches a run is told of each phase, and of each exchange."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import cycle
from typing import Any

from mockserver import apis
from mockserver.check.progress import ProgressEvent, Stage, ignore_progress
from mockserver.check.runner import Plan, check
from mockserver.check.target.target import Target

APIS = apis.load()


def test_a_phase_begins_records_each_exchange_and_ends(mock_url: str) -> None:
    told: list[tuple[ProgressEvent, Stage]] = []
    plan = Plan(frozenset({"examples"}), is_quick=True)

    def tell(event: ProgressEvent, stage: Stage) -> None:
        told.append((event, replace(stage)))

    (verdict,) = check(Target("t", mock_url), [APIS["ekran"]], plan, tell)
    assert Counter(event for event, _ in told) == {
        ProgressEvent.BEGINS: 1,
        ProgressEvent.RECORDS: verdict.requests,
        ProgressEvent.ENDS: 1,
    }
    assert told[0] == (ProgressEvent.BEGINS, Stage("ekran", "examples", 0, 0))
    assert told[-1] == (ProgressEvent.ENDS, Stage("ekran", "examples", verdict.requests, 0))
    assert verdict.requests > 1


def test_findings_are_those_that_a_phase_saw_first(rogue: Any, saying: Any) -> None:
    told: list[Stage] = []
    plan = Plan(frozenset({"examples", "cases"}))

    def tell(event: ProgressEvent, stage: Stage) -> None:
        if event is ProgressEvent.ENDS:
            told.append(stage)

    bodies = cycle([b"[]", b'[{"sessionId": 1}]'])
    url = rogue(lambda handler: saying(200, next(bodies))(handler))
    (verdict,) = check(Target("t", url, timeout=5), [APIS["ekran"]], plan, tell)
    assert verdict.results is not None
    assert [stage.phase for stage in told] == ["examples", "cases"]
    assert told[0].findings > 0
    assert sum(stage.findings for stage in told) == len(verdict.results.findings)


def test_nobody_needs_to_watch() -> None:
    assert ignore_progress(ProgressEvent.BEGINS, Stage("a", "b")) is None  # type: ignore[func-returns-value]
