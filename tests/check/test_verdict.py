"""A verdict that cannot be green by accident."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mockserver.check.baseline import Baseline
from mockserver.check.finding import LAYERS, Finding, Severity
from mockserver.check.ledger import Ledger
from mockserver.check.trial import Trial
from mockserver.check.verdict import Verdict, reach
from mockserver.law import Seen, law

ALL = frozenset(LAYERS)


@pytest.fixture
def made(
    trial: Callable[..., Trial], rogue: Callable[..., str], saying: Callable[..., Any]
) -> Callable[..., Trial]:
    """Makes a trial of a deployment that answers everything alike, and asks it once."""

    def make(*answer: Any, asks: int = 1, **settings: Any) -> Trial:
        one = trial(rogue(saying(*answer)), **settings)
        with one.thread() as ask:
            for _ in range(asks):
                ask("listSessions")
        return one

    return make


def _reach(trial: Trial, **more: Any) -> Verdict:
    return reach(trial, more.get("severity", Severity()), more.get("baseline", Baseline()), ALL)


@law("listSessions", evidence="assumed")
def never_met(_: Seen, __: Sequence[Seen]) -> list[str] | None:
    """Something that nobody asked for."""
    return None


UNMET = "the law 'never-met' never met an exchange that it could judge"


def _with_law(trial: Trial) -> Trial:
    trial.ledger = Ledger(replace(trial.api, laws=(never_met,)), layer="laws")
    with trial.thread() as ask:
        ask("listSessions")
    return trial


def _without_laws(trial: Trial) -> Trial:
    trial.ledger.court.met.clear()
    return trial


def test_a_run_that_found_nothing_and_asked_everything_is_good(made: Callable[..., Trial]) -> None:
    verdict = _reach(_without_laws(made()))
    assert verdict.is_good
    assert (verdict.failures, verdict.differences, verdict.doubts) == ((), (), ())
    assert (verdict.requests, verdict.base) == (1, "/ekranapi")


def test_nothing_that_was_asked_proves_nothing(made: Callable[..., Trial]) -> None:
    verdict = _reach(made(asks=0))
    assert verdict.doubts == ("nothing was asked: no layer had a request that the target allows",)
    assert not verdict.is_good


def test_a_credential_that_was_refused_throughout_proves_nothing(
    made: Callable[..., Trial],
) -> None:
    verdict = _reach(made(401, b'{"message": "Invalid ApiKey"}'))
    assert verdict.failures == ()
    assert verdict.doubts == (
        "the credential was refused throughout: it got 401 and never a success",
    )


def test_an_operation_that_never_succeeded_proves_nothing(made: Callable[..., Trial]) -> None:
    verdict = _reach(_without_laws(made(404, b'{"message": "no"}')))
    assert "listSessions never reached a success; it answered 404" in verdict.doubts


def test_an_operation_that_was_never_asked_proves_nothing(
    trial: Callable[..., Trial], mock_url: str
) -> None:
    one = trial(mock_url, "calwe")
    with one.thread("documented") as ask:
        ask("listSessionLogs", id="1")
    assert [doubt for doubt in _reach(one).doubts if "never asked" in doubt] == [
        "createSessionLog was never asked",
        "listCoachSessionLogs was never asked",
        "createCoachSessionLog was never asked",
    ]


def test_a_law_that_met_nothing_proves_nothing_unless_something_was_left_out(
    made: Callable[..., Trial],
) -> None:
    one = _with_law(made())
    assert _reach(one).doubts == (UNMET,)
    one.ledger.layer = "provocations"
    one.ledger.leave_out("provocation 'y': it writes")
    assert _reach(one).doubts == (UNMET,)  # the experiments were all run
    one.ledger.layer = "laws"
    one.ledger.leave_out("experiment 'x': it writes")
    assert _reach(one).doubts == ()
    assert _reach(one).unchecked == (
        "provocation 'y': it writes",
        "experiment 'x': it writes",
        "the law 'never-met' never met an exchange that it could judge",
    )


def test_a_law_that_met_nothing_can_be_excused_until_a_day(made: Callable[..., Trial]) -> None:
    one = _with_law(made())
    known = {"ekran - unmet law:never-met - -": date(2025, 1, 2)}
    excused = _reach(one, baseline=Baseline(known, date(2025, 1, 2)))
    assert excused.is_good
    assert excused.unchecked == (
        "the law 'never-met' never met an exchange that it could judge, as the baseline knows",
    )
    assert excused.fingerprints == ["ekran - unmet law:never-met - -"]
    assert _reach(one, baseline=Baseline(known, date(2025, 1, 3))).doubts == (UNMET,)
    others = LAYERS[:3]
    assert reach(one, Severity(), Baseline(), frozenset(others)).doubts == ()


def test_findings_are_failures_differences_or_known(made: Callable[..., Trial]) -> None:
    one = _without_laws(made())
    for code, evidence in (("a", "documented"), ("b", "assumed"), ("c", "documented")):
        one.ledger.find(Finding("ekran", "listSessions", code, "#/x", evidence, "wrong"))
    known = Baseline({"ekran listSessions c #/x - -": date(2025, 1, 2)}, date(2025, 1, 1))
    verdict = _reach(one, baseline=known)
    assert [
        [finding.code for finding in part]
        for part in (verdict.failures, verdict.differences, verdict.known)
    ] == [["a"], ["b"], ["c"]]
    assert not verdict.is_good
    strict = _reach(one, severity=Severity(is_assumed_binding=True))
    assert [finding.code for finding in strict.failures] == ["a", "b", "c"]


def test_an_expired_excuse_is_a_failure_and_says_so(made: Callable[..., Trial]) -> None:
    one = _without_laws(made())
    one.ledger.find(Finding("ekran", "listSessions", "b", "#/x", "assumed", "wrong"))
    expired = Baseline({"ekran listSessions b #/x - -": date(2025, 1, 1)}, date(2025, 1, 2))
    (failure,) = _reach(one, baseline=expired).failures
    assert failure.note == "the baseline excused it until 2025-01-01, and that day is over"


def test_a_run_that_was_cut_short_proves_nothing(made: Callable[..., Trial]) -> None:
    one = _with_law(made())
    one.ledger.cut += ["the time is over", "the time is over", "a thread crashed"]
    verdict = _reach(one)
    assert verdict.doubts == (
        "not all was asked: the time is over",
        "not all was asked: a thread crashed",
    )
    assert verdict.unchecked == (UNMET,)
