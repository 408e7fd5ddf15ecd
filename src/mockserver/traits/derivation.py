"""Invariants derived from traits: a rule is a function, and each operation that declares the trait has it.

A rule reads what it is about from an evaluation, and yields what is wrong. Its docstring is the
sentence of the invariant; its evidence is the trait's, unless the trait names the rule with another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.errors import ContractError, suggest_nearest
from mockserver.invariant import Interaction, Invariant
from mockserver.traits.declarations import ApiTraits, Trait, Traits
from mockserver.traits.listing import Evaluation

__all__ = ["TraitRule", "derive_invariants", "rule"]


@dataclass(frozen=True)
class TraitRule:
    """A rule of a trait.

    `needs` names what the trait must declare for the rule to say anything. An optional rule holds
    only where the trait names it among its `rules`. `of` is the field of the trait that names the
    operation whose responses are validated, where it is not the one that declares the trait.
    """

    name: str
    sentence: str
    trait: type[Trait]
    reads: Callable[[Evaluation], Any]
    judge: Callable[[Any], Iterable[str]]
    needs: tuple[str, ...] = ()
    is_optional: bool = False
    of: str = ""
    applies: Callable[[Traits], bool] = lambda _: True

    def holds(self, traits: Traits) -> bool:
        """Whether the rule is derived from the traits of an operation."""
        trait = traits.get(self.trait)
        if trait is None or not self.applies(traits):
            return False
        is_named = not self.is_optional or self.name in trait.rules
        return is_named and all(getattr(trait, name) for name in self.needs)


def rule(
    trait: type[Trait],
    *needs: str,
    reads: Callable[[Evaluation], Any],
    is_optional: bool = False,
    of: str = "",
    applies: Callable[[Traits], bool] = lambda _: True,
) -> Callable[[Callable[[Any], Iterable[str]]], TraitRule]:
    """Makes a rule of a function; its first line is the sentence, its name the rule's name."""

    def decorate(judge: Callable[[Any], Iterable[str]]) -> TraitRule:
        name = judge.__name__.replace("_", "-")
        sentence = (judge.__doc__ or "").partition("\n")[0]
        return TraitRule(name, sentence, trait, reads, judge, needs, is_optional, of, applies)

    return decorate


def derive_invariants(traits: ApiTraits, rules: Sequence[TraitRule]) -> Iterator[Invariant]:
    """The invariants of an API by some rules. Raises ContractError for a rule that is not known."""
    _refuse_unknown_rules(traits, rules)
    for item in rules:
        operations: dict[tuple[str, str], list[str]] = {}
        for id, own in traits.operations.items():
            trait = own.get(item.trait)
            if trait is None or not item.holds(own):
                continue
            named = trait.rules.get(item.name)
            evidence, note = (named.evidence, named.note) if named else (trait.evidence, trait.note)
            operations.setdefault((evidence, note), []).append(
                getattr(trait, item.of) if item.of else id
            )
        for number, ((evidence, note), ids) in enumerate(operations.items()):
            # Operations that are not equally founded have invariants of their own.
            name = item.name if number == 0 else f"{item.name}-of-{ids[0]}"
            reads = _reader(traits, item.reads)
            yield Invariant(name, item.sentence, evidence, tuple(ids), reads, item.judge, note)


def _reader(
    traits: ApiTraits, reads: Callable[[Evaluation], Any]
) -> Callable[[Interaction, Sequence[Interaction]], Any]:
    return lambda now, before: reads(Evaluation(traits, now, before))


def _refuse_unknown_rules(traits: ApiTraits, rules: Sequence[TraitRule]) -> None:
    for own in traits.operations.values():
        for kind in {item.trait for item in rules}:
            known = [item.name for item in rules if item.trait is kind]
            trait = own.get(kind)
            for name in trait.rules if trait else ():
                if name not in known:
                    reason = f"no rule '{name}' is derived; {suggest_nearest(name, known)}"
                    raise ContractError(f"the trait at {trait.pointer}/rules: {reason}")  # type: ignore[union-attr]
