"""What a finding was held against."""

from __future__ import annotations

from typing import Any

from mockserver import apis
from mockserver.check.reports.page.excerpt import Rule, Rules
from mockserver.check.validation.finding import Finding

APIS = apis.load()
EKRAN = Rules(APIS["ekran"])


def rule(pointer: str, rules: Rules = EKRAN, **more: Any) -> Rule:
    return rules.of(Finding("ekran", "listSessions", "x", pointer, "assumed", "wrong", **more))


def texts(found: Rule) -> list[str]:
    return [line.text for line in found.lines]


def test_a_keyword_is_shown_with_those_beside_it_and_marked() -> None:
    found = rule("#/components/schemas/Session/properties/sessionId/maximum")
    assert texts(found) == [
        "sessionId:",
        "  type: integer",
        "  format: int32",
        "  minimum: -2147483648",
        "  maximum: 2147483647",
        "  description: The id of the session.",
        "  x-evidence: documented",
    ]
    assert [line.is_meant for line in found.lines] == [False] * 4 + [True] + [False] * 2
    first = found.lines[0].number
    assert [line.number for line in found.lines] == list(range(first, first + 7))
    assert found.title == f"ekran.yaml, line {first + 4}"
    assert found.path == ("schemas", "Session", "properties", "sessionId", "maximum")


def test_the_evidence_is_the_finding_s_and_the_note_the_contract_s() -> None:
    found = rule("#/components/schemas/Bound/pattern")
    assert found.evidence == "assumed"
    assert found.note.startswith("The three forms are the page's examples;")


def test_an_operation_is_shown_without_its_prose_and_the_answer_marked() -> None:
    found = rule("#/paths/~1sessions/get", status=400)
    shown = texts(found)
    assert shown[:2] == ["get:", "  operationId: listSessions"]
    assert not any(line.startswith("  description:") for line in shown)
    assert "  '400':" in [text[2:] for text in shown]
    marked = [line.text.strip() for line in found.lines if line.is_meant]
    assert marked[0] == "'400':"
    assert "x-evidence: assumed" in marked


def test_what_is_long_is_shortened_around_what_is_meant() -> None:
    found = rule("#/paths/~1sessions/get/responses")
    assert len(found.lines) == 37
    assert found.lines[-1].number == 0
    assert found.lines[-1].text.startswith("… ")


def test_a_invariant_has_its_sentence() -> None:
    found = rule("invariant:a-session-is-listed-once")
    assert (found.kind, found.title) == ("invariant", "a-session-is-listed-once")
    assert found.sentence.endswith(".")
    assert found.path == ("listSessions",)
    assert rule("invariant:no-such-invariant") == Rule(
        "invariant", "no-such-invariant", evidence="assumed"
    )


def test_a_case_is_shown_whole() -> None:
    found = rule("case:with-an-impossible-end")
    assert (found.kind, found.note) == ("case", "cases/ekran.yaml")
    assert {"operation: listSessions", "status: 400"} <= set(texts(found))
    assert rule("case:no-such-case") == Rule("case", "no-such-case", evidence="assumed")


def test_a_pointer_that_leads_nowhere_is_shown_as_it_is() -> None:
    assert rule("#/no/such/place") == Rule("contract", "#/no/such/place", evidence="assumed")
    assert rule("nonsense") == Rule("contract", "nonsense", evidence="assumed")


def test_every_rule_of_every_contract_can_be_shown() -> None:
    for api in APIS.values():
        rules = Rules(api)
        for operation in api.contract.operations:
            for pointer in (operation.pointer, f"{operation.pointer}/responses", "#/paths"):
                assert rule(pointer, rules, status=422).lines
