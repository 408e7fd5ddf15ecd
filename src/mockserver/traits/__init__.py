"""Traits: what a contract declares beyond its schemas, and what follows from it."""

from collections.abc import Iterator

from mockserver.invariant import Invariant
from mockserver.traits import (
    creation,
    derivation,
    labels,
    pagination,
    ranges,
    responses,
    rows,
    totals,
)
from mockserver.traits.boundaries import derive_boundaries
from mockserver.traits.declarations import ApiTraits, Traits
from mockserver.traits.loader import load_traits
from mockserver.traits.mutations import derive_trait_mutations
from mockserver.traits.workflows import derive_workflows

__all__ = [
    "RULES",
    "ApiTraits",
    "Traits",
    "derive_boundaries",
    "derive_invariants",
    "derive_trait_mutations",
    "derive_workflows",
    "load_traits",
]

RULES = tuple(
    rule
    for module in (responses, pagination, rows, labels, ranges, totals, creation)
    for rule in vars(module).values()
    if isinstance(rule, derivation.TraitRule)
)
"""Every rule, in the order in which invariants are listed."""


def derive_invariants(traits: ApiTraits) -> Iterator[Invariant]:
    """The invariants that follow from the traits of an API."""
    return derivation.derive_invariants(traits, RULES)
