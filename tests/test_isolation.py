"""Fifty sandboxes and sixteen clients that write: each ends as its own operations say."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

SANDBOXES, CLIENTS, OPERATIONS = 50, 16, 60
LOG = "/v1/customer/sessions/1/log"
LEVER = "/__mock__/levers/calwe.enter"


@dataclass
class Expected:
    """What one sandbox must have: the actions after the two of the document, and its snapshot's."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    actions: list[str] = field(default_factory=list)
    kept: list[str] | None = None


@pytest.fixture
def frozen(start: Callable[..., httpx.Client]) -> str:
    """The URL of a server of the documents' world, whose clock stands still."""
    return str(start(scenario="documented").base_url)


@pytest.fixture
def clients(frozen: str) -> Iterator[list[httpx.Client]]:
    with ExitStack() as stack:
        headers = {"Authorization": "Bearer t"}
        yield [
            stack.enter_context(httpx.Client(base_url=frozen, headers=headers, timeout=60))
            for _ in range(CLIENTS)
        ]


def _write(ask: Callable[..., httpx.Response], expected: Expected, chance: random.Random) -> None:
    action = chance.choice(["ENTERED", "LEFT", "TEMPORARILY_LEFT", "CANCEL_REQUEST"])
    answer = ask("POST", LOG, json={"action_type": action})
    assert answer.json()["data"]["action_type"] == action
    expected.actions.append(action)


def _pull(ask: Callable[..., httpx.Response], expected: Expected, _: random.Random) -> None:
    ask("POST", LEVER, json={"with": {"session": "1"}})
    expected.actions.append("ENTERED")


def _reset(ask: Callable[..., httpx.Response], expected: Expected, _: random.Random) -> None:
    ask("POST", "/__mock__/reset")
    expected.actions = []


def _take(ask: Callable[..., httpx.Response], expected: Expected, _: random.Random) -> None:
    ask("POST", "/__mock__/snapshots", json={"name": "kept", "replace": True})
    expected.kept = [*expected.actions]


def _restore(ask: Callable[..., httpx.Response], expected: Expected, _: random.Random) -> None:
    if expected.kept is not None:
        ask("POST", "/__mock__/snapshots/kept/restore")
        expected.actions = [*expected.kept]


def _read(ask: Callable[..., httpx.Response], expected: Expected, _: random.Random) -> None:
    answer = ask("GET", f"{LOG}?per_page=1000").json()["data"]
    # The document's own two entries come first: they are of 2:30 PM and 2:35 PM of the day before.
    assert [entry["action_type"] for entry in answer["data"]][2:] == expected.actions
    assert answer["total"] == 2 + len(expected.actions)


ACTS = [_write] * 5 + [_pull] * 2 + [_reset, _take, _restore] + [_read] * 3


def test_every_sandbox_has_what_was_done_in_it_and_nothing_else(
    clients: list[httpx.Client],
) -> None:
    expected = [Expected() for _ in range(SANDBOXES)]
    raised: list[BaseException] = []

    def act(number: int, client: httpx.Client) -> None:
        chance = random.Random(number)
        try:
            for _ in range(OPERATIONS):
                n = chance.randrange(SANDBOXES)
                with expected[n].lock:  # one at a time in one sandbox, so that we know the order
                    chance.choice(ACTS)(_asking(client, n), expected[n], chance)
        except BaseException as error:
            raised.append(error)

    threads = [
        threading.Thread(target=act, args=(number, client)) for number, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    for n, one in enumerate(expected):
        _read(_asking(clients[0], n), one, random.Random(0))
    untouched = clients[0].get(LOG, headers={"X-Mock-Sandbox": "nobody"}).json()["data"]
    assert untouched["total"] == 2


def _asking(client: httpx.Client, n: int) -> Callable[..., httpx.Response]:
    def ask(method: str, path: str, **more: Any) -> httpx.Response:
        answer = client.request(method, path, headers={"X-Mock-Sandbox": f"box-{n}"}, **more)
        assert answer.status_code in (200, 201), answer.text
        assert answer.headers["x-mock-sandbox"] == f"box-{n}"
        return answer

    return ask


def test_clients_that_write_to_one_sandbox_at_once_lose_nothing(
    clients: list[httpx.Client],
) -> None:
    barrier = threading.Barrier(CLIENTS)
    raised: list[BaseException] = []

    def act(client: httpx.Client) -> None:
        try:
            barrier.wait()
            for _ in range(20):
                answer = client.post(LOG, json={"action_type": "ENTERED"})
                assert answer.status_code == 200
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=act, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    page = clients[0].get(f"{LOG}?per_page=1000").json()["data"]
    assert (page["total"], len(page["data"])) == (322, 322)
