"""Mutations are derived from traits, and the invariants of those traits kill them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract import Contract
from mockserver.traits import derive_trait_mutations, load_traits

TRAITS = load_traits(Contract.load(Path(__file__).parent / "shop.yaml"))
MUTATIONS = {it.name: it for it in derive_trait_mutations(TRAITS)}
OVER_DAYS = ("month-end-earlier", "day-as-month", "cut-long-range", "very-long-range-without-end")
REFUSING = ("getReport", "listItems", "listEvents")
NOT_SEEN = (
    "getReport.bound-excluded",
    "getReport.bound-moved:query/to",
    *(f"{it}.other-status-twice:4" for it in REFUSING),
)
"""No trait says what a report counts, or that the status of a refusal is the right one."""


def test_the_mutations_of_a_list_follow_from_its_traits() -> None:
    assert [name for name in MUTATIONS if name.startswith("listOrders.")] == [
        "listOrders.page-overlap:/orders",
        "listOrders.page-repeated:/orders",
        "listOrders.page-gap:/orders",
        "listOrders.page-too-long:/orders",
        "listOrders.last-page-empty:/orders",
        "listOrders.total-of-page:/total",
        "listOrders.last-page-rounded-down:/pages",
        "listOrders.always-first-page:/page",
        "listOrders.same-identity:/orders/*/id",
        "listOrders.fields-exchanged:/orders/*/at",
        "listOrders.fields-exchanged:/orders/*/name",
        "listOrders.text-of-another-value:/orders/*/word",
        "listOrders.bound-excluded:query/from",
        "listOrders.month-end-earlier:query/from",
        "listOrders.day-as-month:query/from",
        "listOrders.bound-moved:query/from",
        "listOrders.bound-excluded:query/to",
        "listOrders.month-end-earlier:query/to",
        "listOrders.day-as-month:query/to",
        "listOrders.bound-moved:query/to",
        "listOrders.cut-long-range:query/from",
        "listOrders.very-long-range-without-end:query/to",
        "listOrders.range-turned-round:query/from",
        "listOrders.end-as-start:query/to",
        "listOrders.in-the-future:/orders/*/at",
        "listOrders.other-status-twice:200",
        "listOrders.escaped-json:200",
    ]


@pytest.mark.parametrize("name", MUTATIONS)
def test_an_invariant_is_broken_by_each_mutation_that_changes_anything(
    run_workflows: Callable[..., Any], name: str
) -> None:
    # Rows of some weeks, so that there are some on each kind of day.
    bugs = ["spread"] if MUTATIONS[name].operator in OVER_DAYS else []
    caller = run_workflows(*bugs, mutation=MUTATIONS[name])
    if caller.is_mutated:
        assert bool(caller.broken) is not name.startswith(NOT_SEEN)
    else:
        assert name.endswith("escaped-json:200")  # where there are no letters beyond ASCII
