"""A document, and the keys that the store assigns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_ASSIGNED = re.compile(r"(.*)/([1-9][0-9]{0,18})", re.DOTALL | re.ASCII)


@dataclass(frozen=True, slots=True)
class Document:
    """A thing in the store.

    `body` is the vendor's JSON, or a little more. `owner` is the key of what it belongs to, or
    empty. `at` and `until` are moments in microseconds since the epoch; None: no moment, or an open
    end.
    """

    kind: str
    key: str
    body: dict[str, Any]
    owner: str = ""
    at: int | None = None
    until: int | None = None


def format_assigned_key(owner: str, seq: int) -> str:
    """The key of a document without one of its own: its owner and its number there."""
    return f"{owner}/{seq}"


def parse_assigned_key(key: str) -> tuple[str, int]:
    """The owner and the number in an assigned key; 0 for any other key."""
    found = _ASSIGNED.fullmatch(key)
    return (found[1], int(found[2])) if found else ("", 0)


def find_storing_fault(body: Mapping[str, Any]) -> str:
    """Why a body cannot be stored, such as a whole number beyond 64 bits; empty where it can be."""
    try:
        orjson.dumps(body)
    except TypeError as error:
        return f"it cannot be stored: {error}"
    return ""
