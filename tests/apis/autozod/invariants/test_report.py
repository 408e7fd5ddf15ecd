"""What is read off an answer: a report as the contract has it, or nothing."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.apis.autozod import api
from mockserver.apis.autozod.invariants.report import (
    Account,
    earlier,
    read,
    read_range,
    validated,
    written,
)
from mockserver.invariant import Invariant
from mockserver.kit import load_kit

GARBAGE: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["", "00:00:00", "18-08-2025", "31-12-9999", "01-01-0001", "31-02-2025"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)


def test_a_report_has_what_was_asked_and_what_was_answered(autozod: Any) -> None:
    report = read(autozod.report("18-08-2025", autozod.account(3600), autozod.account(0)))

    assert report is not None
    assert (report.team, report.agent) == (1000, "68a6d35049a09719b70539b4")
    assert (report.type, report.items, report.length) == ("on_duty", 2, 2)
    assert (report.first, report.last) == (date(2025, 8, 18), date(2025, 8, 19))
    assert report.whole == Account(3600, "01:00:00", 1, 169_200, "47:00:00", 2.08, 97.92)
    assert [name for name, _ in report.accounts] == ["the summary", "18-08-2025", "19-08-2025"]
    assert report.by_day[date(2025, 8, 19)].elapsed == 86_400


def test_a_range_of_one_day_says_of_it_what_its_summary_says(autozod: Any) -> None:
    report = read(autozod.report("18-08-2025", None, whole=autozod.account(60)))

    assert report is not None
    assert (report.items, report.days) == (1, ())
    assert report.by_day == {date(2025, 8, 18): report.whole}


def test_the_type_is_on_duty_where_none_was_sent(autozod: Any) -> None:
    report = read(autozod.report("18-08-2025", autozod.account(0), type=None))
    assert report is not None
    assert report.type == "on_duty"


@pytest.mark.parametrize(
    "changes",
    [
        {"total_active_duration_seconds": True},
        {"total_active_duration_seconds": 1.5},
        {"total_inactive_duration_seconds": -1},
        {"total_inactive_duration_format": 0},
        {"total_session_count": "1"},
        {"active_percentage": None},
        {"inactive_percentage": float("nan")},
    ],
)
def test_an_account_of_another_shape_is_none(autozod: Any, changes: dict[str, Any]) -> None:
    wrong = {**autozod.account(60), **changes}

    assert read(autozod.report("18-08-2025", autozod.account(60), whole=wrong)) is None
    report = read(autozod.report("18-08-2025", wrong, whole=autozod.account(60)))
    assert report is not None
    assert (report.items, report.days) == (1, ())


def test_a_refusal_and_an_invalid_request_have_no_report(autozod: Any) -> None:
    answer = autozod.report("18-08-2025", autozod.account(60)).answer

    assert read(autozod.seen(answer, status=422)) is None
    assert read(autozod.seen(answer, first="31-02-2025")) is None
    assert read_range(autozod.seen(answer, first="31-02-2025")) is None


def test_earlier_are_the_reports_of_the_same_agent_and_team(autozod: Any) -> None:
    now = autozod.report("18-08-2025", autozod.account(60))
    report = read(now)
    others = [
        autozod.report("16-08-2025", autozod.account(1)),
        autozod.report("17-08-2025", autozod.account(2), type="off_duty"),
        autozod.report("18-08-2025", autozod.account(3), team=1001),
        autozod.report("18-08-2025", autozod.account(4), agent="0" * 24),
        autozod.seen({}, "18-08-2025", "18-08-2025"),
    ]

    assert report is not None
    assert [one.whole.active for one in earlier(report, others)] == [2, 1]


def test_accounts_say_what_differs_by_its_key(autozod: Any) -> None:
    one, two = (read(autozod.report("18-08-2025", autozod.account(n))) for n in (60, 61))

    assert one is not None
    assert two is not None
    assert list(one.whole.differences(two.whole)) == [
        "total_active_duration_seconds is 60 and was 61",
        "total_active_duration_format is 00:01:00 and was 00:01:01",
        "total_inactive_duration_seconds is 86340 and was 86339",
        "total_inactive_duration_format is 23:59:00 and was 23:58:59",
    ]


def test_many_verdicts_are_one() -> None:
    assert validated([]) is None
    assert validated([None, None]) is None
    assert validated([None, []]) == []
    assert validated([["a"], [], ["b", "a"]]) == ["a", "b"]


def test_a_day_is_written_as_requests_have_it() -> None:
    assert written(date(2025, 8, 1)) == "01-08-2025"


def _spoilt(draw: Any, answer: Any) -> Any:
    """An answer in which one or two values are something else."""
    answer = copy.deepcopy(answer)
    for _ in range(draw(st.integers(0, 2))):
        owner = answer
        while True:
            keys = list(owner) if isinstance(owner, dict) else list(range(len(owner)))
            key = draw(st.sampled_from(keys))
            if not isinstance(owner[key], dict | list) or not owner[key] or draw(st.booleans()):
                break
            owner = owner[key]
        owner[key] = draw(GARBAGE)
    return answer


@pytest.mark.parametrize(
    "invariant", load_kit(api).invariants, ids=lambda invariant: invariant.name
)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[*HealthCheck],
)
@given(data=st.data())
def test_a_invariant_bears_every_answer(
    autozod: Any, invariant: Invariant, data: st.DataObject
) -> None:
    two = [autozod.account(3600), autozod.account(0, 0)]
    honest = [
        autozod.report("18-08-2025", *two),
        autozod.report("18-08-2025", *two, type="off_duty", body=b"{}"),
        autozod.report("18-08-2025", two[0], team=1001),
        autozod.report("19-08-2025", two[1], type=None),
        autozod.report("22-08-2025", autozod.nothing(), agent="A" * 24),
    ]
    answers = [data.draw(GARBAGE), *(_spoilt(data.draw, seen.answer) for seen in honest)]
    thread = [
        autozod.seen(answer, first, last, type=type, body=body, at=at)
        for answer in answers
        for first, last in [
            ("18-08-2025", data.draw(st.sampled_from(["18", "19", "21"])) + "-08-2025")
        ]
        for type in [data.draw(st.sampled_from(["on_duty", "off_duty", None]))]
        for body in [data.draw(st.sampled_from([b"", b"{}"]))]
        for at in [data.draw(st.sampled_from(["", "2025-08-17T00:00:00Z", "2025-08-21T14:30:00Z"]))]
    ]

    for place, now in enumerate(thread):
        said = invariant.evaluate(now, thread[:place])
        assert said is None or all(isinstance(sentence, str) and sentence for sentence in said)
