"""Merge patches: the examples of RFC 7396 whose patch is an object."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from mockserver.server.control.merge_patch import merge_patch


@pytest.mark.parametrize(
    ("value", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": [1]}, {}, {"a": [1]}),
        ({"a": False, "b": 0}, {"a": None, "b": ""}, {"b": ""}),
        ("text", {"a": 1}, {"a": 1}),
        (None, {"a": {"b": None}}, {"a": {}}),
    ],
)
def test_a_patch_says_what_is_to_be_different(
    value: Any, patch: dict[str, Any], result: dict[str, Any]
) -> None:
    before = deepcopy((value, patch))

    assert merge_patch(value, patch) == result
    assert (value, patch) == before


def test_fields_keep_their_places_and_new_ones_come_last() -> None:
    value = {"c": 1, "b": {"y": 1, "x": 2}, "a": 3}

    result = merge_patch(value, {"z": 0, "a": 4, "b": {"w": 3, "x": 5}})
    assert list(result) == ["c", "b", "a", "z"]
    assert list(result["b"]) == ["y", "x", "w"]
