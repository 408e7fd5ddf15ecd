"""A baseline accepts findings until a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mockserver.check.validation.baseline import Baseline, read_baseline
from mockserver.check.validation.finding import Finding, Source
from mockserver.errors import SettingError

FINDING = Finding(
    "ekran", "listSessions", "type", Source("contract", "#/x"), "documented", "wrong", status=200
)
PRINT = "ekran listSessions type #/x - 200"


@pytest.mark.parametrize(
    ("today", "is_accepted"),
    [(date(2025, 8, 20), True), (date(2025, 8, 21), True), (date(2025, 8, 22), False)],
)
def test_a_finding_is_accepted_up_to_the_last_day(today: date, is_accepted: bool) -> None:
    baseline = Baseline({PRINT: date(2025, 8, 21)}, today)
    assert FINDING.fingerprint == PRINT
    assert baseline.accepts(FINDING.fingerprint) is is_accepted


def test_another_finding_is_not_accepted() -> None:
    assert Baseline().accepts(PRINT) is False
    assert Baseline().expired(PRINT) is None


def test_an_expired_entry_has_its_day() -> None:
    day = date(2025, 8, 21)
    assert Baseline({PRINT: day}, date(2025, 8, 21)).expired(PRINT) is None
    assert Baseline({PRINT: day}, date(2025, 8, 22)).expired(PRINT) == day


def test_an_entry_that_accepted_nothing_is_unneeded_where_its_api_was_checked() -> None:
    day = date(2025, 8, 21)
    baseline = Baseline({PRINT: day, "ekran a b c - -": day, "calwe a b c - -": day}, day)
    assert baseline.unneeded([PRINT], ["ekran"]) == ["ekran a b c - -"]
    assert baseline.unneeded([], ["ekran"]) == [PRINT, "ekran a b c - -"]


def test_a_file_is_read_with_the_present_day(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(
        f"accepted:\n  - finding: '{PRINT}'\n    reason: ticket 5\n    expires: 2999-12-31\n"
    )
    assert read_baseline(path).accepts(PRINT) is True
    path.write_text(path.read_text().replace("2999", "2001"))
    assert read_baseline(path).accepts(PRINT) is False


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("accepted: [{finding: a, expires: 2025-01-01}]", '/accepted/0: "reason" is a required'),
        ("accepted: [{finding: a, reason: b, expires: soon}]", "/accepted/0/expires: "),
        (
            "accepted: [{finding: a b c d e f, reason: b, expires: 2025-02-31}]",
            "has a day that is none: ",
        ),
        (
            "accepted:\n- finding: a b c #/d - 200\n  reason: b\n  expires: 2025-01-01",
            "has a finding that is none: 'a b c'; put it between quotes, since ' #' begins",
        ),
        ("accepted: {}", "is not of type"),
        ("- 1", "is not right: "),
        ("a: [", "cannot be read: "),
    ],
)
def test_an_invalid_file_is_refused_with_its_faults(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(text)
    with pytest.raises(SettingError) as raised:
        read_baseline(path)
    assert str(raised.value).startswith(f"The baseline '{path}' ")
    assert part in str(raised.value)


def test_a_file_that_is_not_there_is_said_with_how_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    with pytest.raises(SettingError) as raised:
        read_baseline(path)
    message = f"There is no baseline '{path}'; 'mockserver check' with --write-baseline writes one."
    assert str(raised.value) == message
