"""Evaluates the invariants of an API, and counts how often each of them applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from mockserver.invariant import Interaction, Invariant


class InvariantEvaluator:
    """Evaluates invariants; `met` counts the interactions that each of them applied to."""

    def __init__(self, invariants: Iterable[Invariant]) -> None:
        self._invariants = tuple(invariants)
        self.met: Counter[str] = Counter({invariant.name: 0 for invariant in self._invariants})

    def evaluate(
        self, interaction: Interaction, before: Sequence[Interaction]
    ) -> Iterator[tuple[Invariant, str]]:
        """Each invariant that an interaction violates, with the sentence that says how."""
        for invariant in self._invariants:
            if interaction.operation.id not in invariant.operations:
                continue
            judgement = invariant.evaluate(interaction, before)
            if judgement is None:
                continue
            self.met[invariant.name] += 1
            for sentence in judgement:
                yield invariant, sentence
