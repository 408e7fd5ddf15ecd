"""The context of a check: one API of one target, and everything that its phases need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.http.caller import HttpCaller
from mockserver.check.http.connection import Connection, NoResponse
from mockserver.check.http.mock import Mock, World
from mockserver.check.http.workers import Lookahead, WorkerPool
from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.contract import SAFE_METHODS, Operation, Request, Unmatched
from mockserver.redaction import DEFAULT_CREDENTIAL

MOST_LOST = 3
"""Requests without a response, one after the other, after which a phase ends."""


@dataclass
class CheckContext:
    """One API of one target.

    `pool` has the workers. `mock` is the target's control API, where it is a mock. `ids` are the
    ids that the target names; in a mock, those of its worlds. With `may_write` unsafe
    methods may be sent. With `is_quick`, fewer requests are sent.
    """

    target: Target
    api: Api
    connection: Connection
    pool: WorkerPool
    results: Results
    ids: Mapping[str, str]
    may_write: bool
    mock: Mock | None = None
    seed: int = 0
    is_quick: bool = False

    @property
    def credential(self) -> str:
        """The credential that is meant to be accepted."""
        return self.target.credentials.get(self.api.name, DEFAULT_CREDENTIAL)

    def allows(self, operation: Operation) -> bool:
        """Whether an operation may be called."""
        return self.may_write or operation.method in SAFE_METHODS

    @property
    def expected(self) -> list[Operation]:
        """The operations that may be called, and for whose paths the target has ids."""
        return [
            operation
            for operation in self.results.operations
            if self.allows(operation) and self.find_path_arguments(operation) is not None
        ]

    def find_path_arguments(self, operation: Operation) -> Mapping[str, Any] | None:
        """The values in the path of an operation with which it succeeds, by the target's ids.

        None where the target lacks such an id: nothing is sent to ids that it does not name. A mock
        has the ids of the contract's examples.
        """
        names = {spec.name for spec in operation.parameters if spec.location == "path"}
        successes = read_cases(self.api.name).list_successes(operation)
        if self.mock is not None or not names:
            return {}
        for case in successes:
            if self.ids.keys() >= {*case.required_ids}:
                arguments = case.fill(self.ids).get("parameters", {})
                return {name: arguments[name] for name in names if name in arguments}
        return {} if not successes and operation.method in SAFE_METHODS else None

    def with_ids_to_use_up(self) -> CheckContext:
        """The context whose ids are those that generated requests may use up."""
        found = {name: self.ids.get(other) for name, other in self._substitutes.items()}
        ids = {**self.ids, **found}
        return replace(self, ids={name: id for name, id in ids.items() if id is not None})

    def can_use_up(self, name: str, operation: Operation) -> bool:
        """Whether there are ids to which requests that write may do anything; else skips.

        They count as used up. Other phases need the ids that an operation has else, in the next run
        too.
        """
        needed = [
            [self._substitutes.get(id, id) for id in case.required_ids]
            for case in read_cases(self.api.name).list_successes(operation)
        ]
        found = next((ids for ids in needed if self.ids.keys() >= {*ids}), None)
        if needed and found is None:
            self.results.skip(f"{name}: no id that may be used up; give {', '.join(needed[0])}")
            self.results.missing_ids |= {id: "" for id in needed[0] if id not in self.ids}
            return False
        if self.mock is None:
            self.results.used_up |= {id: self.ids[id] for id in found or ()}
        return True

    @property
    def _substitutes(self) -> dict[str, str]:
        """The ids for generated requests, by those that they stand for; a mock needs none."""
        ids = read_cases(self.api.name).ids if self.mock is None else ()
        return {name: it.name for it in ids for name in it.instead_of}

    def can_call(self, name: str, operation: Operation) -> bool:
        """Whether an operation may be called, and the target has an id for its path; else skips."""
        if not self.can_run(name, writes=not self.allows(operation)):
            return False
        if self.find_path_arguments(operation) is None:
            needed = [
                case.required_ids for case in read_cases(self.api.name).list_successes(operation)
            ]
            # Of two cases, one of which needs more, the other one is enough.
            least = [ids for ids in needed if not any({*ids} > {*other} for other in needed)]
            ids = " or ".join(dict.fromkeys(", ".join(ids) for ids in least))
            self.results.skip(f"{name}: no id for its path; give {ids or 'a case with one'}")
            self.results.without_id.add(operation.id)
            self.results.missing_ids |= (
                {name: "" for name in needed[0] if name not in self.ids} if needed else {}
            )
            return False
        return True

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
                yield self.make_caller(place)
            except NoResponse as error:
                self._report_lost(error)

    def make_caller(self, place: World) -> HttpCaller:
        """What sends a sequence of requests to a world."""
        return HttpCaller(
            connection=self.connection,
            api=self.api,
            credential=self.credential,
            record=self.results.record,
            report_lost=self._report_lost,
            report=self.results.report,
            skip=self.results.skip,
            count_response=self.results.count_response,
            headers={**self.target.headers, **place.headers},
            clock=place.now,
            excluded=self.results.excluded,
        )

    @contextmanager
    def read_ahead(self) -> Iterator[Lookahead]:
        """Sequences that only read, of which the pool sends several at a time."""
        with self.pool.open_batch() as batch:
            ahead = Lookahead(batch, self.results.mark_skipped)
            try:
                yield ahead
                ahead.finish()
            except BaseException:
                ahead.rewind()
                raise

    def run_sequence(
        self,
        ahead: Lookahead,
        world: str,
        run: Callable[[HttpCaller], object],
        *,
        writes: bool,
        is_alone: bool = False,
    ) -> None:
        """Run a sequence of requests; one that writes after all before it, and alone.

        One that only reads is in a world that it shares with others, unless it `is_alone` there.
        """
        if writes:
            ahead.finish()
            with self.sequence(world) as caller:
                run(caller)
            return
        with ExitStack() as stack:
            place = stack.enter_context(self.world(world, is_read_only=not is_alone))
            ahead.submit(self.make_caller(place), run, stack.pop_all().close)

    def _report_lost(self, error: NoResponse) -> None:
        request, operation = error.request, None
        if request is not None:
            match = self.api.contract.match(request.method, request.path)
            operation = None if isinstance(match, Unmatched) else match[0]
        self.report_lost(error, operation, request)

    def report_lost(
        self, error: NoResponse, operation: Operation | None, request: Request | None
    ) -> None:
        """Report a request without a response; raises it again after some in a row."""
        self.results.report_missing_response(str(error), operation, request)
        if self.results.lost_in_a_row >= MOST_LOST:
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
        needs = list(needs)
        missing = [required for required in needs if required not in self.ids]
        if missing:
            self.results.skip(f"{name}: no id for {', '.join(missing)}")
            if self.mock is None and (self.may_write or not writes):
                self.results.missing_ids |= dict.fromkeys(missing, "")
        elif writes and not self.may_write:
            self.results.skip(f"{name}: it writes")
        else:
            if writes and self.mock is None:
                spent = read_cases(self.api.name).used_up.intersection(needs)
                self.results.used_up |= {name: self.ids[name] for name in needs if name in spent}
            return True
        return False
