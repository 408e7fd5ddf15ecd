"""Autozod's workflows find what they are there for; its cases expect the literal bodies."""

from __future__ import annotations

from typing import Any

from mockserver.apis.autozod import api, workflows
from mockserver.check.cases import read_cases
from mockserver.check.target.target import Target
from mockserver.kit import load_kit


def list_summaries(interactions: list[Any]) -> list[dict[str, Any]]:
    return [seen.response_body["data"]["summary"] for seen in interactions]


def test_the_busy_agent_is_busy(open_context: Any) -> None:
    """The id comes from the seed of the default world, and would change with it."""
    with open_context(api) as context, context.sequence() as call:
        workflows.a_week_day_by_day.run(call, context.ids)
    on_duty = [seen for seen in call.before if seen.arguments["type"] == "on_duty"]
    summaries = list_summaries(on_duty[:7])
    assert sum(it["total_active_duration_seconds"] > 0 for it in summaries) >= 2


def test_the_clocks_change_on_a_day_that_stands_out(open_context: Any) -> None:
    workflow = workflows.days_that_stand_out
    with open_context(api) as context, context.sequence(workflow.world) as call:
        workflow.run(call, context.ids)
    days = [it for it in call.before if it.arguments["start_date"] == it.arguments["end_date"]]
    lengths = {
        it["total_active_duration_seconds"] + it["total_inactive_duration_seconds"]
        for it in list_summaries(days)
    }
    assert {82_800, 90_000} <= lengths


def test_where_days_are_null_no_invariant_is_violated(start: Any, open_context: Any) -> None:
    target = Target("mock", str(start(documented_only=True).base_url))
    with open_context(api, target) as context:
        for workflow in load_kit(api).workflows:
            with context.sequence(workflow.world) as call:
                workflow.run(call, context.ids)
    results = context.results
    assert [finding.sentence for finding in results.findings.values()] == []
    # Nothing can be said about the items, but the days that were requested one by one add up.
    not_applied = {name for name, count in results.met.items() if not count}
    assert not_applied == {"every-day-of-the-range-has-one-item"}


def test_the_cases_expect_literal_bodies() -> None:
    cases = read_cases("autozod").cases
    assert {case.status: case.expect["body"] for case in cases if "body" in case.expect} == {
        400: {"success": False, "message": "Bad request."},
        401: {"success": False, "message": "Unauthenticated."},
    }
