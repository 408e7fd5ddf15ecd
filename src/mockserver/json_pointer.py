"""JSON Pointers (RFC 6901): escape and split their tokens, follow one."""

from __future__ import annotations

import re
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


def step(node: Any, token: str) -> Any:
    """The value below a node. Raises LookupError, TypeError or ValueError when there is none."""
    if not isinstance(node, list):
        return node[token]
    if not _INDEX.fullmatch(token):
        raise ValueError(f"'{token}' is no index; it is written in digits without a leading zero")
    return node[int(token)]
