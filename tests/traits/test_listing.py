"""A list is read with its place in the whole."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract import ABSENT, Contract
from mockserver.traits import load_traits
from mockserver.traits.declarations import Readings
from mockserver.traits.listing import Evaluation, at


def test_a_pointer_leads_to_a_value_or_to_nothing() -> None:
    body = {"a": [{"b": None}]}
    assert at(body, "") == body
    assert at(body, "/a/0/b") is None
    assert at(body, "/a/1/b") is ABSENT
    assert at(body, "/a/b") is ABSENT
    assert at(None, "/a") is ABSENT


def read(contract: Contract, caller: Any) -> Any:
    *before, now = caller.before
    return Evaluation(load_traits(contract), now, before).listing


def test_a_page_by_number_or_offset_has_its_first_position(contract: Contract, shop: Any) -> None:
    caller = shop()
    caller("listOrders", page=3, size=5)
    orders = read(contract, caller)
    assert (orders.first, orders.total, orders.due, orders.is_last) == (10, 17, 5, False)
    caller("listItems", offset=10, limit=5)
    items = read(contract, caller)
    assert (items.first, items.due, items.is_last, items.is_whole) == (10, 3, True, False)


def test_the_position_of_a_cursor_s_page_follows_from_the_page_before(
    contract: Contract, shop: Any
) -> None:
    caller = shop()
    caller("listEvents", limit=4)
    caller("listEvents", limit=4, after="4")
    assert read(contract, caller).first == 4
    caller("listEvents", limit=4, after="7")
    assert read(contract, caller).first is None


def test_a_refusal_and_another_shape_are_no_list(contract: Contract, shop: Any) -> None:
    caller = shop()
    caller.send("listOrders", {}, key=None)
    assert read(contract, caller) is None
    caller("getReport", who="ann", **{"from": "01-02-2025", "to": "03-02-2025"})
    assert read(contract, caller) is None


def test_a_range_is_settled_when_it_was_over(contract: Contract, shop: Any) -> None:
    caller = shop()
    caller("listOrders", to="2025-08-21T14:29:00Z")
    assert read(contract, caller).is_settled()
    caller("listOrders", to="2025-08-21T14:30:00Z")
    assert not read(contract, caller).is_settled()
    caller("listOrders")
    assert not read(contract, caller).is_settled()


def test_readings_of_the_latest_exchanges_are_kept(
    contract: Contract, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Readings, "MOST", 2)
    traits, caller = load_traits(contract), shop()
    for _ in range(3):
        caller("listOrders")
        assert Evaluation(traits, caller.before[-1], ()).listing is not None
    assert list(traits.readings) == caller.before[-2:]
