"""The same seed, scenario, clock and requests give the same bytes.

On every server, with every number of workers, and in every order of independent requests.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest

from mockserver.factory import Factory
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

SEED = 7
NOON = "2025-08-21T12:00:00Z"
AGENTS = [Factory(SEED).hex("autozod.agent", n, 24) for n in (3, 6, 9)]
HEADERS = {"Authorization": "Bearer t", "access-token": "t", "Host": "localhost"}

Request = tuple[str, str, Any]
Response = tuple[int, dict[str, str], bytes]
"""Status, headers without the date and the URL that explains this one exchange, body."""
Recorded = tuple[httpx.Client, list[list[Response]]]
"""A client of a server, and the responses of that server to each sequence of requests."""


def event(trigger: str, moment: str, **options: Any) -> Request:
    body = {"with": options, "at": f"2025-08-21T{moment}:00Z"}
    return "POST", f"/__mock__/events/{trigger}", body


def get(path: str) -> Request:
    return "GET", path, None


def session(id: int) -> list[Request]:
    """Entries of a session of Calwe, and reads between them, until the session has ended."""
    log = f"/v1/customer/sessions/{id}/log"
    return [
        get(f"{log}?per_page=1000"),
        ("POST", log, {"action_type": "ENTERED"}),
        event("calwe.leave", "11:40", session=str(id), temporarily=True),
        get(f"{log}?per_page=3&page=2"),
        ("POST", f"/v1/coach/sessions/{id}/log", {"action_type": "ENDED"}),
        ("POST", log, {"action_type": "LEFT"}),
        ("POST", log, {"action_type": "NOTHING"}),
        get(f"{log}?per_page=1000"),
        get(f"/__mock__/state/calwe/entry?owner={id}&per_page=1000"),
    ]


def duty(n: int) -> list[Request]:
    """An agent of Autozod's goes on duty and off it."""
    days = "start_date=01-08-2025&end_date=21-08-2025"
    path = f"/api/sessionLogs/list?team_id=1001&agent_id={AGENTS[n]}&{days}"
    return [
        get(path),
        event("autozod.go_on_duty", "09:00", agent=AGENTS[n]),
        get(path),
        event("autozod.go_off_duty", "10:30", agent=AGENTS[n]),
        event("autozod.go_off_duty", "10:31", agent=AGENTS[n]),
        get(f"{path}&type=off_duty"),
    ]


CONSOLE = [
    get("/api/v1/cap/change_logs.json?per_page=100"),
    event("avaamo.set_agent_status", "08:00", agent=739, status="busy"),
    event("avaamo.change_team", "08:10", action="create", name="Night", by=739),
    get("/api/v1/cap/change_logs.json?per_page=10&page=2"),
    event("avaamo.change_team", "08:20", action="update", name="Night", by=739, new_name="Day"),
    event("avaamo.change_team", "08:30", action="destroy", name="Night", by=739),
    get("/api/v1/cap/change_logs.json?end_time=1755763200"),
    get("/api/v1/cap/change_logs.json?actions=create,destroy&per_page=100"),
]
MONITORING = [
    get("/ekranapi/sessions"),
    event("ekran.log_in", "07:00", user=5),
    event("ekran.log_in", "07:30", user=6, client="abc"),
    get("/ekranapi/sessions?start=2025-08-20&end=2025-08-22"),
    get("/__mock__/state/ekran/session?per_page=1000"),
]
READING = [
    get("/v1/customer/sessions/46/log"),
    get("/v1/customer/sessions/999/log"),
    get("/v1/nope"),
    get("/nope"),
    get("/__mock__/events"),
    get("/__mock__/scenarios/default"),
    get("/__mock__/state/avaamo/resource"),
    ("DELETE", "/__mock__/clock", None),
    ("PUT", "/__mock__/state/calwe/session/x", {"id": "y"}),
]
SEQUENCES = [*map(session, (3, 6, 7, 8)), *map(duty, range(3)), CONSOLE, MONITORING, READING]


def as_written(sequences: Sequence[Sequence[Request]], _: int) -> Iterator[int]:
    """One sequence after another."""
    for n, sequence in enumerate(sequences):
        yield from [n] * len(sequence)


def shuffled(sequences: Sequence[Sequence[Request]], seed: int) -> Iterator[int]:
    """All sequences at the same time, in a random order of requests; each keeps its own order."""
    order = list(as_written(sequences, seed))
    random.Random(seed).shuffle(order)
    yield from order


def send(client: httpx.Client, request: Request, **headers: str) -> Response:
    method, path, body = request
    response = client.request(method, path, headers={**HEADERS, **headers}, json=body)
    kept = {
        name: value
        for name, value in response.headers.items()
        if name not in ("date", "x-mock-why")
    }
    return response.status_code, kept, response.content


def run(
    client: Callable[[], httpx.Client],
    order: Callable[[Sequence[Sequence[Request]], int], Iterator[int]] = as_written,
    seed: int = 0,
) -> list[list[Response]]:
    """The responses to each sequence, then the final world as a snapshot file and as a diff."""
    responses: list[list[Response]] = [[] for _ in SEQUENCES]
    for n in order(SEQUENCES, seed):
        with client() as connection:
            responses[n].append(send(connection, SEQUENCES[n][len(responses[n])]))
    with client() as connection:
        connection.post("/__mock__/snapshots", json={"name": "end", "replace": True})
        responses.append([send(connection, get("/__mock__/snapshots/end/file"))])
        responses.append([send(connection, get("/__mock__/diff?limit=10000"))])
    return responses


