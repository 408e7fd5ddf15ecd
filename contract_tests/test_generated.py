"""Every operation of every API, in all phases: tested, reached, without a finding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver import apis

APIS = apis.load()
OPERATIONS = [
    pytest.param(api.name, operation.id, id=f"{api.name}-{operation.id}")
    for api in APIS.values()
    for operation in api.contract.operations
]


@pytest.mark.parametrize("name", APIS)
def test_a_run_tests_as_many_operations_as_the_contract_has(
    name: str, run: Callable[[str], Any], record_property: Callable[[str, str], None]
) -> None:
    result = run(name)
    record_property("tested", f"{name}: {result.summary}")
    assert not result.problems
    assert len(result.operations) == len(APIS[name].contract.operations) > 0


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_reaches_success(name: str, operation: str, run: Callable[[str], Any]) -> None:
    statuses = run(name).operations[operation].statuses
    assert any(200 <= status < 300 for status in statuses), statuses


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_is_tested_in_every_phase_that_applies(
    name: str, operation: str, run: Callable[[str], Any]
) -> None:
    cases = run(name).operations[operation].cases
    assert {"examples", "coverage", "fuzzing"} <= cases.keys()


LINKED = [
    pytest.param(api.name, linked, id=f"{api.name}-{linked}")
    for api in APIS.values()
    for linked in sorted(api.contract.linked)
]


def test_what_is_created_is_linked_to_where_it_is_listed() -> None:
    created = [
        operation.id
        for api in APIS.values()
        for operation in api.contract.operations
        if operation.method == "POST"
    ]
    assert created
    assert set(created) <= {linked for api in APIS.values() for linked in api.contract.linked}


@pytest.mark.parametrize(("name", "operation"), LINKED)
def test_a_linked_operation_is_tested_along_its_links(
    name: str, operation: str, run: Callable[[str], Any]
) -> None:
    assert run(name).operations[operation].cases["stateful"] > 0


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_has_no_finding(name: str, operation: str, run: Callable[[str], Any]) -> None:
    findings = run(name).operations[operation].findings
    assert not findings, "\n\n".join(dict.fromkeys(findings))
