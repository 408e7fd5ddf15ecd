"""Every operation of every API is called in all phases, reaches a success, and has no finding.

Tests of operations that a deployment does not allow, or has no ids for, are skipped with the
reason. None is skipped on the mock that is started here.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.api import Api
from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict

GetVerdict = Callable[[str], Verdict]
Require = Callable[[str, str], None]


def _results(reached: Verdict) -> Results:
    assert reached.results is not None
    return reached.results


def _skip_if_skipped(reached: Verdict) -> None:
    """Skip the test if the run has skipped requests."""
    if reached.skipped:
        pytest.skip("; ".join(reached.skipped))


def test_a_run_proves_something(
    api: str, verdict: GetVerdict, report_summary: Callable[[Verdict], None]
) -> None:
    reached = verdict(api)
    report_summary(reached)
    assert not reached.inconclusive, "\n".join(reached.inconclusive)
    tested = {operation for operation, _, _ in _results(reached).cells}
    assert tested
    assert len(tested) == len(_results(reached).operations) or reached.skipped


def test_an_operation_reaches_success(
    api: str, operation: str, verdict: GetVerdict, require: Require
) -> None:
    require(api, operation)
    reached = verdict(api)
    if operation in _results(reached).without_id:
        _skip_if_skipped(reached)
    statuses = _results(reached).statuses(operation)
    assert any(200 <= status < 300 for status in statuses), statuses


def test_an_operation_has_no_finding(
    api: str,
    operation: str,
    phase: str,
    verdict: GetVerdict,
    require: Require,
    target: Target,
    is_lenient: bool,
) -> None:
    require(api, operation)
    reached = verdict(api)
    found = [
        finding
        for finding in (*reached.failures, *(() if is_lenient else reached.warnings))
        if any(
            place.operation in (operation, "") and phase in place.phases for place in finding.places
        )
    ]
    mask = reached.extend(target.mask)
    assert not found, "\n\n".join(mask.text(finding.sentence) for finding in found)
    cells = _results(reached).cells.items()
    if not any((called, by) == (operation, phase) for (called, _, by), _ in cells):
        _skip_if_skipped(reached)
        pytest.fail(f"the phase '{phase}' sent it no request", pytrace=False)


def test_an_operation_is_generated_in_every_phase_that_applies(
    api: str, operation: str, verdict: GetVerdict, require: Require, served: dict[str, Api]
) -> None:
    require(api, operation)
    reached = verdict(api)
    spec = served[api].contract.operation(operation)
    applicable = {"coverage", "fuzzing"} | ({"examples"} if spec.parameters or spec.body else set())
    missing = applicable - {
        phase for called, phase in _results(reached).generation_phases if called == operation
    }
    if missing:
        _skip_if_skipped(reached)
    assert not missing


def test_a_linked_operation_is_generated_along_its_links(
    api: str, linked: str, verdict: GetVerdict, require: Require
) -> None:
    require(api, linked)
    reached = verdict(api)
    if not _results(reached).generation_phases[linked, "stateful"]:
        _skip_if_skipped(reached)
        pytest.fail("no link was followed to it", pytrace=False)
