"""An honest server breaks no derived invariant, and each bug breaks one that says so."""

from __future__ import annotations

import pytest

from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.traits import derive_invariants, load_traits
from tests.traits.conftest import CONTRACT, run_workflows


def test_an_honest_server_breaks_nothing_and_every_invariant_is_met() -> None:
    caller = run_workflows()
    assert caller.broken == {}
    assert {it.name for it in caller.invariants} - caller.met == set()


BUGS = {
    "status": "envelope-repeats-the-status",
    "success": "envelope-says-whether-it-succeeded",
    "escapes": "letters-are-not-escaped",
    "no-login": "nothing-is-answered-without-a-credential",
    "clock": "the-present-is-the-moment-of-the-response",
    "future": "nothing-is-in-the-future",
    "drifts": "the-same-request-is-answered-the-same",
    "default": "a-default-is-as-if-it-were-sent",
    "case": "letters-may-be-in-either-case",
    "body": "a-body-changes-nothing",
    "mirror": "both-operations-answer-the-same-list",
    "size-echo": "page-size-is-as-requested",
    "page-echo": "page-is-as-requested",
    "size-ignored": "page-has-no-more-rows-than-requested",
    "short": "rows-follow-from-total",
    "total": "rows-follow-from-total",
    "pages": "last-page-follows-from-total",
    "no-pages": "empty-list-has-one-page",
    "clamps": "page-past-the-end-is-empty",
    "grows": "reading-again-gives-the-same-list",
    "size-sorts": "page-size-changes-the-cut-only",
    "overlap": "pages-together-are-the-list",
    "first-page-only": "page-is-as-requested",
    "offset-by-one": "page-size-changes-the-cut-only",
    "limit-ignored": "page-has-no-more-rows-than-requested",
    "cursor-repeats": "cursor-leads-on",
    "cursor-skips": "pages-together-are-the-list",
    "unsorted": "rows-are-in-order",
    "twice": "a-row-is-listed-once",
    "renames": "a-row-keeps-its-fields",
    "filter": "rows-match-the-filter",
    "filter-first": "values-of-a-filter-add-up",
    "no-start": "rows-lie-in-the-range",
    "no-end": "rows-lie-in-the-range",
    "loses-in-range": "the-range-selects-the-rows",
    "strict": "bounds-are-included",
    "selects-all": "the-range-selects-the-rows",
    "drops-inside": "the-range-selects-the-rows",
    "no-clip": "rows-lie-in-the-range",
    "cuts-inside": "what-lies-inside-is-shown-whole",
    "minute": "a-bound-means-the-same-in-every-form",
    "day-ends": "a-day-is-its-midnight",
    "any-length": "a-range-has-no-more-days-than-allowed",
    "echo": "what-is-created-is-echoed",
    "lost": "the-list-grows-by-what-is-created",
    "doubled": "the-list-grows-by-what-is-created",
    "listed-otherwise": "what-is-created-is-listed",
    "keeps-refused": "what-is-refused-is-not-listed",
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_breaks_the_invariant_that_says_so(bug: str) -> None:
    assert BUGS[bug] in run_workflows(bug).broken


def test_a_rule_has_the_evidence_that_its_trait_gives_it() -> None:
    found = {it.name: it.evidence for it in derive_invariants(load_traits(CONTRACT))}
    assert found["rows-follow-from-total"] == "documented"
    assert found["page-past-the-end-is-empty"] == "related"
    assert found["both-operations-answer-the-same-list"] == "related"
    assert found["the-range-selects-the-rows-in-utc"] == "assumed"


def test_operations_of_other_evidence_have_an_invariant_of_their_own() -> None:
    found = [
        (it.name, it.evidence, it.operations)
        for it in derive_invariants(load_traits(CONTRACT))
        if it.name.startswith("envelope-repeats-the-status")
    ]
    assert found[0][1] == "example"
    assert "listShifts" not in found[0][2]


def test_an_optional_rule_holds_only_where_it_is_named() -> None:
    text = CONTRACT.source.replace("empty-list-has-one-page: {x-evidence: assumed}", "")
    names = {it.name for it in derive_invariants(load_traits(Contract.parse(text)))}
    assert "empty-list-has-one-page" not in names
    assert "rows-follow-from-total" in names


def test_a_rule_that_is_not_known_is_refused() -> None:
    text = CONTRACT.source.replace("empty-list-has-one-page", "empty-list-has-a-page")
    with pytest.raises(ContractError, match="did you mean 'empty-list-has-one-page'"):
        list(derive_invariants(load_traits(Contract.parse(text))))
