"""Invariants are derived with the evidence that the contract gives each of them."""

from __future__ import annotations

import pytest

from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.traits import derive_invariants, load_traits


def test_a_rule_has_the_evidence_that_its_trait_gives_it(contract: Contract) -> None:
    found = {it.name: it.evidence for it in derive_invariants(load_traits(contract))}
    assert found["rows-follow-from-total"] == "documented"
    assert found["page-past-the-end-is-empty"] == "related"
    assert found["both-operations-list-the-same"] == "related"
    assert found["the-range-selects-the-rows-in-utc"] == "assumed"


def test_operations_of_other_evidence_have_an_invariant_of_their_own(contract: Contract) -> None:
    found = [
        (it.name, it.evidence, it.operations)
        for it in derive_invariants(load_traits(contract))
        if it.name.startswith("envelope-repeats-the-status")
    ]
    assert found[0][1] == "example"
    assert "listShifts" not in found[0][2]


def test_an_optional_rule_holds_only_where_it_is_named(contract: Contract) -> None:
    text = contract.source.replace("empty-list-has-one-page: {x-evidence: assumed}", "")
    names = {it.name for it in derive_invariants(load_traits(Contract.parse(text)))}
    assert "empty-list-has-one-page" not in names
    assert "rows-follow-from-total" in names


def test_a_rule_that_is_not_known_is_refused(contract: Contract) -> None:
    text = contract.source.replace("empty-list-has-one-page", "empty-list-has-a-page")
    with pytest.raises(ContractError, match="did you mean 'empty-list-has-one-page'"):
        list(derive_invariants(load_traits(Contract.parse(text))))
