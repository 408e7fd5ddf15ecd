"""Findings that are known, until a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mockserver.check.baseline import Baseline, read_baseline
from mockserver.check.finding import Finding
from mockserver.errors import SettingError

FINDING = Finding("ekran", "listSessions", "type", "#/x", "documented", "wrong", status=200)
PRINT = "ekran listSessions type #/x - 200"


@pytest.mark.parametrize(
    ("today", "excuses"),
    [(date(2025, 8, 20), True), (date(2025, 8, 21), True), (date(2025, 8, 22), False)],
)
def test_an_excuse_holds_to_its_last_day(today: date, excuses: bool) -> None:
    baseline = Baseline({PRINT: date(2025, 8, 21)}, today)
    assert FINDING.fingerprint == PRINT
    assert baseline.excuses(FINDING) is excuses


def test_what_is_not_known_is_not_excused() -> None:
    assert Baseline().excuses(FINDING) is False


def test_a_file_is_read_and_holds_today(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(
        f"known:\n  - finding: '{PRINT}'\n    reason: ticket 5\n    expires: 2999-12-31\n"
    )
    assert read_baseline(path).excuses(FINDING) is True
    path.write_text(path.read_text().replace("2999", "2001"))
    assert read_baseline(path).excuses(FINDING) is False


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("known: [{finding: a, expires: 2025-01-01}]", '/known/0: "reason" is a required'),
        ("known: [{finding: a, reason: b, expires: soon}]", "/known/0/expires: "),
        ("known: [{finding: a, reason: b, expires: 2025-02-31}]", "has a day that is none: "),
        ("known: {}", "is not of type"),
        ("- 1", "is not right: "),
        ("a: [", "cannot be read: "),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(text)
    with pytest.raises(SettingError) as raised:
        read_baseline(path)
    assert str(raised.value).startswith(f"The baseline '{path}' ")
    assert part in str(raised.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        read_baseline(tmp_path / "none.yaml")
