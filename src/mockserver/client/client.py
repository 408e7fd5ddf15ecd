"""The client: a world on a running server, in hand."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

import httpx

from mockserver.client import loading
from mockserver.client.changes import Diff
from mockserver.client.clock import Clock, Moment
from mockserver.client.request import Content, as_json
from mockserver.client.responses import (
    Api,
    Event,
    Info,
    Mutation,
    Sandbox,
    Scenario,
    ScenarioSource,
    Snapshot,
    TriggeredEvent,
)
from mockserver.client.state import State
from mockserver.client.transport import connect
from mockserver.clock import SECOND, machine_now
from mockserver.errors import (
    ProblemError,
    UnexpectedAnswerError,
    UnreachableError,
)

__all__ = ["Client"]

_PAUSE_SECONDS = 0.05


class Client:
    """A server's control API, in one of its sandboxes; `default` where none is named.

    Every method raises UnreachableError when nobody answers, ProblemError when the server
    refuses, and UnexpectedAnswerError when it is no mock server: all of them ClientError.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:4010",
        *,
        sandbox: str | None = None,
        token: str | None = None,
        timeout: float | None = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._connection = connect(
            url, sandbox=sandbox, token=token, timeout=timeout, transport=transport
        )
        self._is_guest = False

    @property
    def url(self) -> str:
        """Where the server is, without a slash at the end."""
        return self._connection.url

    @property
    def sandbox(self) -> str | None:
        """The sandbox that was named, if one was."""
        return self._connection.sandbox

    def within(self, sandbox: str | None) -> Client:
        """A client of another sandbox over the same connections, closed by this one alone."""
        other = copy(self)
        other._connection = replace(self._connection, sandbox=sandbox)
        other._is_guest = True
        return other

    def close(self) -> None:
        """Let go of the connections."""
        if not self._is_guest:
            self._connection.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The server

    def info(self) -> Info:
        """What the server is, and its limits."""
        return self._connection.ask(Info, "GET", "info")

    def apis(self) -> tuple[Api, ...]:
        """The APIs that it serves."""
        return self._connection.ask(tuple[Api, ...], "GET", "apis")

    def wait_until_ready(self, timeout: float = 10.0) -> None:
        """Wait until worlds can be read, for so many seconds; then raise what came last."""
        deadline = machine_now() + round(timeout * SECOND)
        while True:
            left = max((deadline - machine_now()) / SECOND, _PAUSE_SECONDS)
            patient = replace(self._connection, timeout=min(left, self._connection.timeout or left))
            try:
                patient.send("GET", "ready")
                return
            except (UnreachableError, ProblemError, UnexpectedAnswerError):
                if machine_now() >= deadline:
                    raise
            threading.Event().wait(_PAUSE_SECONDS)  # sleeps

    # Sandboxes

    def sandboxes(self) -> tuple[Sandbox, ...]:
        """All sandboxes by name."""
        return self._connection.ask_all(Sandbox, "sandboxes", "sandboxes")

    def create_sandbox(
        self,
        name: str,
        *,
        scenario: str | None = None,
        seed: int | None = None,
        clock: Mapping[str, Any] | None = None,
    ) -> Sandbox:
        """Make a sandbox of a scenario; `clock` has `freeze`, or `shift` and `rate`."""
        given = {"name": name, "scenario": scenario, "seed": seed, "clock": clock}
        body = {word: value for word, value in given.items() if value is not None}
        return self._connection.ask(Sandbox, "POST", "sandboxes", content=as_json(body))

    def get_sandbox(self, name: str) -> Sandbox:
        """One sandbox."""
        return self._connection.ask(Sandbox, "GET", "sandboxes", name)

    def delete_sandbox(self, name: str) -> None:
        """Delete a sandbox and its snapshots."""
        self._connection.send("DELETE", "sandboxes", name)

    # The world

    def reset(self) -> Sandbox:
        """Take the sandbox back to the scenario that it was made from."""
        return self._connection.ask(Sandbox, "POST", "reset")

    def load(
        self,
        scenario: str | Mapping[str, Any] | Path | bytes,
        *,
        mode: Literal["replace", "add"] = "replace",
        seed: int | None = None,
    ) -> Sandbox:
        """Load a scenario in the world's place, or add it to the world.

        It is the name of one that the server knows, a whole one, a YAML file of this machine, or
        YAML. ProblemError has everything wrong with it, and then nothing is loaded.
        """
        content = loading.content(scenario)
        query = {"mode": mode, "seed": seed}
        try:
            return self._connection.ask(Sandbox, "POST", "load", query=query, content=content)
        except ProblemError as error:
            raise loading.placed(error, scenario) from None

    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios that the server knows."""
        return self._connection.ask_all(Scenario, "scenarios", "scenarios")

    def scenario(self, name: str) -> ScenarioSource:
        """A scenario in full."""
        return self._connection.ask(ScenarioSource, "GET", "scenarios", name)

    @property
    def clock(self) -> Clock:
        """The world's clock."""
        return Clock(self._connection)

    @property
    def state(self) -> State:
        """The world's documents."""
        return State(self._connection)

    # Snapshots

    def snapshots(self) -> tuple[Snapshot, ...]:
        """The sandbox's snapshots, the oldest first."""
        return self._connection.ask_all(Snapshot, "snapshots", "snapshots")

    def take_snapshot(self, name: str, *, replace: bool = False) -> Snapshot:
        """Put the world aside; with `replace` in the place of a snapshot of that name."""
        content = as_json({"name": name, "replace": replace})
        return self._connection.ask(Snapshot, "POST", "snapshots", content=content)

    def snapshot(self, name: str) -> Snapshot:
        """What a snapshot is."""
        return self._connection.ask(Snapshot, "GET", "snapshots", name)

    def restore(self, name: str) -> Sandbox:
        """Take the world back to a snapshot."""
        return self._connection.ask(Sandbox, "POST", "snapshots", name, "restore")

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot."""
        self._connection.send("DELETE", "snapshots", name)

    def download_snapshot(self, name: str) -> bytes:
        """A snapshot as a file: JSON, a document a line."""
        return self._connection.send("GET", "snapshots", name, "file").content

    def upload_snapshot(self, name: str, content: bytes) -> Snapshot:
        """A file as a snapshot, in the place of one of that name."""
        body = Content(content, "application/json")
        return self._connection.ask(Snapshot, "PUT", "snapshots", name, "file", content=body)

    def diff(self, from_: str | None = None, to: str | None = None, *, limit: int = 100) -> Diff:
        """What differs from a snapshot, or the scenario, to a snapshot, or now.

        All is counted, and so many documents are shown.
        """
        query = {"from": from_, "to": to, "limit": limit}
        return self._connection.ask(Diff, "GET", "diff", query=query)

    # Events

    def events(self) -> tuple[Event, ...]:
        """The events, and what each can be told."""
        return self._connection.ask_all(Event, "events", "events")

    def trigger(self, name: str, /, *, at: Moment | None = None, **options: Any) -> TriggeredEvent:
        """Trigger an event, at a moment or at the present one."""
        return self.trigger_with(name, options, at=at)

    def trigger_with(
        self, name: str, options: Mapping[str, Any], at: Moment | None = None
    ) -> TriggeredEvent:
        """Trigger an event, one of whose options may be called `at`."""
        body = {"with": options} if at is None else {"with": options, "at": at}
        return self._connection.ask(TriggeredEvent, "POST", "events", name, content=as_json(body))

    # Mutations

    def mutations(
        self,
        *,
        api: str | None = None,
        operation: str | None = None,
        operator: str | None = None,
        active: bool | None = None,
    ) -> tuple[Mutation, ...]:
        """The mutations, and which are on in the sandbox; each filter leaves those that it fits."""
        is_on = None if active is None else str(active).lower()
        query = {"api": api, "operation": operation, "operator": operator, "active": is_on}
        return self._connection.ask_all(Mutation, "mutations", "mutations", query=query)

    def turn_mutation_on(self, name: str) -> Mutation:
        """Turn a mutation on in the sandbox."""
        return self._connection.ask(Mutation, "PUT", "mutations", name)

    def turn_mutation_off(self, name: str) -> Mutation:
        """Turn a mutation off in the sandbox."""
        return self._connection.ask(Mutation, "DELETE", "mutations", name)

    def turn_mutations_off(self) -> None:
        """Turn all mutations of the sandbox's own off."""
        self._connection.send("DELETE", "mutations")
