"""Texts that a regular expression matches, as far as its parts are understood.

Lookarounds and back references are not: who needs a text for them has to try several, and to
validate them.
"""

from __future__ import annotations

import re
import string
import sys
from functools import cache
from itertools import chain, islice
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # untyped
from typing import Any

from mockserver.factory import Chance

_READABLE = "x" + string.digits + string.ascii_letters + "-_./:@ "
_LONGEST = 1_000_000
"""No text is longer."""

_LETTERS = 200
"""So many of the letters that a part allows are known."""


def make_matching_text(pattern: str, chance: Chance | None = None, most: int = 8) -> str:
    """A text for a pattern; without a chance the first one, which is short.

    A part that may be repeated comes up to `most` times more often than it has to. Raises
    ValueError for a pattern that Python does not read, or whose texts are too long.
    """
    try:
        tokens = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from None
    return _make(tokens, chance, most)


def _make(tokens: Any, chance: Chance | None, most: int) -> str:
    return "".join(_make_part(token, chance, most) for token in tokens)


def _make_part(token: tuple[Any, Any], chance: Chance | None, most: int) -> str:
    name, value = token
    if name is _constants.LITERAL:
        return chr(value)
    if name in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        least, greatest, inner = int(value[0]), int(value[1]), value[2]
        count = max(least, min(1, greatest))
        if chance:
            count = chance.randint(least, min(greatest, max(least, 1) + most))
        parts, size = [], 0
        for _ in range(count):
            parts.append(_make(inner, chance, most))
            size += len(parts[-1]) + 1
            if size > _LONGEST:
                raise ValueError("its texts are too long")
        return "".join(parts)
    if name is _constants.SUBPATTERN:
        return _make(value[-1], chance, most)
    if name is _constants.ATOMIC_GROUP:
        return _make(value, chance, most)
    if name is _constants.BRANCH:
        return _make(chance.choice(value[1]) if chance else value[1][0], chance, most)
    if name in (_constants.IN, _constants.ANY, _constants.NOT_LITERAL):
        letters = _list_letters(name, tuple(value) if isinstance(value, list) else value)
        return chance.choice(letters) if chance else letters[0]
    return ""  # an anchor


@cache
def _list_letters(name: Any, value: Any) -> str:
    """The first letters that a part of one letter matches, those that are easily read first."""
    token = (name, list(value) if isinstance(value, tuple) else value)
    one_of = _compiler.compile(_parser.SubPattern(_parser.State(), [token]))
    readable = "".join(filter(one_of.match, _READABLE))
    if readable:
        return readable
    letters = chain(string.printable, map(chr, range(sys.maxunicode)))
    return "".join(islice(filter(one_of.match, letters), _LETTERS))
