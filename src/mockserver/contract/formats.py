"""String formats beyond JSON Schema's own: how each is checked, on both sides of an exchange.

A vendor brings its formats in its own folder; the judge, the tests' generators and the documents
all read the same table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

__all__ = ["INTEGER_RANGES", "Format"]


INTEGER_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""OpenAPI's integer formats with the least and the greatest value of each."""


@dataclass(frozen=True)
class Format:
    """A named string format: a text conforms when the pattern fits all of it, and it can be read.

    `read` turns a fitting text into a value and raises ValueError when it names none, as the 31st
    of February does; without it the pattern says everything. `examples` conform,
    `counterexamples` do not, although they look alike.
    """

    name: str
    pattern: str
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]
    read: Callable[[str], object] = str

    @cached_property
    def _fits(self) -> Callable[[str], object]:
        return re.compile(self.pattern).fullmatch

    def check(self, text: str) -> bool:
        """Whether a text conforms."""
        if not self._fits(text):
            return False
        try:
            self.read(text)
        except ValueError:
            return False
        return True
