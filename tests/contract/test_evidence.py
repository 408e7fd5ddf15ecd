"""Evidence: what is stated, what holds at a place, and which of two is the weaker."""

from __future__ import annotations

import pytest

from mockserver.contract import EVIDENCE, Contract
from mockserver.contract.evidence import evidence_at, weaker

DOCUMENT = {
    "x-evidence": "documented",
    "a/b": {"c": [{"x-evidence": "assumed", "d": {"e": 1}}, {"d": 2}]},
    "f": {"x-evidence": "related"},
}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("#", "documented"),
        ("", "documented"),
        ("#/a~1b", "documented"),
        ("#/a~1b/c/0", "assumed"),
        ("#/a~1b/c/0/d/e", "assumed"),
        ("#/a~1b/c/1/d", "documented"),
        ("#/f", "related"),
        ("#/f/x-evidence", "related"),
    ],
)
def test_the_nearest_evidence_above_a_place_holds_there(pointer: str, expected: str) -> None:
    assert evidence_at(DOCUMENT, pointer) == expected


def test_without_evidence_everything_is_assumed() -> None:
    assert evidence_at({"a": {"b": 1}}, "#/a/b") == "assumed"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("documented", "documented", "documented"),
        ("documented", "example", "example"),
        ("related", "example", "related"),
        ("assumed", "documented", "assumed"),
        ("documented", "nonsense", "nonsense"),
        ("nonsense", "assumed", "nonsense"),
    ],
)
def test_the_weaker_of_two_wins_and_a_word_that_is_none_is_the_weakest(
    one: str, other: str, expected: str
) -> None:
    assert weaker(one, other) == expected
    assert weaker(other, one) == expected


def test_the_words_stand_from_the_strongest_to_the_weakest() -> None:
    assert EVIDENCE == ("documented", "example", "related", "assumed")


def test_a_contract_has_its_evidence() -> None:
    contract = Contract.parse("""
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      operationId: a
      x-evidence: documented
      responses:
        '200': {description: ok}
        '404': {description: no, x-evidence: assumed}
""")
    assert contract.evidences == ("documented", "assumed")
    assert contract.evidence("#/paths/~1a/get/responses/404/description") == "assumed"
    assert contract.evidence("#/paths/~1a/get/responses/200") == "documented"
    assert contract.evidence("#/paths") == "assumed"
