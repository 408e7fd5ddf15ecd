"""The mutations that a server knows, and those that are on for a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from mockserver.api import Api
from mockserver.errors import UnknownNameError, nearest
from mockserver.kit import load_kit
from mockserver.mutation import Mutation
from mockserver.server.call import Call

__all__ = ["Mutations"]


class Mutations:
    """The mutations of some APIs, by names such as `api.mutation`.

    `everywhere` are those that are on in every sandbox, since the server was started with them.
    """

    def __init__(self, apis: Iterable[Api] = (), everywhere: Iterable[str] = ()) -> None:
        self._apis = tuple(apis)
        self.everywhere = tuple(self.checked(name) for name in everywhere)

    @cached_property
    def _known(self) -> Mapping[str, tuple[Api, Mutation]]:
        # Loaded when a name is asked for: a server without mutations does without the kits.
        return {
            f"{api.name}.{mutation.name}": (api, mutation)
            for api in self._apis
            for mutation in load_kit(api).mutations
        }

    def __iter__(self) -> Iterator[tuple[str, Api, Mutation]]:
        return ((name, api, mutation) for name, (api, mutation) in self._known.items())

    def checked(self, name: str) -> str:
        """The name. Raises UnknownNameError, with the nearest one, where it is none."""
        if name not in self._known:
            raise UnknownNameError(
                f"There is no mutation '{name}'; {nearest(name, list(self._known))}"
            )
        return name

    def get(self, name: str) -> tuple[Api, Mutation]:
        """The mutation of that name and its API. Raises UnknownNameError."""
        return self._known[self.checked(name)]

    def of(self, call: Call, of_world: Iterable[str]) -> list[Mutation]:
        """Those that are on for a call in a world, each once, in the order of the catalogue."""
        names = {*self.everywhere, *of_world}
        if not names:
            return []
        return [
            mutation
            for name, (api, mutation) in self._known.items()
            if name in names and api is call.api and call.operation.id in mutation.operations
        ]
