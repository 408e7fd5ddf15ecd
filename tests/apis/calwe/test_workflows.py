"""Each workflow is run against a mock on a socket, and so is each case."""

from __future__ import annotations

import pytest

from mockserver.apis.calwe import api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.phases.cases import run_cases
from mockserver.invariant import Workflow
from mockserver.kit import load_kit

RECIPES = read_cases("calwe")
OPERATIONS = sorted(operation.id for operation in api.contract.operations)
OF_RECIPES = {"refused-credentials-are-told-so", "nothing-is-done-without-a-credential"}
"""The invariants about credentials: a workflow always has a good one."""


def found(context: CheckContext) -> list[str]:
    return [finding.sentence for finding in context.results.findings.values()]


@pytest.mark.parametrize("workflow", load_kit(api).workflows, ids=lambda workflow: workflow.name)
def test_an_workflow_finds_no_breach_with_few_requests(
    lawful: CheckContext, workflow: Workflow
) -> None:
    with lawful.sequence(workflow.world) as ask:
        workflow.run(ask, {name: lawful.ids[name] for name in workflow.needs})

    assert found(lawful) == []
    assert 0 < len(ask.before) <= 20


def test_every_invariant_met_something_in_the_workflows(lawful: CheckContext) -> None:
    met = lawful.results.evaluator.met
    for workflow in load_kit(api).workflows:
        with lawful.sequence(workflow.world) as ask:
            workflow.run(ask, lawful.ids)

    assert {name for name, count in met.items() if not count} <= OF_RECIPES


def test_an_workflow_that_writes_says_so() -> None:
    assert {workflow.name for workflow in load_kit(api).workflows if workflow.writes} == {
        "coming-and-going",
        "entries-that-are-refused",
        "ending-a-session",
        "cancelling-a-session",
        "entries-after-the-end",
        "an-entry-in-an-unknown-session",
        "entries-from-both-sides",
    }


def test_every_known_id_is_described_and_used() -> None:
    used = {name for workflow in load_kit(api).workflows for name in workflow.needs}
    used |= {name for case in RECIPES.cases for name in case.required_ids}
    assert used == {required.name for required in RECIPES.ids}


def test_the_cases_do_what_they_say(lawful: CheckContext) -> None:
    run_cases(lawful)

    assert found(lawful) == []
    assert lawful.results.skipped == []
    assert all(lawful.results.evaluator.met[name] for name in OF_RECIPES)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_documented_status_has_its_case(operation: str) -> None:
    statuses = {str(one.status) for one in RECIPES.cases if one.operation == operation}
    assert statuses == set(api.contract.operation(operation).responses)


def test_what_the_page_shows_is_expected_literally() -> None:
    bodies = {one.name: one.expect["body"] for one in RECIPES.cases if "body" in one.expect}
    not_found = {
        "success": False,
        "message": "لم يتم العثور على الجلسة",
        "data": None,
        "statusCode": 404,
    }
    ended = {
        "success": False,
        "message": "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",
        "data": None,
        "statusCode": 422,
    }
    invalid = {
        "success": False,
        "message": "بيانات غير صالحة",
        "data": {"action_type": ["نوع الإجراء غير صالح"]},
        "statusCode": 422,
    }

    assert bodies["list-of-an-unknown-session"] == not_found
    assert bodies["create-in-an-unknown-session"] == not_found
    assert bodies["create-in-an-ended-session"] == ended
    assert bodies["create-with-an-invalid-type"] == invalid
