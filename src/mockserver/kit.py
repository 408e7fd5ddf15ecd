"""The kit of an API: what the contract kit knows of it, and a server does not need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from msgspec import Struct, field

from mockserver.api import Api
from mockserver.invariant import Invariant, Workflow
from mockserver.mutation import Mutation, derive_mutations
from mockserver.traits import (
    derive_boundaries,
    derive_invariants,
    derive_trait_mutations,
    derive_workflows,
)

T = TypeVar("T")

_KITS: WeakKeyDictionary[Api, Kit] = WeakKeyDictionary()


class Kit(Struct, frozen=True):
    """The invariants of an API, the workflows that exercise them, and mutations that break them.

    `boundaries` are arguments, by operation, that the traits know to be edges.
    """

    invariants: tuple[Invariant, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    mutations: tuple[Mutation, ...] = ()
    boundaries: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)


def load_kit(api: Api) -> Kit:
    """The kit of an API: what follows from its traits, and what the vendor's modules define.

    The first call imports those modules.
    """
    if api not in _KITS:
        _KITS[api] = _make_kit(api)
    return _KITS[api]


def _make_kit(api: Api) -> Kit:
    return Kit(
        invariants=(*derive_invariants(api.traits), *_members(api.name, "invariants", Invariant)),
        workflows=(*derive_workflows(api.traits), *_members(api.name, "workflows", Workflow)),
        mutations=(
            *derive_mutations(api.contract, api.formats),
            *derive_trait_mutations(api.traits),
            *_members(api.name, "mutations", Mutation),
        ),
        boundaries=derive_boundaries(api.traits),
    )


def _members(api: str, module: str, kind: type[T]) -> Iterator[T]:
    """The members of that type of a vendor's optional module, in the order of their definition."""
    package = f"mockserver.apis.{api}"
    if not find_spec(package) or not find_spec(name := f"{package}.{module}"):
        return
    for value in vars(import_module(name)).values():
        # A package offers the members of its modules as a tuple.
        members: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
        yield from (member for member in members if isinstance(member, kind))
