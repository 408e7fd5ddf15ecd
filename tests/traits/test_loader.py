"""Traits are read with their evidence, and refused where they lead to nothing."""

from __future__ import annotations

import pytest

from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.traits import load_traits


def test_a_trait_has_its_evidence_or_the_operation_s(contract: Contract) -> None:
    orders = load_traits(contract).operations["listOrders"]
    assert orders.pagination and orders.pagination.evidence == "documented"
    assert orders.order and orders.order.by == ("-/at", "-/id")
    assert orders.pagination.rules["page-past-the-end-is-empty"].evidence == "related"


def test_a_trait_of_the_document_is_one_of_every_operation(contract: Contract) -> None:
    traits = load_traits(contract).operations
    assert {it.envelope.status for it in traits.values() if it.envelope} == {"/meta/status", ""}
    assert all(it.authentication for it in traits.values())


WRONG = {
    "total: /total\n": (
        "total: /totals\n",
        "the trait at #/paths/~1orders/get/x-pagination/total: "
        "the response of listOrders has nothing at '/totals'",
    ),
    "style: page-number": ("style: pages", "the trait at #/paths/~1orders/get/x-pagination/style"),
    "      per_page: size\n": (
        "      per_page: sise\n",
        "listOrders has no parameter 'sise'; did you mean 'size'?",
    ),
    "      last: /pages": (
        "      lst: /pages",
        "'lst' is not known here; did you mean 'last'?",
    ),
    "stable: [/at, /name]": ("stable: [/at, /names]", "nothing at '/orders/*/names'"),
    "in: listOrders": ("in: listOrder", "no operation 'listOrder'; did you mean 'listOrders'?"),
    "[{parameter: state, field: /state": (
        "[{parameter: stat, field: /state",
        "listOrders has no parameter 'stat'",
    ),
}


@pytest.mark.parametrize("right", WRONG)
def test_a_trait_that_is_wrong_is_refused_with_its_place(contract: Contract, right: str) -> None:
    wrong, sentence = WRONG[right]
    assert right in contract.source
    with pytest.raises(ContractError) as raised:
        load_traits(Contract.parse(contract.source.replace(right, wrong, 1)))
    assert sentence in str(raised.value)
