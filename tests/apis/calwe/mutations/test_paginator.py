"""The paginator, with a mutation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.apis.calwe.mutations import paginator
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(paginator)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
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
def test_what_is_wrong_with_it(name: str, fields: dict[str, Any], seen_in: InteractionIn) -> None:
    body = json.loads(seen_in()[0][2])
    status, _, changed = seen_in(name)[0]
    assert (status, json.loads(changed)["data"]) == (200, {**body["data"], **fields})


def test_pages_overlap(seen_in: InteractionIn) -> None:
    _, _, second = seen_in("pages-overlap")[1]
    assert [row["action_type"] for row in json.loads(second)["data"]["data"]] == ["ENTERED"]
