"""A document, and the keys that the store assigns."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

import orjson
from msgspec import Struct

from mockserver.value_builder import is_nested_deeper

_ASSIGNED = re.compile(r"(.*)/([1-9][0-9]{0,18})", re.DOTALL | re.ASCII)

MOST_LEVELS = 90
"""A file of a snapshot that has a document of so many levels can be read again."""


class Document(Struct, frozen=True, gc=False):
    """A thing in the store.

    `body` is the vendor's JSON, or a little more. `owner` is the key of what it belongs to, or
    empty. `at` and `until` are moments in microseconds since the epoch. An interval goes on from
    the one to the other, or `is_open` and has no end yet.
    """

    kind: str
    key: str
    body: dict[str, Any]
    owner: str = ""
    at: int | None = None
    until: int | None = None
    is_open: bool = False


class Collection(Struct, frozen=True):
    """The documents of a kind that an owner has, by number, and the last number assigned there."""

    kind: str
    owner: str
    last: int
    documents: Mapping[int, Document]


LENGTHS: tuple[int, ...] = tuple(4**n for n in range(10, 31))
"""The lengths up to which intervals are rounded, from a second on, in microseconds."""
OPEN = 0
"""In the place of the length of an interval that is open."""


def round_length(document: Document) -> int | None:
    """The length of an interval, rounded up; None for what is none.

    Of the intervals of one length, those that overlap a range are few among those that begin in
    that length before it: an index finds them (ADR 006).
    """
    if document.is_open:
        return OPEN
    if document.at is None or document.until is None:
        return None
    # No moment is further from another one than the last length, which is 36,000 years.
    return LENGTHS[min(bisect_left(LENGTHS, document.until - document.at), len(LENGTHS) - 1)]


def make_row(partition: int, seq: int, document: Document) -> dict[str, Any]:
    """The row of a document; a key that the store assigns is its owner and its number there."""
    return {
        "partition": partition,
        "kind": document.kind,
        **name_key(document.key or f"{document.owner}/{seq}"),
        "owner": document.owner,
        "seq": seq,
        "at": document.at,
        "until": document.until,
        "length": round_length(document),
        "body": orjson.dumps(document.body).decode(),
    }


def name_key(key: str) -> dict[str, str | int]:
    """The columns in which a key is."""
    return {"key": key, "key_length": len(key)}


def read_row(
    kind: str,
    key: str,
    body: str,
    owner: str,
    at: int | None,
    until: int | None,
    length: int | None,
) -> Document:
    """The document of a row."""
    return Document(kind, key, orjson.loads(body), owner, at, until, length == OPEN)


def parse_assigned_key(key: str) -> tuple[str, int]:
    """The owner and the number in an assigned key; 0 for any other key."""
    found = _ASSIGNED.fullmatch(key)
    return (found[1], int(found[2])) if found else ("", 0)


def find_storing_fault(body: Mapping[str, Any]) -> str:
    """Why a body cannot be stored, such as a whole number beyond 64 bits; empty where it can be."""
    try:
        text = orjson.dumps(body)
    except TypeError as error:
        return f"it cannot be stored: {error}"
    if text.count(b"{") + text.count(b"[") > MOST_LEVELS and is_nested_deeper(body, MOST_LEVELS):
        return f"it cannot be stored: it is nested more than {MOST_LEVELS} levels deep"
    return ""
