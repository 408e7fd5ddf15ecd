"""String formats beyond JSON Schema's own, each with its check.

A vendor declares its formats in its own package; the validator and the generators of the tests use
the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from mockserver.errors import SettingError

INTEGER_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""OpenAPI's integer formats with the least and the greatest value of each."""


@dataclass(frozen=True)
class Format:
    """A named string format: a text conforms when the pattern matches it whole and `read` reads it.

    `read` turns a matching text into a value and raises ValueError or SettingError when it has
    none, as the 31st of February; without it the pattern says everything. `examples` conform,
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
        except (SettingError, ValueError):
            return False
        return True
