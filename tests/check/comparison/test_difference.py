"""Differences: which of the two leaves the contract."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.check.comparison.difference import (
    Difference,
    differences,
    loose,
    shared,
    unanswered,
)
from mockserver.check.comparison.interactions import Note
from mockserver.check.validation.finding import Finding, Severity

Make = Callable[..., Note]
Found = Callable[..., Finding]


def _differences(a: Note, b: Note, severity: Severity | None = None) -> list[Difference]:
    return list(differences("ekran", a, b, severity or Severity()))


def _told(a: Note, b: Note, severity: Severity | None = None) -> list[tuple[str, str]]:
    return [(it.leaving, it.sentence) for it in _differences(a, b, severity)]


def test_answers_of_one_class_that_break_nothing_are_alike(note: Make) -> None:
    assert _told(note("", 200), note("", 204)) == []
    assert _told(note("", 404), note("", 422)) == []


def test_a_breach_of_one_is_its_own(note: Make, finding: Found) -> None:
    assert _told(note(), note("", 200, finding())) == [("b", "Only B breaks this: type is wrong")]
    assert _told(note("", 200, finding()), note()) == [("a", "Only A breaks this: type is wrong")]


def test_a_breach_of_both_is_no_difference(note: Make, finding: Found) -> None:
    a = note("", 200, finding(), finding("required"))
    b = note("", 200, finding(), finding("invariant", rule="invariant:x"))
    assert [(it.leaving, it.code, it.rule) for it in _differences(a, b)] == [
        ("a", "required", "#/required"),
        ("b", "invariant", "invariant:x"),
    ]
    assert [one.code for one in shared(a, b)] == ["type"]


def test_who_breaks_what_is_only_assumed_does_not_leave_the_contract(
    note: Make, finding: Found
) -> None:
    a, b = note(), note("", 200, finding(evidence="assumed"))
    assert _told(a, b) == [("neither", "Only B breaks this: type is wrong")]
    binding = Severity(is_assumed_binding=True)
    assert _told(a, b, binding) == [("b", "Only B breaks this: type is wrong")]


def test_another_class_is_one_difference_with_its_reasons(note: Make, finding: Found) -> None:
    wrong = finding("server-error"), finding("required")
    assert _told(note(), note("", 500, *wrong)) == [
        (
            "b",
            "A answers 200, and B 500; B breaks documented #/server-error: server-error is wrong",
        )
    ]
    assert _told(note("", 200, finding()), note("", 500, *wrong))[0][0] == "both"
    assert _told(note(), note("", 404)) == [("neither", "A answers 200, and B 404")]
    # What both break says nothing of the difference.
    assert _told(note("", 200, finding()), note("", 404, finding()))[0][0] == "neither"


def test_differences_are_the_same_by_who_has_them(note: Make, finding: Found) -> None:
    (of_b,) = _differences(note(), note("", 200, finding(evidence="assumed")))
    (again,) = _differences(note("x=1"), note("x=1", 200, finding(evidence="assumed")))
    (of_a,) = _differences(note("", 200, finding(evidence="assumed")), note())
    assert of_b.key == again.key
    assert of_b.key != of_a.key
    (one,) = _differences(note(), note("", 404))
    (other,) = _differences(note("", 404), note())
    assert one.key != other.key


def test_no_answer_is_a_difference_too() -> None:
    it = unanswered("ekran", "b", "boundaries", "it hangs")
    assert (it.leaving, it.code, it.phases) == ("b", "no-answer", ["boundaries"])
    assert it.sentence == "Only B gives no answer in 'boundaries': it hangs"


def test_what_only_one_breaks_in_no_pair_is_a_difference(finding: Found) -> None:
    it = loose("ekran", "b", "generated", finding(), Severity())
    assert (it.leaving, it.phases, it.a, it.b) == ("b", ["generated"], None, None)
    assert it.sentence.startswith("Only B breaks this: ")
    assert loose("ekran", "a", "x", finding(evidence="assumed"), Severity()).leaving == "neither"
