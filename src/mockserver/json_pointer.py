"""JSON Pointers (RFC 6901): escape and split their tokens, follow one, list differing places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any


class Absent:
    """The type of ABSENT."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()
"""The value of a place, a parameter or a body that is not there, which is not the same as null."""

_INDEX = re.compile(r"0|[1-9][0-9]*")


def escape(token: str | int) -> str:
    """A reference token in the spelling of a pointer."""
    return str(token).replace("~", "~0").replace("/", "~1")


def split_pointer(pointer: str) -> list[str]:
    """The reference tokens of a pointer, a leading `#` left out.

    Raises ValueError when the text is no pointer.
    """
    start, *rest = pointer.removeprefix("#").split("/")
    if start:
        raise ValueError(f"'{pointer}' is no JSON Pointer; it must begin with '/'")
    return [token.replace("~1", "/").replace("~0", "~") for token in rest]


def walk(node: Any) -> Iterator[Any]:
    """A value, and every value below it."""
    yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from walk(child)


def step(node: Any, token: str) -> Any:
    """The value below a node. Raises LookupError, TypeError or ValueError when there is none."""
    if not isinstance(node, list):
        return node[token]
    if not _INDEX.fullmatch(token):
        raise ValueError(f"'{token}' is no index; it is written in digits without a leading zero")
    return node[int(token)]


def list_differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """The places, as JSON Pointers, in which two values differ; lists of other lengths as a whole.

    What is absent is not null, and true is not 1.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys([*one, *other]):
            values = one.get(name, ABSENT), other.get(name, ABSENT)
            yield from list_differences(*values, f"{place}/{escape(name)}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from list_differences(left, right, f"{place}/{n}")
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield place
