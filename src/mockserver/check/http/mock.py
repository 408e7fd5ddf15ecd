"""What the kit can do with a target that is a mock: worlds of its own, and the world's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace

import httpx

from mockserver.check.http.connection import Connection, NoAnswer
from mockserver.check.http.request import Outgoing
from mockserver.check.http.timeout import within
from mockserver.check.target.target import Target
from mockserver.check.target.tls import Tls
from mockserver.client import Client
from mockserver.clock import SECOND, from_datetime, machine_now
from mockserver.contract import Request
from mockserver.errors import ClientError

__all__ = ["Mock", "World", "find_mock"]

_PREFIX = "/__mock__"


@dataclass(frozen=True)
class World:
    """Where a thread of requests happens: the headers that lead there, and its clock."""

    headers: dict[str, str]
    now: Callable[[], int] = machine_now


class Mock:
    """A mock's control API, as far as a run needs it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._made = 0
        self._open: set[str] = set()

    def close(self) -> None:
        """Delete worlds that are left, as after Ctrl-C, and let go of the connections."""
        for name in self._open:
            with suppress(ClientError):
                self._client.delete_sandbox(name)
        self._client.close()

    @contextmanager
    def world(self, scenario: str) -> Iterator[World]:
        """A world of a scenario, made for one thread of requests and deleted after it."""
        self._made += 1
        name = f"check-{machine_now():x}-{self._made}"
        self._open.add(name)
        shown, frozen = self._client.create_sandbox(name, scenario=scenario).clock, None
        if shown.mode == "frozen":
            frozen = from_datetime(shown.now)
        ahead = round(shown.offset * SECOND)
        now = (lambda: machine_now() + ahead) if frozen is None else (lambda: frozen)
        try:
            yield World({"X-Mock-Sandbox": name}, now)
        finally:
            self._client.delete_sandbox(name)
            self._open.discard(name)


def find_mock(target: Target) -> Mock | None:
    """The mock that a target is; None where it is another deployment, or keeps its door shut."""
    # What a client trusts by itself is right but where the target says otherwise.
    trusting = target.is_encrypted and target.tls != Tls()
    transport = target.transport
    if trusting:
        transport = httpx.HTTPTransport(verify=target.tls.context())
    if not _has_door(target):
        return None
    client = Client(target.url, timeout=target.timeout or None, transport=transport)
    try:
        within(target.timeout and 2 * target.timeout, client.get_info)
    except (ClientError, TimeoutError):
        client.close()
        return None
    return Mock(client)


def _has_door(target: Target) -> bool:
    """Whether something answers as a mock says that it is well: in time, and in a few bytes."""
    health = Outgoing(Request("GET", "/health"), "/health")
    with closing(Connection(replace(target, rate=0, time_limit=0))) as connection:
        try:
            answer = connection.send(_PREFIX, health)
        except NoAnswer:
            return False
    return answer.status == 200 and b'"status"' in answer.body[:1_000]
