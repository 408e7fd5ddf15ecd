"""The mutations that a server knows, and those that are on for a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from starlette.types import Scope

from mockserver.api import Api
from mockserver.contract import Headers, Request, Response, Unmatched
from mockserver.errors import MockserverError, UnknownNameError, suggest_nearest
from mockserver.kit import load_kit
from mockserver.mutation import Mutation, apply_mutations
from mockserver.sandbox import Sandboxes
from mockserver.server.naming import get_sandbox_name
from mockserver.server.problems import HttpResponse, get_path

__all__ = ["Mutations", "mutate_refusal"]


class Mutations:
    """The mutations of some APIs, by names such as `api.operation.operator:place`.

    `everywhere` are those that are on in every sandbox, since the server was started with them.
    They are loaded when the first of them is needed: most servers never break a contract.
    """

    def __init__(self, apis: Iterable[Api] = (), everywhere: Iterable[str] = ()) -> None:
        self._apis = tuple(apis)
        self.everywhere = tuple(self.check(name) for name in everywhere)

    @cached_property
    def _known(self) -> Mapping[str, tuple[Api, Mutation]]:
        return {
            f"{api.name}.{mutation.name}": (api, mutation)
            for api in self._apis
            for mutation in load_kit(api).mutations
        }

    def __iter__(self) -> Iterator[tuple[str, Api, Mutation]]:
        return ((name, api, mutation) for name, (api, mutation) in self._known.items())

    def check(self, name: str) -> str:
        """The name. Raises UnknownNameError, with the nearest one, where it is unknown."""
        if name not in self._known:
            raise UnknownNameError(
                f"There is no mutation '{name}'; {suggest_nearest(name, list(self._known))}"
            )
        return name

    def get(self, name: str) -> tuple[Api, Mutation]:
        """The mutation of that name and its API. Raises UnknownNameError."""
        return self._known[self.check(name)]

    def find(self, api: Api, operations: Iterable[str], of_world: Iterable[str]) -> list[Mutation]:
        """Those that are on in a world for some operations of an API, in the order of the catalogue."""
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
    sandboxes: Sandboxes, mutations: Mutations, api: Api, scope: Scope, answer: HttpResponse
) -> HttpResponse:
    """Change a refusal that no operation gave, such as a 405 or 413, as its path's operations do.

    Of a method that the path does not have, all operations of the path are meant.
    """
    try:
        of_world = sandboxes.mutations(get_sandbox_name(scope))
    except MockserverError:  # the sandbox has no name that can be, or the store is busy
        of_world = ()
    if not of_world and not mutations.everywhere:
        return answer
    path = get_path(scope)[len(api.contract.base) :]
    on = mutations.find(api, _operations(api, scope["method"], path), of_world)

    async def send(_: Request, __: bool) -> Response:
        return Response(answer.status, Headers(answer.headers.items()), answer.body)

    request = Request(scope["method"], path)
    response = await apply_mutations(on, send)(request, False)
    return HttpResponse(response.status, dict(response.headers.fields), response.body)


def _operations(api: Api, method: str, path: str) -> list[str]:
    found = api.contract.match(method, path)
    if not isinstance(found, Unmatched):
        return [found[0].id]
    others = (api.contract.match(other, path) for other in found.methods)
    return [other[0].id for other in others if not isinstance(other, Unmatched)]
