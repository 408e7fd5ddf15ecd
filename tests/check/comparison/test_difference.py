"""Differences: which of the two violates the contract."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.check.comparison.difference import (
    Difference,
    compare_interactions,
    report_finding,
    report_missing_response,
)
from mockserver.check.comparison.pairing import ComparedInteraction
from mockserver.check.validation.finding import Finding, Severity, Source

Make = Callable[..., ComparedInteraction]
Found = Callable[..., Finding]


def _differences(
    a: ComparedInteraction, b: ComparedInteraction, severity: Severity | None = None
) -> list[Difference]:
    return list(compare_interactions(a, b, severity or Severity()))


def _summarize(
    a: ComparedInteraction, b: ComparedInteraction, severity: Severity | None = None
) -> list[tuple[str, str]]:
    return [
        (difference.violated_by, difference.sentence) for difference in _differences(a, b, severity)
    ]


def test_same_class_without_findings_is_no_difference(compared: Make) -> None:
    assert _summarize(compared("", 200), compared("", 204)) == []
    assert _summarize(compared("", 404), compared("", 422)) == []


def test_finding_of_one_is_a_difference(compared: Make, finding: Found) -> None:
    assert _summarize(compared(), compared("", 200, finding())) == [
        ("b", "Only B violates this: type is wrong")
    ]
    assert _summarize(compared("", 200, finding()), compared()) == [
        ("a", "Only A violates this: type is wrong")
    ]


def test_finding_of_both_is_no_difference(compared: Make, finding: Found) -> None:
    a = compared("", 200, finding(), finding("required"))
    b = compared("", 200, finding(), finding("invariant", source=Source("invariant", "x")))
    assert [
        (difference.violated_by, difference.code, str(difference.source))
        for difference in _differences(a, b)
    ] == [
        ("a", "required", "#/required"),
        ("b", "invariant", "invariant:x"),
    ]


def test_assumed_rule_is_violated_by_neither(compared: Make, finding: Found) -> None:
    a, b = compared(), compared("", 200, finding(evidence="assumed"))
    assert _summarize(a, b) == [("neither", "Only B violates this: type is wrong")]
    binding = Severity("assumed")
    assert _summarize(a, b, binding) == [("b", "Only B violates this: type is wrong")]


def test_other_status_class_is_one_difference_with_reasons(compared: Make, finding: Found) -> None:
    wrong = finding("server-error"), finding("required")
    assert _summarize(compared(), compared("", 500, *wrong)) == [
        (
            "b",
            "A returns 200, and B 500; B violates documented #/server-error: server-error is wrong",
        )
    ]
    assert _summarize(compared("", 200, finding()), compared("", 500, *wrong))[0][0] == "both"
    assert _summarize(compared(), compared("", 404)) == [("neither", "A returns 200, and B 404")]
    # What both break says nothing of the difference.
    assert _summarize(compared("", 200, finding()), compared("", 404, finding()))[0][0] == "neither"


def test_key_of_a_difference_has_the_deployment(compared: Make, finding: Found) -> None:
    (of_b,) = _differences(compared(), compared("", 200, finding(evidence="assumed")))
    (again,) = _differences(compared("x=1"), compared("x=1", 200, finding(evidence="assumed")))
    (of_a,) = _differences(compared("", 200, finding(evidence="assumed")), compared())
    assert of_b.key == again.key
    assert of_b.key != of_a.key
    (one,) = _differences(compared(), compared("", 404))
    (other,) = _differences(compared("", 404), compared())
    assert one.key != other.key


def test_missing_response_is_a_difference() -> None:
    difference = report_missing_response("b", "boundaries", "it hangs")
    assert (difference.violated_by, difference.code, difference.phases) == (
        "b",
        "no-response",
        ["boundaries"],
    )
    assert difference.sentence == "Only B gives no response in 'boundaries': it hangs"


def test_finding_without_a_pair_is_a_difference(finding: Found) -> None:
    difference = report_finding("b", "generated", finding(), Severity())
    assert (difference.violated_by, difference.phases, difference.a, difference.b) == (
        "b",
        ["generated"],
        None,
        None,
    )
    assert difference.sentence.startswith("Only B violates this: ")
    assumed = finding(evidence="assumed")
    assert report_finding("a", "x", assumed, Severity()).violated_by == "neither"
