"""A finding says which evidence it has, where the contract has it, and why it is believed."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from mockserver import apis
from mockserver.check.reports.evidence import explain_evidence
from mockserver.check.reports.text import format_verdict
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.redaction import Mask

APIS = apis.load()
UNAUTHENTICATED = "#/components/responses/CalweUnauthenticated"
LOG_ENTRY = "#/components/schemas/LogEntry/required"
MENTOR = "The vendor's Mentor page mirrors the customer's page word for word."
OTHER_PAGES = (
    "Other pages of the vendor show this response; this page has none for a missing token."
)
LINE = re.compile(r" \(([a-z]+)\.yaml, line [0-9]+\)")


def _find(
    kind: Literal["contract", "invariant", "case"],
    name: str,
    evidence: str,
    operation: str = "listSessionLogs",
) -> Finding:
    return Finding("calwe", operation, "a", Source(kind, name), evidence, "wrong", status=401)


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (
            _find("contract", f"{UNAUTHENTICATED}/content", "related"),
            f"a related page of the vendor says it (calwe): {OTHER_PAGES}",
        ),
        (
            _find("case", "listSessionLogs-401-missing-credential", "related"),
            f"a related page of the vendor says it (calwe): {OTHER_PAGES}",
        ),
        (  # The rule is documented, but not that it is one of this operation.
            _find("contract", LOG_ENTRY, "related", "listCoachSessionLogs"),
            f"a related page of the vendor says it (calwe): {MENTOR}",
        ),
        (
            _find("contract", LOG_ENTRY, "documented"),
            "the vendor's page says it (calwe)",
        ),
        (_find("contract", "#/paths", "assumed", ""), "no document says it (calwe)"),
        (_find("contract", "#/nowhere", "example", ""), "an example of the vendor shows it"),
    ],
)
def test_evidence_is_explained(finding: Finding, sentence: str) -> None:
    assert LINE.sub(r" (\1)", explain_evidence(APIS["calwe"], finding)) == sentence


def test_line_is_that_of_the_rule() -> None:
    calwe = APIS["calwe"]
    found = _find("contract", f"{UNAUTHENTICATED}/content", "related")
    number = re.search(r"line ([0-9]+)", explain_evidence(calwe, found))
    assert number
    line = calwe.contract.source.splitlines()[int(number[1]) - 1]
    assert line.strip() == "content:"


def test_note_of_an_invariant_is_said() -> None:
    found = _find("invariant", "an-ended-session-has-its-period", "documented")
    assert explain_evidence(APIS["calwe"], found) == (
        "the vendor's page says it: Known to have ended is a session in which a create was refused "
        "as the page shows it; a deployment may need a moment to write the record."
    )


def test_terminal_prints_it_in_one_line() -> None:
    found = _find("contract", f"{UNAUTHENTICATED}/content", "related")
    verdict = Verdict("calwe", warnings=(found,), results=Results(APIS["calwe"]))
    lines = list(format_verdict(verdict, Target("t", "http://h"), Mask()))
    assert LINE.sub("", lines[3]) == f"    a related page of the vendor says it: {OTHER_PAGES}"
