"""The context of a check: one API of one target, and everything that its phases need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mockserver.api import Api
from mockserver.check.http.caller import HttpCaller
from mockserver.check.http.connection import Connection, NoResponse
from mockserver.check.http.mock import Mock, World
from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.contract import SAFE_METHODS, Operation, Unmatched

_MOST_LOST = 3
"""Requests without a response, one after the other, after which a phase ends."""


@dataclass
class CheckContext:
    """One API of one target.

    `mock` is the target's control API, where it is a mock. `ids` are the ids that the target
    names; in a mock, those of its worlds. With `may_write` unsafe methods may be sent. With
    `is_quick`, fewer requests are generated.
    """

    target: Target
    api: Api
    connection: Connection
    results: Results
    ids: Mapping[str, str]
    may_write: bool
    mock: Mock | None = None
    seed: int = 0
    is_quick: bool = False

    @property
    def credential(self) -> str:
        """The credential that is meant to be accepted."""
        return self.target.credentials.get(self.api.name, "mockserver-check")

    def allows(self, operation: Operation) -> bool:
        """Whether an operation may be called."""
        return self.may_write or operation.method in SAFE_METHODS

    @property
    def expected(self) -> list[Operation]:
        """The operations that may be called."""
        return [operation for operation in self.api.contract.operations if self.allows(operation)]

    @contextmanager
    def sequence(
        self, world: str = "default", *, is_read_only: bool = False
    ) -> Iterator[HttpCaller]:
        """A sequence of requests; in a mock, in a world of its own, which takes a few milliseconds.

        Sequences that only read share a world. A request without a response ends the sequence, and
        is a finding. Raises NoResponse after a few in a row.
        """
        with self.world(world, is_read_only=is_read_only) as place:
            try:
                yield HttpCaller(
                    connection=self.connection,
                    api=self.api,
                    credential=self.credential,
                    record=self.results.record,
                    report_lost=self._report_lost,
                    headers={**self.target.headers, **place.headers},
                    clock=place.now,
                )
            except NoResponse as error:
                self._report_lost(error)

    def _report_lost(self, error: NoResponse) -> None:
        """Report a request without a response; raises it again after some in a row."""
        request, operation = error.request, None
        if request is not None:
            match = self.api.contract.match(request.method, request.path)
            operation = None if isinstance(match, Unmatched) else match[0]
        self.results.report_missing_response(str(error), operation, request)
        if self.connection.lost >= _MOST_LOST:
            raise error

    @contextmanager
    def world(self, scenario: str, *, is_read_only: bool = False) -> Iterator[World]:
        """Where requests happen: a world of a mock, or the deployment as it is."""
        if self.mock is None:
            yield World({})
        elif is_read_only:
            yield self.mock.shared_world(scenario)
        else:
            with self.mock.world(scenario) as world:
                yield world

    def can_run(self, name: str, needs: Iterable[str] = (), *, writes: bool) -> bool:
        """Whether the target has some ids and allows writes; else the results say it is skipped."""
        missing = [required for required in needs if required not in self.ids]
        if missing:
            self.results.skip(f"{name}: no id for {', '.join(missing)}")
        elif writes and not self.may_write:
            self.results.skip(f"{name}: it writes")
        else:
            return True
        return False