def clients(of: httpx.Client) -> Callable[[], httpx.Client]:
    """Makes clients of the same server, each with its own connection."""
    return lambda: httpx.Client(base_url=of.base_url, verify=False, timeout=60)


def reuse(client: httpx.Client) -> Callable[[], Any]:
    """Returns the same client, with the same connection, each time."""

    class Reused:
        def __enter__(self) -> httpx.Client:
            return client

        def __exit__(self, *_: object) -> None:
            pass

    return Reused


pytestmark = pytest.mark.usefixtures("only_vendors")


@pytest.fixture(scope="module")
def first() -> Iterator[Recorded]:
    """A server with a seed and a frozen clock, and its responses when it was fresh."""
    with (
        run_in_thread(Settings(port=0, seed=SEED, freeze_at=1_755_777_600_000_000)) as url,
        httpx.Client(base_url=url, verify=False, timeout=60) as client,
    ):
        yield client, run(reuse(client))


@pytest.fixture
def recorded(first: Recorded) -> Recorded:
    """The same server after a reset, and its responses when it was fresh."""
    first[0].post("/__mock__/reset")
    return first


def test_the_sequences_have_successes_refusals_and_changes(recorded: Recorded) -> None:
    _, responses = recorded
    statuses = [[status for status, _, _ in sequence] for sequence in responses]

    assert statuses[:4] == [[200, 200, 200, 200, 200, 422, 422, 200, 200]] * 4
    assert statuses[4:7] == [[200, 200, 200, 200, 422, 200]] * 3
    assert statuses[7] == [200, 200, 200, 200, 200, 422, 200, 200]
    assert statuses[8] == [200] * 5
    assert statuses[9] == [200, 404, 404, 404, 200, 200, 200, 405, 422]
    assert {headers["x-mock-seed"] for sequence in responses for _, headers, _ in sequence} == {"7"}
    summaries = [json.loads(sequence[2][2])["data"]["summary"] for sequence in responses[4:7]]
    assert all(summary["total_active_duration_seconds"] > 10_800 for summary in summaries)
    [(_, _, diff)] = responses[-1]
    assert b'"added":25,"removed":0,"changed":5,' in diff


def test_another_server_gives_the_same_bytes(
    recorded: Recorded, start: Callable[..., httpx.Client]
) -> None:
    other = start(seed=SEED, freeze_at=1_755_777_600_000_000)
    other.timeout = httpx.Timeout(60)

    assert run(reuse(other)) == recorded[1]


def test_another_order_gives_the_same_bytes(recorded: Recorded) -> None:
    client, responses = recorded

    assert run(reuse(client), shuffled, seed=1) == responses


def test_earlier_requests_make_no_difference_after_a_restore(recorded: Recorded) -> None:
    """Neither do other sandboxes, other scenarios and other seeds."""
    client, responses = recorded
    client.post("/__mock__/snapshots", json={"name": "start", "replace": True})
    for name, scenario, seed in (("a", "default", 8), ("b", "documented", 7), ("c", "default", 7)):
        headers = {"X-Mock-Sandbox": name}
        client.post(f"/__mock__/load?seed={seed}", headers=headers, json={"scenario": scenario})
        for request in SEQUENCES[0]:
            send(client, request, **headers)
    client.post("/__mock__/load", json={"scenario": "calwe-ended"})
    client.post("/__mock__/clock/freeze", json={"at": "1999-01-01"})
    client.post("/__mock__/events/ekran.log_in", json={"with": {"user": 1}})
    client.post("/__mock__/snapshots/start/restore")

    assert run(reuse(client)) == responses


def test_a_snapshot_restored_on_another_server_gives_the_same_bytes(
    recorded: Recorded, start: Callable[..., httpx.Client]
) -> None:
    client, responses = recorded
    client.post("/__mock__/snapshots", json={"name": "start", "replace": True})
    file = client.get("/__mock__/snapshots/start/file").content

    other = start(scenario="ekran-empty")
    other.timeout = httpx.Timeout(60)
    json_ = {"Content-Type": "application/json"}
    other.put("/__mock__/snapshots/start/file", headers=json_, content=file)
    assert other.post("/__mock__/snapshots/start/restore").status_code == 200
    assert run(reuse(other))[:-1] == responses[:-1]


def test_another_seed_gives_other_bytes(recorded: Recorded) -> None:
    client, responses = recorded
    body = {"name": "other", "seed": 8, "clock": {"freeze": NOON}}
    assert client.post("/__mock__/sandboxes", json=body).status_code == 201

    for sequence, number in ((3, 0), (7, 0), (8, 0)):
        status, headers, content = send(
            client, SEQUENCES[sequence][number], **{"X-Mock-Sandbox": "other"}
        )
        assert (status, headers["x-mock-seed"]) == (200, "8")
        assert content != responses[sequence][number][2]


def test_other_processes_give_the_same_bytes(recorded: Recorded, spawn: Callable[..., Any]) -> None:
    server = spawn("--seed", str(SEED), "--freeze-at", NOON, "--workers", "2")

    # Each request has its own connection, so that both workers get some, in another order.
    assert run(clients(server.client), shuffled, seed=2) == recorded[1]
