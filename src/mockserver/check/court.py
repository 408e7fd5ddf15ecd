"""Holds exchanges against the laws of their API, and remembers which laws had anything to judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mockserver.api import Api
from mockserver.law import Law, Seen

__all__ = ["Court"]


class Court:
    """The laws of one API; `met` counts the exchanges that each had something to say of."""

    def __init__(self, api: Api) -> None:
        self._laws = api.laws
        self.met: Counter[str] = Counter({law.name: 0 for law in api.laws})

    def breaches(self, seen: Seen, before: Sequence[Seen]) -> Iterator[tuple[Law, str]]:
        """Every breach of a law by an exchange, with the sentence that says what is wrong."""
        for law in self._laws:
            if seen.operation.id not in law.operations:
                continue
            judgement = law.judge(seen, before)
            if judgement is None:
                continue
            self.met[law.name] += 1
            for sentence in judgement:
                yield law, sentence
