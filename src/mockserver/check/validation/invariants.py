"""Holds exchanges against the invariants of their API, and remembers which invariants had anything to judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from mockserver.invariant import Interaction, Invariant

__all__ = ["InvariantEvaluator"]


class InvariantEvaluator:
    """Evaluates invariants; `met` counts the exchanges that each had something to say of."""

    def __init__(self, invariants: Iterable[Invariant]) -> None:
        self._invariants = tuple(invariants)
        self.met: Counter[str] = Counter({invariant.name: 0 for invariant in self._invariants})

    def breaches(
        self, seen: Interaction, before: Sequence[Interaction]
    ) -> Iterator[tuple[Invariant, str]]:
        """Every breach of an invariant by an exchange, with the sentence that says what is wrong."""
        for invariant in self._invariants:
            if seen.operation.id not in invariant.operations:
                continue
            judgement = invariant.evaluate(seen, before)
            if judgement is None:
                continue
            self.met[invariant.name] += 1
            for sentence in judgement:
                yield invariant, sentence
