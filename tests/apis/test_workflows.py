"""The workflows of every API: the mock breaks no invariant in them, and each invariant is met."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from mockserver import apis
from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.connection import Connection
from mockserver.check.http.mock import find_mock
from mockserver.check.phases.cases import run_cases
from mockserver.check.phases.workflows import run_workflows
from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.kit import load_kit
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

APIS = apis.load()
BODIES = [None, [], {}, 1, "x", [None, 1, {}], {"data": []}, {"data": {"data": [None]}}]
ODD = [*BODIES, {"data": {"daily_breakdown": [None, 1, {"date": "31-02-2025"}]}}, {"entries": [1]}]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A clean mock."""
    with run_in_thread(Settings(port=0)) as url:
        yield url


@pytest.mark.parametrize("api", APIS.values(), ids=lambda api: api.name)
def test_the_mock_breaks_no_invariant_and_each_is_met(url: str, api: Api) -> None:
    target = Target(name="mock", url=url)
    mock = find_mock(target)
    assert mock
    ids = read_cases(api.name).mock_ids
    with closing(mock), closing(Connection(target)) as connection:
        context = CheckContext(target, api, connection, Results(api), ids, mock)
        run_workflows(context)
        run_cases(context)

    results = context.results
    assert [finding.sentence for finding in results.findings.values()] == []
    assert results.skipped == []
    assert {name for name, count in results.met.items() if not count} == set()


@pytest.mark.parametrize("api", APIS.values(), ids=lambda api: api.name)
def test_a_workflow_goes_on_whatever_the_response_is(api: Api) -> None:
    """What is wrong is found by the validator of the responses."""
    bodies: list[Any] = []

    class Caller:
        now = 1_755_786_600_000_000

        def __call__(self, _: str, /, **__: Any) -> Any:
            return type("Interaction", (), {"response_body": bodies[-1], "is_success": True})

    for body in ODD:
        bodies.append(body)
        for workflow in load_kit(api).workflows:
            workflow.run(Caller(), read_cases(api.name).mock_ids)


@pytest.mark.parametrize("api", APIS.values(), ids=lambda api: api.name)
def test_every_id_is_needed(api: Api) -> None:
    cases = read_cases(api.name)
    used = {name for workflow in load_kit(api).workflows for name in workflow.needs}
    used |= {name for case in cases.cases for name in case.required_ids}
    assert used == {required.name for required in cases.ids}
