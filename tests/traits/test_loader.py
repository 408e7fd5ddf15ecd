"""Traits are read with their evidence, and refused where they lead to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.traits import load_traits
from mockserver.traits.loader import read_pagination_of_generators


def test_a_trait_has_its_evidence_or_the_operation_s(contract: Contract) -> None:
    orders = load_traits(contract).operations["listOrders"]
    assert orders.pagination and orders.pagination.evidence == "documented"
    assert orders.order and orders.order.by == ("-/at", "-/id")
    assert orders.pagination.rules["page-past-the-end-is-empty"].evidence == "related"


def test_a_trait_of_the_document_is_one_of_every_operation(contract: Contract) -> None:
    traits = load_traits(contract).operations
    assert {own.envelope.status for own in traits.values() if own.envelope} == {"/meta/status", ""}
    assert all(own.authentication for own in traits.values())
    pure = load_traits(Contract.parse(f"{contract.source}\nx-pure-read: {{ignores_body: true}}\n"))
    assert all(own.pure_read for own in pure.operations.values())


def test_a_list_has_its_rows_where_one_of_its_traits_says(contract: Contract) -> None:
    traits = load_traits(contract).operations
    assert traits["listOrders"].rows == "/orders"
    assert traits["listShifts"].rows == ""
    assert traits["getReport"].rows is None


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
    "text: /word": ("text: /wort", "nothing at '/orders/*/wort'"),
    "names: /wrong": ("names: /wrongs", "the response of listItems has nothing at '/wrongs'"),
    "{sum: /sold,": ("{sum: /sum,", "the response of getReport has nothing at '/sum'"),
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


GENERATORS: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
    (
        {
            "x-speakeasy-pagination": {
                "type": "offsetLimit",
                "inputs": [
                    {"name": "page", "in": "parameters", "type": "page"},
                    {"name": "limit", "in": "parameters", "type": "limit"},
                ],
                "outputs": {"results": "$.data.rows", "numPages": "$.data.pages"},
            }
        },
        {
            "style": "page-number",
            "page": "page",
            "per_page": "limit",
            "rows": "/data/rows",
            "last": "/data/pages",
        },
    ),
    (
        {
            "x-speakeasy-pagination": {
                "type": "cursor",
                "inputs": [{"name": "after", "in": "parameters", "type": "cursor"}],
                "outputs": {"results": "$.rows", "nextCursor": "$.next"},
            }
        },
        {"style": "cursor", "cursor": "after", "rows": "/rows", "next_cursor": "/next"},
    ),
    (
        {
            "x-fern-pagination": {
                "cursor": "$request.after",
                "next_cursor": "$response.page.next",
                "results": "$response.rows",
            }
        },
        {"style": "cursor", "cursor": "after", "rows": "/rows", "next_cursor": "/page/next"},
    ),
    (
        {"x-fern-pagination": {"offset": "$request.page", "results": "$response.rows"}},
        {"style": "page-number", "page": "page", "rows": "/rows"},
    ),
    (
        {
            "x-fern-pagination": {
                "offset": "$request.skip",
                "step": "$request.limit",
                "results": "$response.rows",
            }
        },
        {"style": "offset", "offset": "skip", "per_page": "limit", "rows": "/rows"},
    ),
    ({"x-speakeasy-pagination": {"type": "url", "outputs": {"nextUrl": "$.next"}}}, None),
    ({"x-fern-pagination": True}, None),
    ({}, None),
]


@pytest.mark.parametrize(("operation", "pagination"), GENERATORS)
def test_pagination_of_a_generator_is_read_as_our_own(
    operation: dict[str, Any], pagination: Any
) -> None:
    assert read_pagination_of_generators(operation) == pagination
