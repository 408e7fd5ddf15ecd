"""Workflows are derived from traits, with the ids that they need, and boundary cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract import Contract
from mockserver.traits import derive_boundaries, derive_workflows, load_traits

NOW = datetime(2025, 8, 21, 14, 30, tzinfo=UTC)


def test_each_operation_with_traits_has_workflows(contract: Contract) -> None:
    found = list(derive_workflows(load_traits(contract)))
    assert [workflow.name for workflow in found if "orders" in workflow.name] == [
        "list-orders-in-pages",
        "list-orders-read-again",
        "list-orders-by-state",
        "list-orders-in-ranges",
        "list-orders-over-days",
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
    ).replace(", tries: [{who: ann}, {who: ben}]", "")
    found = derive_workflows(load_traits(Contract.parse(text)))
    assert not any("report" in workflow.name for workflow in found)


def test_a_total_over_the_longest_range_is_compared_with_what_it_has_besides_the_other_ones(
    contract: Contract, shop: Any
) -> None:
    found = {it.name: it for it in derive_workflows(load_traits(contract))}
    caller = shop()
    found["get-report-in-parts"].run(caller, {})
    ranges = [(it.arguments["from"], it.arguments["to"]) for it in caller.before]
    # 31 days are the most; the 20 days before are another part of it.
    assert {("20-07-2025", "19-08-2025"), ("20-07-2025", "29-07-2025")} <= {*ranges}
    assert ("01-08-2025", "19-08-2025") in ranges


def test_totals_are_compared_in_parts_and_with_those_of_other_arguments(
    contract: Contract, shop: Any
) -> None:
    text = contract.source.replace("tries: [{who: ann}, {who: ben}]", "tries: [{who: '{who}'}]")
    found = {it.name: it for it in derive_workflows(load_traits(Contract.parse(text)))}
    assert found["get-report-in-parts"].needs == ("who",)

    found = {it.name: it for it in derive_workflows(load_traits(contract))}
    caller = shop()
    found["get-report-beside-ben"].run(caller, {})
    assert [(it.arguments["who"], it.arguments["from"]) for it in caller.before[:3]] == [
        ("ann", "15-08-2025"),
        ("ben", "15-08-2025"),
        ("ann", "13-08-2025"),
    ]


def test_a_cursor_is_followed_to_the_end(contract: Contract, shop: Any) -> None:
    found = derive_workflows(load_traits(contract))
    caller = shop()
    next(it for it in found if it.name == "list-events-in-pages").run(caller, {})
    assert [it.arguments.get("after") for it in caller.before[1:4]] == [None, "4", "8"]


def test_each_trait_adds_its_edges(contract: Contract) -> None:
    found = derive_boundaries(load_traits(contract))
    assert {"after": "no-such-cursor"} in found["listEvents"]
    assert {"page": 2**31, "size": 1} in found["listOrders"]
    assert {"state": "a,a"} in found["listOrders"]
    assert {"from": "01-01-2025", "to": "31-12-2024"} in found["getReport"]
    assert {"from": "01-01-2025", "to": "31-01-2025"} in found["getReport"]
    assert {"from": "01-01-2025", "to": "01-02-2025"} in found["getReport"]
    assert found["createOrder"] == ()


def test_a_list_is_read_between_requests_for_something_else(contract: Contract, shop: Any) -> None:
    found = derive_workflows(load_traits(contract))
    caller = shop()
    next(it for it in found if it.name == "list-orders-read-again").run(caller, {})
    assert [dict(parse_qsl(it.exchange.request.query)) for it in caller.before[:9]] == [
        *({}, {}, {}, {"page": "2", "size": "1"}, {}, {"state": "new"}, {}),
        *({"from": "2025-08-13T14:30:00", "to": "2025-08-13T14:30:00"}, {}),
    ]


def test_the_same_write_is_sent_twice_running(contract: Contract, shop: Any) -> None:
    found = derive_workflows(load_traits(contract))
    caller = shop()
    next(it for it in found if it.name == "create-order-created").run(caller, {})
    bodies = [it.exchange.request.body for it in caller.before]
    assert (b'{"name": "tea"}', b'{"name": "tea"}') in pairwise(bodies)


def test_a_list_is_read_over_more_than_a_month_on_all_its_pages(
    contract: Contract, shop: Any
) -> None:
    found = derive_workflows(load_traits(contract))
    caller = shop()
    next(it for it in found if it.name == "list-orders-over-days").run(caller, {})
    queries = [dict(parse_qsl(it.exchange.request.query)) for it in caller.before]
    assert (queries[0]["from"], queries[0]["to"]) == ("2025-07-07T14:29:00", "2025-08-21T14:29:00")
    assert caller.broken == {}


def test_a_range_of_more_than_a_month_that_is_cut_is_found_on_several_pages(
    contract: Contract, shop: Any
) -> None:
    caller = shop("month")
    moments = [(NOW - n * timedelta(hours=12)).strftime("%Y-%m-%dT%H:%M:%SZ") for n in range(90)]
    caller.shop.orders = [
        {"id": n, "at": at, "state": "new", "name": "x"} for n, at in enumerate(moments)
    ]
    found = derive_workflows(load_traits(contract))
    next(it for it in found if it.name == "list-orders-over-days").run(caller, {})
    rule = "a-narrower-range-has-no-more-rows"
    assert caller.broken[rule].startswith("the row ")
