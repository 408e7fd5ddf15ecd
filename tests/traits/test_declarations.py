"""What a trait says of itself."""

from __future__ import annotations

from mockserver.contract import Contract
from mockserver.traits import load_traits


def test_a_list_has_its_rows_where_one_of_its_traits_says(contract: Contract) -> None:
    traits = load_traits(contract).operations
    assert traits["listOrders"].rows == "/orders"
    assert traits["listShifts"].rows == ""
    assert traits["getReport"].rows is None


def test_the_parameters_of_a_page_are_not_those_of_the_list(contract: Contract) -> None:
    pages = {id: it.pagination for id, it in load_traits(contract).operations.items()}
    assert pages["listOrders"] and pages["listOrders"].parameters == ("page", "size")
    assert pages["listEvents"] and pages["listEvents"].parameters == ("after", "limit")
