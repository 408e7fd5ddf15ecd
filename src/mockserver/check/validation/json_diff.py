"""Lists the places in which two JSON values differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.json_pointer import ABSENT, escape


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
