"""A verdict passes only where a run proves something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from mockserver.check.context import CheckContext
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import PHASES, Finding, Severity, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, reach_verdict
from mockserver.invariant import Interaction, invariant

ALL = frozenset(PHASES)


@pytest.fixture
def made(
    context: Callable[..., CheckContext], stub: Callable[..., str]
) -> Callable[..., CheckContext]:
    """Makes a context of a deployment with one response to every request, after one request."""

    def make(*response: Any, requests: int = 1, **settings: Any) -> CheckContext:
        made = context(stub(*response), **settings)
        with made.sequence() as call:
            for _ in range(requests):
                call("listSessions")
        return made

    return make


def _reach(context: CheckContext, **more: Any) -> Verdict:
    return reach_verdict(
        context.results,
        context.expected,
        more.get("severity", Severity()),
        more.get("baseline", Baseline()),
        ALL,
    )


@invariant("listSessions", evidence="assumed", reads=lambda *_: None)
def never_met(_: Interaction) -> list[str]:
    """Something that no request is about."""
    raise AssertionError


UNMET = "the invariant 'never-met': it applies to no exchange of this run"


def _with_invariant(context: CheckContext) -> CheckContext:
    context.results = Results(context.api, phase="workflows")
    context.results.invariants, context.results.met = (never_met,), Counter({"never-met": 0})
    with context.sequence() as call:
        call("listSessions")
    return context


def _without_invariants(context: CheckContext) -> CheckContext:
    context.results.met.clear()
    return context


def test_run_that_called_everything_and_found_nothing_passes(
    made: Callable[..., CheckContext],
) -> None:
    verdict = _reach(_without_invariants(made()))
    assert verdict.passed
    assert (verdict.failures, verdict.warnings, verdict.inconclusive) == ((), (), ())
    assert (verdict.requests, verdict.base) == (1, "/ekranapi")


def test_run_without_a_request_proves_nothing(made: Callable[..., CheckContext]) -> None:
    verdict = _reach(made(requests=0))
    assert verdict.inconclusive == (
        "nothing was sent: no phase had a request that the target allows",
    )
    assert not verdict.passed


@pytest.fixture
def made_in_turn(
    context: Callable[..., CheckContext], rogue: Callable[..., str], saying: Callable[..., Any]
) -> Callable[..., CheckContext]:
    """Makes a context of a deployment after one request for each response."""

    def make(*responses: tuple[Any, ...]) -> CheckContext:
        left = [(404,), *responses]  # the first asks whether it is a mock
        made = context(rogue(lambda handler: saying(*left.pop(0))(handler)))
        with made.sequence() as call:
            for _ in responses:
                call("listSessions")
        return _without_invariants(made)

    return make


GOOD, NO = (200, b"[]"), b'{"message": "no"}'


def test_a_credential_that_is_refused_later_proves_nothing(
    made_in_turn: Callable[..., CheckContext],
) -> None:
    verdict = _reach(made_in_turn(GOOD, (401, NO), (401, NO)))
    assert verdict.inconclusive == (
        "the credential was accepted and refused later: 2 requests got 401 after listSessions had "
        "succeeded; give one that is valid for longer, or say in the targets file how it is "
        "fetched",
    )
    assert _reach(made_in_turn((401, NO), GOOD)).inconclusive == ()


def test_what_is_missing_later_proves_nothing(made_in_turn: Callable[..., CheckContext]) -> None:
    assert _reach(made_in_turn(GOOD, (404, NO))).inconclusive == (
        "what was found is missing later, with 404: GET /sessions; give ids that are not "
        "deleted while the check runs",
    )


def test_a_response_that_says_nothing_about_the_api_proves_nothing(
    made_in_turn: Callable[..., CheckContext],
) -> None:
    later = (("Retry-After", "3600"),)
    limited = (429, b"{}", "application/json", later)
    made = made_in_turn(GOOD, limited, limited)
    accepted = Baseline(dict.fromkeys(_reach(made).fingerprints, date.max))
    verdict = _reach(made, baseline=accepted)
    assert (verdict.failures, verdict.warnings, verdict.outcome) == ((), (), "inconclusive")
    assert verdict.inconclusive == (
        "2 requests got 429, so what they were to test is not tested: the deployment "
        "limits the rate; give a lower one with --rate",
    )
    down = (503, b"<h1>Down</h1>", "text/html", later)
    (reason,) = _reach(made_in_turn(GOOD, down)).inconclusive
    assert reason.startswith("1 requests got 503, so what")


def test_an_operation_that_never_succeeded_proves_nothing(
    made: Callable[..., CheckContext],
) -> None:
    verdict = _reach(_without_invariants(made(404, b'{"message": "no"}')))
    assert "listSessions never succeeded; it got 404" in verdict.inconclusive


def test_an_operation_that_was_never_called_proves_nothing(
    context: Callable[..., CheckContext], mock_url: str
) -> None:
    one = context(mock_url, "calwe")
    with one.sequence("documented") as call:
        call("listSessionLogs", id="1")
    verdict = _reach(one)
    assert [reason for reason in verdict.inconclusive if "never called" in reason] == [
        "createSessionLog was never called",
    ]
    # A deployment need not have what only another page of the vendor says.
    assert [reason for reason in verdict.skipped if "never called" in reason] == [
        "listCoachSessionLogs was never called",
        "createCoachSessionLog was never called",
    ]
    strict = _reach(one, severity=Severity(evidence="related")).inconclusive
    assert "listCoachSessionLogs was never called" in strict


def test_an_unmet_invariant_is_skipped_and_most_of_them_are_inconclusive(
    made: Callable[..., CheckContext],
) -> None:
    one = _with_invariant(made())
    assert (_reach(one).inconclusive, _reach(one).skipped) == ((), (UNMET,))  # it is assumed
    binding = Severity("assumed")
    untested = (
        "1 of 1 invariants apply to no exchange of this run: the deployment has too few rows, or "
        "the target too few ids",
    )
    assert _reach(one, severity=binding).inconclusive == untested
    one.results.phase = "cases"
    one.results.skip("case 'y': it writes")
    assert _reach(one, severity=binding).inconclusive == untested  # the workflows were all run
    one.results.phase = "workflows"
    one.results.skip("workflow 'x': it writes")
    assert _reach(one, severity=binding).inconclusive == ()
    assert _reach(one).skipped == ("case 'y': it writes", "workflow 'x': it writes", UNMET)


def test_findings_are_failures_warnings_or_accepted(made: Callable[..., CheckContext]) -> None:
    one = _without_invariants(made())
    for code, evidence in (("a", "documented"), ("b", "assumed"), ("c", "documented")):
        one.results.add_finding(
            Finding("ekran", "listSessions", code, Source("contract", "#/x"), evidence, "wrong")
        )
    accepted = Baseline({"ekran listSessions c #/x - -": date(2025, 1, 2)}, date(2025, 1, 1))
    verdict = _reach(one, baseline=accepted)
    assert [
        [finding.code for finding in part]
        for part in (verdict.failures, verdict.warnings, verdict.accepted)
    ] == [["a"], ["b"], ["c"]]
    assert not verdict.passed
    strict = _reach(one, severity=Severity("assumed"))
    assert [finding.code for finding in strict.failures] == ["a", "b", "c"]


def test_a_finding_whose_acceptance_has_expired_is_a_failure(
    made: Callable[..., CheckContext],
) -> None:
    one = _without_invariants(made())
    one.results.add_finding(
        Finding("ekran", "listSessions", "b", Source("contract", "#/x"), "assumed", "wrong")
    )
    expired = Baseline({"ekran listSessions b #/x - -": date(2025, 1, 1)}, date(2025, 1, 2))
    (failure,) = _reach(one, baseline=expired).failures
    assert failure.note == "the baseline accepted it until 2025-01-01, and that day has passed"


def test_a_truncated_run_proves_nothing(made: Callable[..., CheckContext]) -> None:
    one = _with_invariant(made())
    one.results.truncated += ["the time is over", "the time is over", "a thread crashed"]
    verdict = _reach(one)
    assert verdict.inconclusive == (
        "not every request was sent: the time is over",
        "not every request was sent: a thread crashed",
    )
    assert verdict.skipped == (UNMET,)
