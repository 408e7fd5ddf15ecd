"""Failures are annotations of GitHub Actions: escaped, redacted, and at most ten."""

from __future__ import annotations

from mockserver.check.reports.github import format_annotations
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.verdict import Verdict
from mockserver.redaction import Mask

MASK = Mask(["top-secret"])


def _find(sentence: str, operation: str = "listSessions", status: int | None = 200) -> Finding:
    source = Source("contract", "#/x")
    return Finding("ekran", operation, "type", source, "documented", sentence, status=status)


def test_failure_is_one_line_with_its_fingerprint() -> None:
    verdict = Verdict("ekran", (_find("100% wrong:\r\n::set-env name=A::top-secret"),))
    assert format_annotations([verdict], MASK) == [
        "::error title=ekran%3A listSessions 200::100%25 wrong:%0D%0A::set-env name=A::***"
        "%0Aekran listSessions type #/x - 200"
    ]


def test_reason_of_an_inconclusive_verdict_is_an_error_and_a_warning_is_none() -> None:
    verdict = Verdict("ekran", warnings=(_find("wrong"),), inconclusive=("nothing was sent",))
    assert format_annotations([verdict], MASK) == [
        "::error title=ekran%3A inconclusive::nothing was sent"
    ]
    assert format_annotations([Verdict("ekran")], MASK) == []


def test_at_most_ten_are_printed() -> None:
    verdicts = [Verdict(api, tuple(_find(f"{n}") for n in range(6))) for api in ("a", "b")]
    lines = format_annotations(verdicts, MASK)
    assert len(lines) == 10
    assert lines[-2].startswith("::error title=b%3A listSessions 200::2%0A")
    assert lines[-1] == (
        "::error title=mockserver::3 more failures and reasons are in the log and the reports"
    )
    assert (
        len(format_annotations([Verdict("a", verdicts[0].failures + (_find("x"),) * 4)], MASK))
        == 10
    )
