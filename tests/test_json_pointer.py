"""JSON Pointers, as RFC 6901 has them."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.json_pointer import escape, list_differences, split_pointer, step

# The document and the pointers of RFC 6901, section 5.
RFC = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_a_pointer_leads_where_the_rfc_says(pointer: str, expected: Any) -> None:
    node: Any = RFC
    for token in split_pointer(pointer):
        node = step(node, token)
    assert node == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [("a/b", "a~1b"), ("m~n", "m~0n"), ("~1", "~01"), ("~/", "~0~1"), ("", ""), (0, "0")],
)
def test_a_token_is_escaped_so_that_it_stays_one(token: str | int, expected: str) -> None:
    assert escape(token) == expected


@pytest.mark.parametrize("token", ["~1", "~01", "a/b~c", "~~//", "", "é", "\n", "{id}"])
def test_what_was_escaped_is_read_back_as_it_was(token: str) -> None:
    assert split_pointer(f"/x/{escape(token)}/y") == ["x", token, "y"]


@pytest.mark.parametrize("pointer", ["#/a/0", "/a/0"])
def test_a_leading_hash_is_not_part_of_a_pointer(pointer: str) -> None:
    assert split_pointer(pointer) == ["a", "0"]


def test_the_pointer_of_the_whole_document_has_no_tokens() -> None:
    assert split_pointer("") == []
    assert split_pointer("#") == []


@pytest.mark.parametrize("node", [{}, [], "text", 5, None, True])
def test_a_token_that_leads_nowhere_is_refused(node: Any) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        step(node, "a")
    with pytest.raises((LookupError, TypeError, ValueError)):
        step(node, "0")


@pytest.mark.parametrize("token", ["2", "-", "", "a", "1.0", "9" * 5_000])
def test_an_item_that_a_list_does_not_have_is_refused(token: str) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        step(["first", "second"], token)


@pytest.mark.parametrize("token", ["-1", "+1", "01", " 1", "1_0", "１"])
def test_an_index_is_written_in_digits_without_a_sign_or_a_leading_zero(token: str) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        step(list(range(20)), token)


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
