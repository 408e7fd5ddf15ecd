"""Calls the operations of one API of a deployment, in one sequence of requests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.api import Api
from mockserver.check.http.connection import Connection, NoResponse
from mockserver.clock import machine_now
from mockserver.contract import Exchange, place_credential, serialize_request
from mockserver.errors import MockserverError
from mockserver.invariant import Interaction
from mockserver.json_pointer import ABSENT
from mockserver.observation import observe


@dataclass(frozen=True)
class Call:
    """What is sent to an operation.

    `credential` is that of the target where it is empty, and none where it is None. `method` takes
    the place of the operation's own, and `suffix` goes behind its path: that is no operation of the
    contract.
    """

    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    body: Any = ABSENT
    credential: str | None = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str | None = None
    suffix: str = ""


class ExcludedOperation(MockserverError):
    """An operation that the target excludes is called; nothing is sent."""


@dataclass
class HttpCaller:
    """A sequence of requests to one API, each validated with those before it.

    `record` takes each interaction, with those before it, and `report_lost` the error of a request
    without a response where the sequence goes on. What is sent reports by `report` what is wrong
    with an interaction, and by `skip` what was not tested; `count_response` is called for each
    response. `headers` go with each request, such as
    the sandbox of a mock; `clock` is the deployment's own, as far as it is known. A call of one of
    the `excluded` operations raises ExcludedOperation.
    """

    connection: Connection
    api: Api
    credential: str
    record: Callable[[Interaction, Sequence[Interaction]], None]
    report_lost: Callable[[NoResponse], None]
    report: Callable[..., None] = lambda *_, **__: None
    skip: Callable[[str], None] = lambda _: None
    count_response: Callable[[], None] = lambda: None
    headers: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], int] = machine_now
    before: list[Interaction] = field(default_factory=list)
    excluded: Collection[str] = ()

    @property
    def now(self) -> int:
        """The deployment's present moment, in microseconds since the epoch."""
        return self.clock()

    def __call__(self, operation: str, /, *, body: Any = ABSENT, **arguments: Any) -> Interaction:
        """Call an operation with the target's credential. Raises NoResponse, TimeLimitReached."""
        return self.send(Call(operation, arguments, body))

    def call_unauthenticated(
        self, operation: str, /, *, body: Any = ABSENT, **arguments: Any
    ) -> Interaction:
        """Call an operation without a credential. Raises NoResponse, TimeLimitReached."""
        return self.send(Call(operation, arguments, body, credential=None))

    def send(self, call: Call) -> Interaction:
        """Send a call, and record its interaction. Raises NoResponse and TimeLimitReached.

        What is no operation of the contract is validated as a refusal by the one that is called.
        """
        operation = self.api.contract.operation(call.operation)
        exchange = self.send_unrecorded(call)
        path_values = {
            spec.name: str(call.arguments[spec.name])
            for spec in operation.parameters
            if spec.location == "path"
        }
        match, is_admitted = (operation, path_values), call.credential == ""
        interaction = observe(self.api, exchange, match, moment=self.now, is_admitted=is_admitted)
        self.add(interaction)
        return interaction

    def add(self, interaction: Interaction) -> None:
        """Record an interaction of this sequence."""
        self.record(interaction, tuple(self.before))
        self.before.append(interaction)

    def send_any(self, call: Call) -> Interaction | None:
        """Send a call whose interaction does not matter to those after it."""
        try:
            return self.send(call)
        except NoResponse as error:
            self.report_lost(error)
            return None

    def send_unrecorded(self, call: Call) -> Exchange:
        """Send a call that no operation describes, and record nothing."""
        if call.operation in self.excluded:
            raise ExcludedOperation(f"it needs {call.operation}, which is excluded")
        operation = self.api.contract.operation(call.operation)
        credential = self.credential if call.credential == "" else call.credential
        headers, query = dict[str, str](), dict[str, str]()
        if credential is not None:
            headers, query = place_credential(self.api.contract, operation, credential)
        headers |= {"Accept": operation.accept, **operation.headers, **self.headers, **call.headers}
        changed = replace(
            operation, method=call.method or operation.method, path=operation.path + call.suffix
        )
        outgoing = serialize_request(changed, {**query, **call.arguments}, call.body, headers)
        response = self.connection.send(self.api.contract.base, outgoing)
        self.count_response()
        return Exchange(outgoing.request, response)
