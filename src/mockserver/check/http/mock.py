"""The control API of a mock: worlds for sequences of requests, and their clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache

import httpx

from mockserver.check.http.connection import Connection, NoResponse, Worker
from mockserver.check.target.target import Target
from mockserver.client import Client
from mockserver.clock import SECOND, from_datetime, machine_now
from mockserver.contract import Outgoing, Request
from mockserver.deployment import Tls
from mockserver.errors import ClientError, UnreachableError


@dataclass(frozen=True)
class World:
    """The world of a sequence of requests: the headers that select it, and its clock."""

    headers: dict[str, str]
    now: Callable[[], int] = machine_now


class Mock:
    """A mock's control API, as far as a run needs it."""

    def __init__(self, client: Client, prefix: str, forwarded: Iterable[str]) -> None:
        """`forwarded` are the APIs to which an upstream responds, and not the mock."""
        self._client = client
        self._prefix = prefix
        self.forwarded = frozenset(forwarded)
        self._made = 0
        self._open: set[str] = set()
        self.shared_world = cache(self._create_world)
        """The one world of a scenario for all sequences that only read; `close` deletes it."""

    def close(self) -> None:
        """Delete the worlds that are left, as after Ctrl-C, and close the connections."""
        for name in self._open:
            try:
                self._client.delete_sandbox(name)
            except UnreachableError:
                break  # each of the others would wait for the timeout too
            except ClientError:
                continue
        self._client.close()

    @contextmanager
    def world(self, scenario: str) -> Iterator[World]:
        """Create a world of a scenario for one sequence of requests, and delete it afterwards."""
        world = self._create_world(scenario)
        name = world.headers["X-Mock-Sandbox"]
        try:
            yield world
        finally:
            self._client.delete_sandbox(name)
            self._open.discard(name)

    def _create_world(self, scenario: str) -> World:
        self._made += 1
        name = f"{self._prefix}{machine_now():x}-{self._made}"
        self._open.add(name)
        clock = self._client.create_sandbox(name, scenario=scenario).clock
        frozen = from_datetime(clock.now) if clock.mode == "frozen" else None
        ahead = round(clock.offset * SECOND)
        now = (lambda: machine_now() + ahead) if frozen is None else (lambda: frozen)
        return World({"X-Mock-Sandbox": name}, now)


def find_mock(target: Target) -> Mock | None:
    """The mock that a target is; None for others, and where the control API is not accessible."""
    health = Outgoing(Request("GET", "/health"), "/health")
    with closing(Connection(replace(target, rate=0, time_limit=0))) as connection:
        try:
            response = connection.send("/__mock__", health)
        except NoResponse:
            return None
    if response.status != 200 or b'"status"' not in response.body[:1_000]:
        return None
    transport = target.transport
    # The client's own certificates are right unless the target names others.
    if target.is_encrypted and target.tls != Tls():
        transport = httpx.HTTPTransport(verify=target.tls.context())
    client = Client(
        target.url,
        token=target.admin_token or None,
        timeout=target.timeout or None,
        transport=transport,
    )
    try:
        with closing(Worker()) as worker:
            limit = target.timeout and 2 * target.timeout
            worker.run_within(limit, client.get_info)
            upstreams = worker.run_within(limit, client.upstreams.list)
    except (ClientError, TimeoutError):
        client.close()
        return None
    return Mock(client, target.sandbox_prefix, (it.api for it in upstreams))
