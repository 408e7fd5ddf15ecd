"""Invariants derived from traits: a rule is a function, for each operation that declares the trait.

A rule reads what it is about from an evaluation, and yields what is wrong. Its docstring is the
sentence of the invariant; its evidence is the trait's, unless the trait gives the rule another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from mockserver.errors import ContractError, suggest_nearest
from mockserver.invariant import Interaction, Invariant, describe_function
from mockserver.traits.declarations import ApiTraits, Rule, Trait, Traits
from mockserver.traits.listing import Evaluation


@dataclass(frozen=True)
class TraitRule:
    """A rule of a trait.

    `reads` parses an evaluation into what the rule is about, None where there is nothing or where
    `where` does not hold of it. `needs` names what the trait must declare for the rule to say
    anything. An optional rule holds only where the trait names it among its `rules`. `of` is the
    field of the trait that names the operation whose responses are validated, where it is not the
    one that declares the trait.
    """

    name: str
    sentence: str
    trait: type[Trait]
    reads: Callable[[Evaluation], Any]
    where: Callable[[Any], Any]
    find_violations: Callable[[Any], Iterable[str]]
    needs: tuple[str, ...]
    is_optional: bool
    of: str
    applies: Callable[[Traits], bool]

    def holds(self, traits: Traits, trait: Trait) -> bool:
        """Whether the rule is derived from a trait of an operation."""
        if type(trait) is not self.trait or not self.applies(traits):
            return False
        is_named = not self.is_optional or self.name in trait.rules
        return is_named and all(getattr(trait, name) for name in self.needs)


def rule(
    trait: type[Trait],
    *needs: str,
    reads: Callable[[Evaluation], Any] = lambda evaluation: evaluation.listing,
    where: Callable[[Any], Any] = lambda _: True,
    is_optional: bool = False,
    of: str = "",
    applies: Callable[[Traits], bool] = lambda _: True,
) -> Callable[[Callable[[Any], Iterable[str]]], TraitRule]:
    """Make a rule of a function; its first line is the sentence, its name the rule's name.

    It reads the list of the response unless another reader is given.
    """

    def decorate(function: Callable[[Any], Iterable[str]]) -> TraitRule:
        about = (*describe_function(function), trait, reads, where)
        return TraitRule(*about, function, needs, is_optional, of, applies)

    return decorate


def derive_invariants(traits: ApiTraits, rules: Sequence[TraitRule]) -> Iterator[Invariant]:
    """The invariants of an API by some rules. Raises ContractError for a rule that is not known."""
    _refuse_unknown_rules(traits, rules)
    for rule in rules:
        operations: dict[Rule, list[str]] = {}
        for id, own in traits.operations.items():
            for trait in own.all:
                if rule.holds(own, trait):
                    founded = trait.rules.get(rule.name, Rule(trait.evidence, trait.note))
                    listed = getattr(trait, rule.of) if rule.of else id
                    operations.setdefault(founded, []).append(listed)
        for number, (founded, ids) in enumerate(operations.items()):
            # Operations that are not equally founded have invariants of their own.
            name = rule.name if number == 0 else f"{rule.name}-of-{ids[0]}"

            def read(
                now: Interaction, before: Sequence[Interaction], rule: TraitRule = rule
            ) -> Any:
                value = rule.reads(Evaluation(traits, now, before))
                return value if value is not None and rule.where(value) else None

            yield Invariant(
                name,
                rule.sentence,
                founded.evidence,
                tuple(ids),
                read,
                rule.find_violations,
                founded.note,
            )


def _refuse_unknown_rules(traits: ApiTraits, rules: Sequence[TraitRule]) -> None:
    for trait in chain.from_iterable(own.all for own in traits.operations.values()):
        known = [rule.name for rule in rules if rule.trait is type(trait)]
        for name in trait.rules:
            if name not in known:
                reason = f"no rule '{name}' is derived; {suggest_nearest(name, known)}"
                raise ContractError(f"the trait at {trait.pointer}/rules: {reason}")
