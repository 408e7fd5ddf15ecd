"""Text that somebody else wrote, made fit to be printed: nothing in it moves a terminal."""

from __future__ import annotations

import json
from typing import Any
from unicodedata import bidirectional, category

__all__ = ["compact", "indented", "isolated", "shown"]

_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
# What would turn the direction of all that follows it, beyond the text that it stands in.
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ISOLATE, _END = "\u2068", "\u2069"


def shown(text: str) -> str:
    """The text in one line; a character that is none to be seen is written as an escape."""
    return "".join(
        char.encode("unicode_escape").decode()
        if category(char) in _UNPRINTABLE or char in _TURNING
        else char
        for char in text
    )


def isolated(text: str) -> str:
    """The text so that its direction, if it runs from the right, is its own affair."""
    runs_from_right = any(bidirectional(char) in ("R", "AL") for char in text)
    return f"{_ISOLATE}{text}{_END}" if runs_from_right else text


def indented(value: Any) -> str:
    """A value as JSON to be read, by a person and a program."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def compact(value: Any) -> str:
    """A value as JSON in one line."""
    return shown(json.dumps(value, ensure_ascii=False))
