"""Excerpts of what a finding violates."""

from __future__ import annotations

from typing import Any

from mockserver import apis
from mockserver.check.reports.page.excerpt import Excerpt, Excerpts
from mockserver.check.validation.finding import Finding, Source

APIS = apis.load()
EKRAN = Excerpts(APIS["ekran"])


def find(source: Source | str, excerpts: Excerpts = EKRAN, **more: Any) -> Excerpt:
    source = Source("contract", source) if isinstance(source, str) else source
    return excerpts.find(Finding("ekran", "listSessions", "x", source, "assumed", "wrong", **more))


def texts(found: Excerpt) -> list[str]:
    return [line.text for line in found.lines]


def test_keyword_is_marked_among_those_beside_it() -> None:
    found = find("#/components/schemas/Session/properties/sessionId/maximum")
    assert texts(found) == [
        "sessionId:",
        "  type: integer",
        "  format: int32",
        "  minimum: -2147483648",
        "  maximum: 2147483647",
        "  description: The id of the session.",
        "  x-evidence: documented",
    ]
    assert [line.is_marked for line in found.lines] == [False] * 4 + [True] + [False] * 2
    first = found.lines[0].number
    assert [line.number for line in found.lines] == list(range(first, first + 7))
    assert found.title == f"ekran.yaml, line {first + 4}"
    assert found.path == ("schemas", "Session", "properties", "sessionId", "maximum")


def test_evidence_is_of_the_finding_and_note_of_the_contract() -> None:
    found = find("#/components/schemas/Bound/pattern")
    assert found.evidence == "assumed"
    assert found.note.startswith("The three forms are the page's examples;")


def test_operation_is_shown_without_prose_and_the_response_is_marked() -> None:
    found = find("#/paths/~1sessions/get", status=400)
    shown = texts(found)
    assert shown[:2] == ["get:", "  operationId: listSessions"]
    assert not any(line.startswith("  description:") for line in shown)
    assert "  '400':" in [text[2:] for text in shown]
    marked = [line.text.strip() for line in found.lines if line.is_marked]
    assert marked[0] == "'400':"
    assert "x-evidence: assumed" in marked


def test_what_is_long_is_shortened_around_what_is_marked() -> None:
    found = find("#/paths/~1sessions/get/responses")
    assert len(found.lines) == 37
    assert found.lines[-1].number == 0
    assert found.lines[-1].text.startswith("… ")


def test_invariant_has_its_sentence() -> None:
    found = find(Source("invariant", "a-row-is-listed-once"))
    assert (found.kind, found.title) == ("invariant", "a-row-is-listed-once")
    assert found.sentence.endswith(".")
    assert found.path == ("listSessions",)
    assert find(Source("invariant", "no-such-invariant")) == Excerpt(
        "invariant", "no-such-invariant", evidence="assumed"
    )


def test_status_case_is_shown_whole() -> None:
    found = find(Source("case", "list-backwards"))
    assert (found.kind, found.note) == ("case", "cases/ekran.yaml")
    assert {"operation: listSessions", "status: 200"} <= set(texts(found))
    derived = find(Source("case", "listSessions-400-end-format"))
    assert derived.note == "#/paths/~1sessions/get/parameters/1/schema"
    assert find(Source("case", "no-such-case")) == Excerpt(
        "case", "no-such-case", evidence="assumed"
    )


def test_unknown_pointer_is_shown_as_it_is() -> None:
    assert find("#/no/such/place") == Excerpt("contract", "#/no/such/place", evidence="assumed")
    assert find("nonsense") == Excerpt("contract", "nonsense", evidence="assumed")


def test_every_operation_of_every_contract_can_be_shown() -> None:
    for api in APIS.values():
        excerpts = Excerpts(api)
        for operation in api.contract.operations:
            for pointer in (operation.pointer, f"{operation.pointer}/responses", "#/paths"):
                assert find(pointer, excerpts, status=422).lines
