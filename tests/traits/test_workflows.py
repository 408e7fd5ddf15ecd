"""Workflows are derived from traits, with the ids that they need."""

from __future__ import annotations

from typing import Any

from mockserver.contract import Contract
from mockserver.traits import derive_workflows, load_traits


def test_each_operation_with_traits_has_workflows(contract: Contract) -> None:
    found = list(derive_workflows(load_traits(contract)))
    assert [workflow.name for workflow in found if "orders" in workflow.name] == [
        "list-orders-in-pages",
        "list-orders-read-again",
        "list-orders-by-state",
        "list-orders-in-ranges",
        "list-all-orders-in-pages",
        "list-all-orders-read-again",
        "list-all-orders-mirrored",
    ]
    assert [workflow.name for workflow in found if workflow.writes] == ["create-order-created"]
    assert all(workflow.sentence.endswith(".") for workflow in found)


def test_what_is_tried_names_the_ids_that_are_needed(contract: Contract, shop: Any) -> None:
    text = contract.source.replace("{who: ann,", "{who: '{somebody}',")
    found = derive_workflows(load_traits(Contract.parse(text)))
    workflow = next(it for it in found if it.name == "get-report-read-again")
    assert workflow.needs == ("somebody",)

    caller = shop()
    workflow.run(caller, {"somebody": "ben"})
    assert {it.arguments["who"] for it in caller.before} == {"ben", "BEN"}


def test_an_operation_that_requires_arguments_is_called_only_with_some(contract: Contract) -> None:
    text = contract.source.replace(
        "      x-tries: [{who: ann, from: 01-02-2025, to: 03-02-2025}]\n", ""
    )
    found = derive_workflows(load_traits(Contract.parse(text)))
    assert not any("report" in workflow.name for workflow in found)


def test_a_cursor_is_followed_to_the_end(contract: Contract, shop: Any) -> None:
    found = derive_workflows(load_traits(contract))
    caller = shop()
    next(it for it in found if it.name == "list-events-in-pages").run(caller, {})
    assert [it.arguments.get("after") for it in caller.before[1:4]] == [None, "4", "8"]
