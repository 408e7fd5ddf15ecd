"""The mutations of a server, and those that are on in a world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from starlette.types import Scope

from mockserver.api import Api
from mockserver.contract import Request, Response, Unmatched
from mockserver.errors import MockserverError, look_up
from mockserver.kit import load_kit
from mockserver.mutation import Mutation, apply_mutations
from mockserver.server.middleware.sandbox import get_sandbox_name
from mockserver.server.store_calls import ReadRecord


class Mutations:
    """The mutations of some APIs, by names such as `api.operation.operator:place`.

    `everywhere` are those that the server was started with: they are on in every sandbox. The
    catalogue is loaded when it is needed for the first time, because most servers never need it.
    """

    def __init__(self, apis: Iterable[Api] = (), everywhere: Iterable[str] = ()) -> None:
        self._apis = tuple(apis)
        self.everywhere = tuple(everywhere)
        for name in self.everywhere:
            self.get(name)

    @cached_property
    def _known(self) -> Mapping[str, tuple[Api, Mutation]]:
        return {
            f"{api.name}.{mutation.name}": (api, mutation)
            for api in self._apis
            for mutation in load_kit(api).mutations
        }

    def __iter__(self) -> Iterator[tuple[str, Api, Mutation]]:
        return ((name, api, mutation) for name, (api, mutation) in self._known.items())

    def get(self, name: str) -> tuple[Api, Mutation]:
        """The mutation of that name and its API. Raises UnknownNameError with the nearest name."""
        return look_up(self._known, name, "There is no mutation")

    def find(self, api: Api, operations: Iterable[str], of_world: Iterable[str]) -> list[Mutation]:
        """The mutations of operations that are on in a world, in the order of the catalogue."""
        names = {*self.everywhere, *of_world}
        if not names:
            return []
        wanted = {*operations}
        return [
            mutation
            for name, (owner, mutation) in self._known.items()
            if name in names and owner is api and wanted & {*mutation.operations}
        ]


async def mutate_refusal(
    read_record: ReadRecord, mutations: Mutations, api: Api, scope: Scope, response: Response
) -> Response:
    """Apply the mutations of a path to a refusal outside operations, such as a 405 or 413.

    Where the path does not have the method, those of all its operations are applied.
    """
    try:
        sandbox = await read_record(get_sandbox_name(scope))
    except MockserverError:  # the sandbox's name is malformed, or the store is busy
        sandbox = None
    of_world = sandbox.mutations if sandbox else ()
    if not of_world and not mutations.everywhere:
        return response
    path = scope["path"][len(api.contract.base) :]
    active = mutations.find(api, _list_operations(api, scope["method"], path), of_world)

    async def send(_: Request, __: bool) -> Response:
        return response

    return await apply_mutations(active, send)(Request(scope["method"], path), False)


def _list_operations(api: Api, method: str, path: str) -> list[str]:
    found = api.contract.match(method, path)
    if not isinstance(found, Unmatched):
        return [found[0].id]
    others = (api.contract.match(other, path) for other in found.methods)
    return [other[0].id for other in others if not isinstance(other, Unmatched)]


async def keep_refusal(_: Api, __: Scope, refusal: Response) -> Response:
    """The refusal as it is: what is forwarded is not mutated."""
    return refusal
