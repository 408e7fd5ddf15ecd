"""Where two values of JSON differ."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.check.validation.json_diff import list_differences


@pytest.mark.parametrize(
    ("one", "other", "places"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, []),
        ({"a": 1}, {"a": 2}, ["/a"]),
        ({"a": None}, {}, ["/a"]),
        ({}, {"a/b": None}, ["/a~1b"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["/a/1"]),
        ({"a": [1, 2]}, {"a": [1]}, ["/a"]),
        ({"a": True}, {"a": 1}, ["/a"]),
        ({"a": 1, "b": 1}, {"b": 2, "a": 2}, ["/a", "/b"]),
        (1, 1.0, []),
        ([], {}, [""]),
    ],
)
def test_each_differing_place_is_listed(one: Any, other: Any, places: list[str]) -> None:
    assert list(list_differences(one, other)) == places
