"""The same seed, scenario, frozen clock and requests give the same bytes, on any server."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Spawn = Callable[..., Any]

MOMENT = "2025-08-21T14:30:00Z"
SERVE = ("--freeze-at", MOMENT, "--seed", "20250821")
BEARER = {"Authorization": "Bearer t", "access-token": "t", "Host": "mock.test"}
ENTER, LEAVE, END = ({"action_type": word} for word in ("ENTERED", "LEFT", "ENDED"))
LOG = "/v1/customer/sessions/{}/log"

# Requests that belong together keep their order; those of different lists have nothing to do with
# each other: another API, another session, or only reading what nobody writes to.
THREADS: list[list[tuple[str, str, Any]]] = [
    [("POST", LOG.format(3), ENTER), ("POST", LOG.format(3), END), ("POST", LOG.format(3), LEAVE)],
    [("POST", LOG.format(8), LEAVE), ("GET", LOG.format(8), None)],
    [("GET", LOG.format(4) + "?page=2&per_page=7", None)],
    [("GET", LOG.format(6), None), ("GET", LOG.format("none"), None)],
    [("GET", "/api/v1/cap/change_logs.json?per_page=100", None)],
    [("GET", "/api/v1/cap/change_logs.json?end_time=1755700000", None)],
    [("GET", "/ekranapi/sessions?start=2025-08-01&end=2025-08-20", None)],
    [("GET", "/ekranapi/sessions", None), ("GET", "/ekranapi/sessions?start=x", None)],
    [
        (
            "GET",
            "/api/sessionLogs/list?team_id=1000&agent_id=68a6d35049a09719b70539b4"
            "&start_date=01-08-2025&end_date=21-08-2025",
            None,
        )
    ],
    [("GET", "/v1/nothing", None), ("DELETE", LOG.format(3), None)],
]
Answers = dict[str, list[tuple[int, bytes, str]]]


def _ask(base: str, order: list[int]) -> Answers:
    """The answers of each thread, whose requests are sent as the order says."""
    threads = {n: iter(thread) for n, thread in enumerate(THREADS)}
    found: Answers = {}
    for n in order:
        method, path, body = next(threads[n])
        # A connection of its own for each, so that any of several workers may take it.
        answer = httpx.request(method, base + path, headers=BEARER, json=body)
        stamp = answer.headers["x-mock-seed"]
        found.setdefault(str(n), []).append((answer.status_code, answer.content, stamp))
    return found


def _orders() -> list[list[int]]:
    """In turn, backwards, and shuffled thrice."""
    plain = [n for n, thread in enumerate(THREADS) for _ in thread]
    shuffled = [random.Random(seed).sample(plain, len(plain)) for seed in (1, 2, 3)]
    return [plain, plain[::-1], *shuffled]


def test_the_same_requests_get_the_same_bytes_from_any_server_in_any_order_of_unrelated_ones(
    spawn: Spawn,
) -> None:
    one, other = spawn(*SERVE), spawn(*SERVE, "--workers", "2")
    expected: Answers | None = None
    for number, order in enumerate(_orders()):
        for server in (one, other):
            base = f"{server.client.base_url}/__sandbox__/order-{number}"
            answers = _ask(base, order)
            # The sandbox's own name is in the links of its answers, and nothing else of it.
            plain = {
                thread: [
                    (status, body.replace(f"order-{number}".encode(), b"order"), seed)
                    for status, body, seed in got
                ]
                for thread, got in answers.items()
            }
            expected = expected or plain
            assert plain == expected
    assert expected is not None
    statuses = [status for got in expected.values() for status, _, _ in got]
    assert sorted(set(statuses)) == [200, 400, 404, 405, 422]
    assert {seed for got in expected.values() for _, _, seed in got} == {"20250821"}


@pytest.mark.parametrize("way", ["load", "create", "reset", "restore"])
def test_a_world_is_the_same_by_whichever_way_it_came(spawn: Spawn, way: str) -> None:
    client = spawn(*SERVE).client
    order = _orders()[0]
    first = _ask(f"{client.base_url}/__sandbox__/same", order)
    inside = {"X-Mock-Sandbox": "same"}
    control = "/__mock__"
    if way == "create":
        client.delete(f"{control}/sandboxes/same").raise_for_status()
        client.post(f"{control}/sandboxes", json={"name": "same"}).raise_for_status()
    elif way == "reset":
        client.post(f"{control}/reset", headers=inside).raise_for_status()
    elif way == "restore":
        client.post(f"{control}/reset", headers=inside)
        client.post(f"{control}/snapshots", headers=inside, json={"name": "a"}).raise_for_status()
        _ask(f"{client.base_url}/__sandbox__/same", order)
        client.post(f"{control}/snapshots/a/restore", headers=inside).raise_for_status()
    else:
        setting = {"name": "fresh", "scenario": "default", "seed": 20250821}
        clock = {"freeze": MOMENT}
        client.post(f"{control}/sandboxes", json={**setting, "clock": clock}).raise_for_status()
        second = _ask(f"{client.base_url}/__sandbox__/fresh", order)
        assert {
            thread: [(status, body.replace(b"fresh", b"same"), seed) for status, body, seed in got]
            for thread, got in second.items()
        } == first
        return
    assert _ask(f"{client.base_url}/__sandbox__/same", order) == first
