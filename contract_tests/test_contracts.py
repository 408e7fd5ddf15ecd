"""Every operation of every API, in all layers and phases: tested, reached, without a finding."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver import apis
from mockserver.check.finding import LAYERS
from mockserver.check.verdict import Verdict

Judged = Callable[[str], Verdict]

APIS = apis.load()
OPERATIONS = [
    pytest.param(api.name, operation.id, id=f"{api.name}-{operation.id}")
    for api in APIS.values()
    for operation in api.contract.operations
]
LAYERED = [
    pytest.param(api.name, operation.id, layer, id=f"{api.name}-{operation.id}-{layer}")
    for api in APIS.values()
    for operation in api.contract.operations
    for layer in LAYERS
    if layer != "laws" or api.experiments
]
LINKED = [
    pytest.param(api.name, linked, id=f"{api.name}-{linked}")
    for api in APIS.values()
    for linked in sorted(api.contract.linked)
]


@pytest.mark.parametrize("name", APIS)
def test_a_run_proves_something(
    name: str, verdict: Judged, tell: Callable[[Verdict], None]
) -> None:
    reached = verdict(name)
    tell(reached)
    assert reached.doubts == ()
    assert reached.ledger is not None
    tested = {operation for operation, _, _ in reached.ledger.cells}
    assert len(tested) == len(APIS[name].contract.operations) > 0


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_reaches_success(name: str, operation: str, verdict: Judged) -> None:
    ledger = verdict(name).ledger
    assert ledger is not None
    statuses = ledger.statuses(operation)
    assert any(200 <= status < 300 for status in statuses), statuses


@pytest.mark.parametrize(("name", "operation", "layer"), LAYERED)
def test_an_operation_has_no_finding(
    name: str, operation: str, layer: str, verdict: Judged
) -> None:
    reached = verdict(name)
    assert reached.ledger is not None
    asked = sum(
        cell.requests
        for (asked, _, by), cell in reached.ledger.cells.items()
        if (asked, by) == (operation, layer)
    )
    assert asked > 0
    found = [
        finding
        for finding in (*reached.failures, *reached.differences)
        if finding.operation in (operation, "") and layer in finding.layers
    ]
    assert not found, "\n\n".join(finding.sentence for finding in found)


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_is_generated_in_every_phase_that_applies(
    name: str, operation: str, verdict: Judged
) -> None:
    ledger = verdict(name).ledger
    assert ledger is not None
    assert {phase for asked, phase in ledger.phases if asked == operation} >= {
        "examples",
        "coverage",
        "fuzzing",
    }


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
def test_a_linked_operation_is_generated_along_its_links(
    name: str, operation: str, verdict: Judged
) -> None:
    ledger = verdict(name).ledger
    assert ledger is not None
    assert ledger.phases[operation, "stateful"] > 0
