"""One of two deployments, which is asked nothing that the other may not be asked too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.comparison.interactions import Notebook
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import HttpCaller
from mockserver.check.http.connection import Connection
from mockserver.check.http.mock import Mock, find_mock
from mockserver.check.target.target import Target

__all__ = ["Deployment", "Side", "connected", "sides"]


@dataclass(frozen=True)
class Deployment:
    """A target that can be asked; `mock` is its control API, where it is a mock."""

    target: Target
    connection: Connection
    mock: Mock | None

    @property
    def may_write(self) -> bool:
        """Whether it may be sent unsafe methods."""
        return self.mock is not None or self.target.allow_writes

    def known(self, api: str) -> Mapping[str, str]:
        """The ids of an API that it is known to have."""
        of_mock = read_cases(api).of_mock if self.mock else {}
        return {**of_mock, **self.target.known.get(api, {})}


@dataclass
class Side(CheckContext):
    """A context of one of two deployments; `is_writing` says whether both may be written to."""

    results: Notebook
    is_writing: bool = False

    @property
    def may_write(self) -> bool:
        """Whether unsafe methods may be sent: only where the other one may be sent them too."""
        return self.is_writing

    @contextmanager
    def thread(self, world: str = "default") -> Iterator[HttpCaller]:
        """A thread of requests, which the notebook keeps together."""
        self.results.begin_thread()
        with super().thread(world) as ask:
            yield ask


@contextmanager
def connected(target: Target) -> Iterator[Deployment]:
    """A target's deployment, for as long as it is asked."""
    mock = find_mock(target)
    try:
        with closing(Connection(target)) as connection:
            yield Deployment(target, connection, mock)
    finally:
        if mock:
            mock.close()


def sides(
    a: Deployment, b: Deployment, api: Api, *, seed: int = 0, is_quick: bool = False
) -> tuple[Side, Side]:
    """Both sides of an API: an id is used where both know one of that name, each its own."""
    ids = a.known(api.name), b.known(api.name)
    one, other = (
        Side(
            target=deployment.target,
            api=api,
            connection=deployment.connection,
            results=Notebook(api),
            known={name: value for name, value in own.items() if all(name in one for one in ids)},
            mock=deployment.mock,
            seed=seed,
            is_quick=is_quick,
            is_writing=a.may_write and b.may_write,
        )
        for deployment, own in zip((a, b), ids, strict=True)
    )
    return one, other
