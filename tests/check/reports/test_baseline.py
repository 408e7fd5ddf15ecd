"""The findings of a run are written as a baseline, which `--baseline` reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from mockserver import apis
from mockserver.check.reports.baseline import prepare_baseline
from mockserver.check.validation.baseline import Baseline, read_baseline
from mockserver.check.validation.finding import Finding, Severity, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, make_verdict
from mockserver.errors import SettingError
from mockserver.redaction import Mask

EKRAN = apis.load(["ekran"])["ekran"]
A = "ekran listSessions a #/paths/~1sessions/get - -"
B = "ekran listSessions b #/paths/~1sessions/get - -"
ENTRY = "accepted:\n- finding: '{}'\n  reason: It's known; ticket 5\n  expires: {}\n"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("check.validation.baseline", "check.reports.baseline"):
        monkeypatch.setattr(f"mockserver.{module}.read_today", lambda: date(2025, 8, 21))


def find(code: str, evidence: str = "documented", sentence: str = "Wrong.") -> Finding:
    source = Source("contract", "#/paths/~1sessions/get")
    return Finding("ekran", "listSessions", code, source, evidence, sentence)


def reach(
    findings: Sequence[Finding],
    baseline: Baseline | None = None,
    inconclusive: Sequence[str] = (),
    excluded: frozenset[str] = frozenset(),
) -> Verdict:
    results = Results(EKRAN, phase="cases", excluded=excluded)
    for finding in findings:
        results.add_finding(finding)
    return make_verdict(results, Severity(), baseline or Baseline(), inconclusive)


def write(
    path: Path, verdict: Verdict, used: Baseline | None = None, *, is_whole: bool = True
) -> str:
    file = prepare_baseline(path, used or Baseline())
    file.write([(verdict, Mask(["s3cret"], set()))], is_whole=is_whole)
    return path.read_text(encoding="utf-8")


def test_failures_are_written_in_the_order_of_their_fingerprints(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    findings = [find("b", sentence="With s3cret\n"), find("a"), find("c", "assumed")]
    text = write(path, reach(findings))
    assert text.partition("accepted:\n")[2] == (
        "  # listSessions: Wrong.\n"
        "  # documented by #/paths/~1sessions/get\n"
        f"  - finding: '{A}'\n"
        "    reason: 'seen on 2025-08-21; say here why it is accepted'\n"
        "    expires: 2025-11-19\n"
        "  # listSessions: With *** \n"
        "  # documented by #/paths/~1sessions/get\n"
        f"  - finding: '{B}'\n"
        "    reason: 'seen on 2025-08-21; say here why it is accepted'\n"
        "    expires: 2025-11-19\n"
    )
    again = reach(findings, read_baseline(path))
    assert (again.failures, len(again.accepted), len(again.warnings)) == ((), 2, 1)
    assert write(path, again, read_baseline(path)) == text


def test_a_run_without_failures_accepts_nothing(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    assert write(path, reach([find("c", "assumed")])).endswith("\naccepted: []\n")
    assert read_baseline(path).expiries == {}


def test_the_reason_and_the_day_of_an_entry_that_matches_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(ENTRY.format(A, "2999-01-02"), encoding="utf-8")
    for findings in ([find("a"), find("b")], [find("a", "assumed"), find("b")]):
        text = write(path, reach(findings))
        assert f"'{A}'\n    reason: 'It''s known; ticket 5'\n    expires: 2999-01-02\n" in text
        assert f"'{B}'\n    reason: 'seen on " in text


def test_the_reasons_of_another_baseline_that_the_run_used_are_kept(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(ENTRY.format(A, "2999-01-02"), encoding="utf-8")
    used = read_baseline(tmp_path / "old.yaml")
    text = write(tmp_path / "new.yaml", reach([find("a")], used), used)
    assert "reason: 'It''s known; ticket 5'" in text


def test_an_entry_that_has_expired_and_matches_gets_a_new_day(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(ENTRY.format(A, "2025-08-20"), encoding="utf-8")
    text = write(path, reach([find("a")], read_baseline(path)))
    assert f"'{A}'\n    reason: 'It''s known; ticket 5'\n    expires: 2025-11-19\n" in text


def test_an_entry_that_was_not_found_is_dropped_after_a_whole_run_alone(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    for other, verdict, is_whole, is_kept in (
        (B, reach([]), True, False),
        (B, reach([]), False, True),
        (B, reach([], excluded=frozenset({"listSessions"})), True, True),
        (B.replace("listSessions", "*"), reach([], excluded=frozenset({"x"})), True, True),
        (B.replace("ekran", "calwe"), reach([]), True, True),
    ):
        path.write_text(ENTRY.format(other, "2999-01-02"), encoding="utf-8")
        text = write(path, verdict, is_whole=is_whole)
        assert (other in text) is is_kept, (other, is_whole)


def test_what_was_not_tested_is_not_accepted(tmp_path: Path) -> None:
    lost = find("no-response", sentence="GET /sessions got no response")
    text = write(tmp_path / "new.yaml", reach([lost], inconclusive=["it was too slow"]))
    assert text.endswith(
        "# The run of ekran was inconclusive; no entry accepts that.\n"
        "# 1 findings of ekran are not here: the deployment did not respond, or was not there, and "
        "what is not tested cannot be accepted.\n"
        "accepted: []\n"
    )


def test_a_fingerprint_that_is_not_printable_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    write(path, reach([find("it's \u2028 \U0001f600\x7f")]))
    assert list(read_baseline(path).expiries) == [
        "ekran listSessions it's \u2028 \U0001f600\x7f #/paths/~1sessions/get - -"
    ]


@pytest.mark.parametrize("text", ["", "targets: {}\n", "accepted: [1]\n", "a: ["])
def test_a_file_that_is_not_a_baseline_is_not_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "targets.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match="is not overwritten, since it is not a baseline"):
        prepare_baseline(path, Baseline())
    assert path.read_text(encoding="utf-8") == text


def test_a_file_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="there is no folder"):
        prepare_baseline(tmp_path / "none" / "b.yaml", Baseline())
    with pytest.raises(SettingError, match="File name too long"):
        prepare_baseline(tmp_path / ("x" * 300), Baseline())
    prepare_baseline(tmp_path / "b.yaml", Baseline())
    assert list(tmp_path.iterdir()) == []
