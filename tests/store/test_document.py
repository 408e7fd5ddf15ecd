"""A document: a thing in the store."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.store import Document, find_storing_fault, parse_assigned_key
from mockserver.store.document import make_row


def test_a_document_has_no_owner_and_no_moment_by_default() -> None:
    document = Document("session", "1", {"id": "1"})
    assert (document.owner, document.at, document.until) == ("", None, None)


def test_two_with_the_same_content_are_equal_and_neither_can_be_changed() -> None:
    document = Document("entry", "1/1", {}, "1", 5, 6)
    assert document == Document("entry", "1/1", {}, "1", 5, 6)
    with pytest.raises(AttributeError):
        document.key = "2"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "owner", "number"),
    [
        ("1/1", "1", 1),
        ("a/b/12", "a/b", 12),
        ("/7", "", 7),
        ("سارة/3", "سارة", 3),
        ("a\nb/3", "a\nb", 3),
        ("1/9223372036854775807", "1", 9223372036854775807),
        ("1/0", "", 0),
        ("1/01", "", 0),
        ("1/-1", "", 0),
        ("1/+1", "", 0),
        ("1/1 ", "", 0),
        ("1/1\n", "", 0),
        ("1/٣", "", 0),
        ("1/1x", "", 0),
        ("1/99999999999999999999", "", 0),
        ("1", "", 0),
        ("1/", "", 0),
        ("/", "", 0),
        ("", "", 0),
    ],
)
def test_a_key_that_the_store_could_have_given_has_a_number(
    key: str, owner: str, number: int
) -> None:
    assert parse_assigned_key(key) == (owner, number)


def test_an_assigned_key_is_parsed_as_it_was_formatted() -> None:
    for owner in ("1", "", "a/b", "أ"):
        row = make_row(1, 12, Document("entry", "", {}, owner))
        assert parse_assigned_key(row["key"]) == (owner, 12)


def nest(levels: int) -> list[Any]:
    return [nest(levels - 1)] if levels > 1 else []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ""),
        ({"a": [1, 2.5, None, True, "x", {"b": {}}]}, ""),
        ({"a": 2**64 - 1, "b": -(2**63)}, ""),
        ({"a": 2**64}, "it cannot be stored: Integer exceeds 64-bit range"),
        ({"a": nest(89), "b": [[]] * 90, "c": "[{" * 90}, ""),
        ({"a": nest(90)}, "it cannot be stored: it is nested more than 90 levels deep"),
        ({"a": nest(300)}, "it cannot be stored: Recursion limit reached"),
        ({"a": [{"b": -(2**63) - 1}]}, "it cannot be stored: Integer exceeds 64-bit range"),
    ],
)
def test_a_body_that_cannot_be_stored_gets_a_reason(body: dict[str, Any], fault: str) -> None:
    assert find_storing_fault(body) == fault


def test_a_body_nested_too_deeply_gets_a_reason() -> None:
    body: dict[str, Any] = {}
    for _ in range(500):
        body = {"a": body}

    assert find_storing_fault(body) == "it cannot be stored: Recursion limit reached"
