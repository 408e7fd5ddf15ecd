"""Boundary cases are derived from traits."""

from __future__ import annotations

from mockserver.contract import Contract
from mockserver.traits import derive_boundaries, load_traits


def test_each_trait_adds_its_edges(contract: Contract) -> None:
    found = derive_boundaries(load_traits(contract))
    assert {"after": "no-such-cursor"} in found["listEvents"]
    assert {"page": 2**31, "size": 1} in found["listOrders"]
    assert {"state": "a,a"} in found["listOrders"]
    assert {"from": "01-01-2025", "to": "31-12-2024"} in found["getReport"]
    assert {"from": "01-01-2025", "to": "31-01-2025"} in found["getReport"]
    assert {"from": "01-01-2025", "to": "01-02-2025"} in found["getReport"]
    assert found["createOrder"] == ()
