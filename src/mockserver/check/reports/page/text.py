"""Text of somebody else's, made fit for a page: its direction its own, nothing in it unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["FROM_RIGHT", "HIDDEN", "PLAIN", "Run", "cut", "runs"]

PLAIN, FROM_RIGHT, HIDDEN = "", "from-right", "hidden"

_RIGHT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
# Words from the right with what stands between them; a quote or a bracket ends them.
_WORDS = f"{_RIGHT}+(?:[ \\d.,:;/%!?\u2013-]*{_RIGHT}+)*"
# Controls, what would turn the direction of all that follows it, and half characters.
_UNSEEN = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
_PARTS = re.compile(f"({_WORDS})|({_UNSEEN})")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a text, which is `PLAIN`, `FROM_RIGHT`, or `HIDDEN`: that one is its escape."""

    kind: str
    text: str


def runs(text: str, *, is_code: bool = False) -> Iterator[Run]:
    """A text in parts, each of one kind.

    Prose without a word from the left is left whole: all of it runs from the right. Code has its
    order from the left, whatever stands in it.
    """
    right = FROM_RIGHT if is_code or _LATIN.search(text) else PLAIN
    end = 0
    for found in _PARTS.finditer(text):
        if found.start() > end:
            yield Run(PLAIN, text[end : found.start()])
        words, unseen = found.groups()
        yield Run(right, words) if words else Run(HIDDEN, f"\\u{ord(unseen):04x}")
        end = found.end()
    if end < len(text):
        yield Run(PLAIN, text[end:])


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, with a word on how long it was where it was longer."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"
