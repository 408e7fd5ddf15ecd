"""The paginator, with a defect."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.apis.calwe.defects import paginator
from mockserver.defect import defects

SeenIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [defect.name for defect in defects(paginator)])
def test_it_can_be_seen(name: str, seen_in: SeenIn) -> None:
    assert seen_in(name) != seen_in()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("total-off-by-one", {"total": 3}),
        ("total-as-text", {"total": "2"}),
        ("last-page-off-by-one", {"last_page": 2}),
        ("from-counts-from-zero", {"from": 0}),
        ("links-as-object", {"links": {}}),
    ],
)
def test_what_is_wrong_with_it(name: str, fields: dict[str, Any], seen_in: SeenIn) -> None:
    body = json.loads(seen_in()[0][2])
    status, _, changed = seen_in(name)[0]
    assert (status, json.loads(changed)["data"]) == (200, {**body["data"], **fields})


def test_pages_overlap(seen_in: SeenIn) -> None:
    _, _, second = seen_in("pages-overlap")[1]
    assert [row["action_type"] for row in json.loads(second)["data"]["data"]] == ["ENTERED"]
