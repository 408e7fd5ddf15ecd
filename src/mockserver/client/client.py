"""The client of a server's control API, for one sandbox."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from copy import copy
from dataclasses import replace as replace_fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

import httpx

from mockserver.client.checks import Checks
from mockserver.client.connection import Connection, Content, check_url, encode_json
from mockserver.client.http import Http, Transport
from mockserver.client.journal import Journal
from mockserver.client.responses import (
    Api,
    ApiRequests,
    Diff,
    Event,
    Info,
    KnownId,
    Mutation,
    Sandbox,
    Scenario,
    ScenarioSource,
    Snapshot,
    TriggeredEvent,
)
from mockserver.client.world import Clock, Faults, Moment, State, Upstreams
from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import ClientError, ProblemError, UnexpectedResponseError, UnreachableError

_PAUSE_SECONDS = 0.05
_BODY = "body"
"""The file name that the server gives to a scenario in a request body."""


class Client:
    """The control API of a server, for one of its sandboxes; `default` if none is named.

    A server with HTTPS has to have a certificate that is trusted: by the certificates in `ca_file`,
    else in the file that the variable SSL_CERT_FILE names, else by the usual authorities.

    Every method raises a ClientError: UnreachableError if no server responds, ProblemError if the
    server refuses, UnexpectedResponseError if the response is not one of a mock server.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:4010",
        *,
        sandbox: str | None = None,
        token: str | None = None,
        timeout: float | None = 30.0,
        ca_file: Path | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        url = check_url(url)
        bearer = None if token is None else f"Bearer {token}".encode("utf-8", "surrogatepass")
        headers = {b"Authorization": bearer} if bearer else {}
        http = Http(transport or Transport(ca_file), headers)
        self._connection = Connection(http, url, sandbox, timeout)
        self._owns_connection = True

    @property
    def url(self) -> str:
        """The server's URL, without a slash at the end."""
        return self._connection.url

    @property
    def sandbox(self) -> str | None:
        """The name of the sandbox, if one was given."""
        return self._connection.sandbox

    def with_sandbox(self, sandbox: str | None) -> Client:
        """A client of another sandbox, which is closed when this client is."""
        other = copy(self)
        other._connection = replace_fields(self._connection, sandbox=sandbox)
        other._owns_connection = False
        return other

    def close(self) -> None:
        """Close the client; each request has had a connection of its own."""
        if self._owns_connection:
            self._connection.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The server

    def get_info(self) -> Info:
        """Get the server's version, APIs and limits."""
        return self._connection.call(Info, "GET", "info")

    def list_apis(self) -> tuple[Api, ...]:
        """List the APIs that the server serves."""
        return self._connection.call(tuple[Api, ...], "GET", "apis")

    def wait_until_ready(self, timeout: float = 10.0) -> None:
        """Wait until the server is ready; after `timeout` seconds raise the last error."""
        deadline = read_monotonic() + round(timeout * SECOND)
        while True:
            left = max((deadline - read_monotonic()) / SECOND, _PAUSE_SECONDS)
            limit = min(left, self._connection.timeout or left)
            try:
                replace_fields(self._connection, timeout=limit).send("GET", "ready")
                return
            except (UnreachableError, ProblemError, UnexpectedResponseError):
                if read_monotonic() >= deadline:
                    raise
            threading.Event().wait(_PAUSE_SECONDS)  # sleeps

    # Sandboxes

    def list_sandboxes(self) -> tuple[Sandbox, ...]:
        """List the sandboxes by name."""
        return self._connection.call(tuple[Sandbox, ...], "GET", "sandboxes", member="sandboxes")

    def create_sandbox(
        self,
        name: str,
        *,
        scenario: str | None = None,
        seed: int | None = None,
        clock: Mapping[str, Any] | None = None,
    ) -> Sandbox:
        """Create a sandbox from a scenario; `clock` has `freeze`, or `shift` and `rate`."""
        given = {"name": name, "scenario": scenario, "seed": seed, "clock": clock}
        body = {member: value for member, value in given.items() if value is not None}
        return self._connection.call(Sandbox, "POST", "sandboxes", body=body)

    def get_sandbox(self, name: str) -> Sandbox:
        """Get a sandbox."""
        return self._connection.call(Sandbox, "GET", "sandboxes", name)

    def delete_sandbox(self, name: str) -> None:
        """Delete a sandbox and its snapshots."""
        self._connection.send("DELETE", "sandboxes", name)

    def reset(self) -> Sandbox:
        """Reset the sandbox to its scenario."""
        return self._connection.call(Sandbox, "POST", "reset")

    def get_validation(self) -> str:
        """How the sandbox treats a request that breaks the contract: `strict`, `warn` or `off`."""
        return self._connection.call(str, "GET", "validation", member="validation")

    def set_validation(self, mode: Literal["strict", "warn", "off"]) -> str:
        """Refuse a request that breaks the contract, serve it with a warning, or serve it."""
        body = {"validation": mode}
        return self._connection.call(str, "PUT", "validation", body=body, member="validation")

    @property
    def journal(self) -> Journal:
        """The sandbox's journal."""
        return Journal(self._connection)

    @property
    def checks(self) -> Checks:
        """The checks that the server runs."""
        return Checks(self._connection)

    @property
    def clock(self) -> Clock:
        """The sandbox's clock."""
        return Clock(self._connection)

    @property
    def state(self) -> State:
        """The sandbox's documents."""
        return State(self._connection)

    @property
    def upstreams(self) -> Upstreams:
        """The sandbox's upstreams."""
        return Upstreams(self._connection)

    @property
    def faults(self) -> Faults:
        """The sandbox's faults."""
        return Faults(self._connection)

    # Scenarios

    def load(
        self,
        scenario: str | Mapping[str, Any] | Path | bytes,
        *,
        mode: Literal["replace", "add"] = "replace",
        seed: int | None = None,
        freeze_at: Moment | None = None,
        dry_run: bool = False,
    ) -> Sandbox:
        """Load a scenario into the sandbox: replace its documents, or add to them.

        The scenario is a name that the server knows, a mapping, a YAML file, or YAML. `freeze_at`
        freezes the clock instead of what the scenario says. If it has faults, nothing is loaded,
        and ProblemError lists them all. A `dry_run` looks for faults and loads nothing.
        """
        content = _encode_scenario(scenario)
        moment = freeze_at.isoformat() if isinstance(freeze_at, datetime) else freeze_at
        query = {"mode": mode, "seed": seed, "freeze_at": moment}
        if dry_run:
            query["dry_run"] = "true"
        try:
            return self._connection.call(Sandbox, "POST", "load", query=query, body=content)
        except ProblemError as error:
            if isinstance(scenario, Path):
                raise _name_file(error, str(scenario)) from None
            raise

    def list_scenarios(self) -> tuple[Scenario, ...]:
        """List the scenarios that the server knows."""
        return self._connection.call(tuple[Scenario, ...], "GET", "scenarios", member="scenarios")

    def get_scenario(self, name: str) -> ScenarioSource:
        """Get a scenario with its YAML."""
        return self._connection.call(ScenarioSource, "GET", "scenarios", name)

    def get_scenario_schema(self) -> Mapping[str, Any]:
        """Get the JSON Schema (draft 4) of scenarios, with the APIs that the server has."""
        return self._connection.call(dict[str, Any], "GET", "schema")

    # Snapshots

    def list_snapshots(self) -> tuple[Snapshot, ...]:
        """List the sandbox's snapshots, the oldest first."""
        return self._connection.call(tuple[Snapshot, ...], "GET", "snapshots", member="snapshots")

    def take_snapshot(self, name: str, *, replace: bool = False) -> Snapshot:
        """Take a snapshot of the sandbox; `replace` allows to replace one of the same name."""
        body = {"name": name, "replace": replace}
        return self._connection.call(Snapshot, "POST", "snapshots", body=body)

    def get_snapshot(self, name: str) -> Snapshot:
        """Get a snapshot."""
        return self._connection.call(Snapshot, "GET", "snapshots", name)

    def restore(self, name: str) -> Sandbox:
        """Restore the sandbox from a snapshot."""
        return self._connection.call(Sandbox, "POST", "snapshots", name, "restore")

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot."""
        self._connection.send("DELETE", "snapshots", name)

    def download_snapshot(self, name: str) -> bytes:
        """Download a snapshot: JSON with one document a line."""
        return self._connection.send("GET", "snapshots", name, "file").content

    def upload_snapshot(self, name: str, content: bytes) -> Snapshot:
        """Upload a downloaded snapshot; it replaces one of the same name."""
        body = Content(content, "application/json")
        return self._connection.call(Snapshot, "PUT", "snapshots", name, "file", body=body)

    def diff(self, from_: str | None = None, to: str | None = None, *, limit: int = 100) -> Diff:
        """Compare a snapshot, or the scenario, with another snapshot, or the present state.

        At most `limit` changed documents are listed; all are counted.
        """
        query = {"from": from_, "to": to, "limit": limit}
        return self._connection.call(Diff, "GET", "diff", query=query)

    def list_ids(
        self, api: str | None = None, kind: str | None = None, *, limit: int = 3
    ) -> tuple[KnownId, ...]:
        """List ids and what each is good for, so many of each use."""
        query = {"api": api, "kind": kind, "limit": limit}
        return self._connection.call(tuple[KnownId, ...], "GET", "ids", member="ids", query=query)

    def list_requests(self, api: str | None = None) -> tuple[ApiRequests, ...]:
        """List a request of each operation, with a credential that the sandbox accepts."""
        return self._connection.call(
            tuple[ApiRequests, ...], "GET", "requests", member="apis", query={"api": api}
        )

    # Events

    def list_events(self) -> tuple[Event, ...]:
        """List the events that can be triggered, and their options."""
        return self._connection.call(tuple[Event, ...], "GET", "events", member="events")

    def trigger(self, name: str, /, *, at: Moment | None = None, **options: Any) -> TriggeredEvent:
        """Trigger an event, at a moment or at the present one."""
        return self.trigger_with(name, options, at=at)

    def trigger_with(
        self, name: str, options: Mapping[str, Any], at: Moment | None = None
    ) -> TriggeredEvent:
        """Trigger an event that may have an option called `at`."""
        body = {"with": options} if at is None else {"with": options, "at": at}
        return self._connection.call(TriggeredEvent, "POST", "events", name, body=body)

    # Mutations

    def list_mutations(
        self,
        *,
        api: str | None = None,
        operation: str | None = None,
        operator: str | None = None,
        active: bool | None = None,
    ) -> tuple[Mutation, ...]:
        """List the mutations, and which are on in the sandbox; each argument is a filter."""
        is_on = None if active is None else str(active).lower()
        query = {"api": api, "operation": operation, "operator": operator, "active": is_on}
        return self._connection.call(
            tuple[Mutation, ...], "GET", "mutations", member="mutations", query=query
        )

    def turn_mutation_on(self, name: str) -> Mutation:
        """Turn a mutation on in the sandbox."""
        return self._connection.call(Mutation, "PUT", "mutations", name)

    def turn_mutation_off(self, name: str) -> Mutation:
        """Turn a mutation off in the sandbox."""
        return self._connection.call(Mutation, "DELETE", "mutations", name)

    def turn_mutations_off(self) -> None:
        """Turn off all mutations that were turned on in the sandbox."""
        self._connection.send("DELETE", "mutations")


def _encode_scenario(scenario: str | Mapping[str, Any] | Path | bytes) -> Content:
    """The request body of a scenario. Raises ClientError for a file that cannot be read."""
    if isinstance(scenario, str | Mapping):
        return encode_json({"scenario": scenario})
    if isinstance(scenario, bytes):
        return Content(scenario, "application/yaml")
    try:
        return Content(scenario.read_bytes(), "application/yaml")
    except OSError as error:
        raise ClientError(f"'{scenario}' cannot be read: {error.strerror}.") from None


def _name_file(error: ProblemError, file: str) -> ProblemError:
    """The error with the name of the scenario's file, for which the server only knows `body`."""
    detail, faults = error.detail, []
    for fault in error.errors:
        named = replace_fields(fault, file=file) if fault.file == _BODY else fault
        detail = detail.replace(str(fault), str(named))
        faults.append(named)
    return ProblemError(error.status, error.title, detail, faults)
