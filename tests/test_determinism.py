"""The same seed, scenario, clock and requests give the same bytes.

Whichever server is asked, in whatever order of requests that have nothing to do with each other,
and however many workers there are.
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
Answer = tuple[int, dict[str, str], bytes]


def event(trigger: str, moment: str, **options: Any) -> Request:
    body = {"with": options, "at": f"2025-08-21T{moment}:00Z"}
    return "POST", f"/__mock__/events/{trigger}", body


def get(path: str) -> Request:
    return "GET", path, None


def session(id: int) -> list[Request]:
    """A session of Calwe's: it is written to, read in between, and comes to its end."""
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
STORIES = [*map(session, (3, 6, 7, 8)), *map(duty, range(3)), CONSOLE, MONITORING, READING]


def as_written(stories: Sequence[Sequence[Request]], _: int) -> Iterator[int]:
    """One story after another."""
    for n, story in enumerate(stories):
        yield from [n] * len(story)


def shuffled(stories: Sequence[Sequence[Request]], seed: int) -> Iterator[int]:
    """All of them by turns, as chance will have it; each keeps its own order."""
    turns = list(as_written(stories, seed))
    random.Random(seed).shuffle(turns)
    yield from turns


def ask(client: httpx.Client, request: Request, **headers: str) -> Answer:
    method, path, body = request
    answer = client.request(method, path, headers={**HEADERS, **headers}, json=body)
    kept = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, kept, answer.content


def tell(
    client: Callable[[], httpx.Client],
    order: Callable[[Sequence[Sequence[Request]], int], Iterator[int]] = as_written,
    seed: int = 0,
) -> list[list[Answer]]:
    """What each story was answered, and what is left of the world in the end."""
    answers: list[list[Answer]] = [[] for _ in STORIES]
    for n in order(STORIES, seed):
        with client() as one:
            answers[n].append(ask(one, STORIES[n][len(answers[n])]))
    with client() as one:
        one.post("/__mock__/snapshots", json={"name": "end", "replace": True})
        answers.append([ask(one, get("/__mock__/snapshots/end/file"))])
        answers.append([ask(one, get("/__mock__/diff?limit=10000"))])
    return answers


def clients(of: httpx.Client) -> Callable[[], httpx.Client]:
    """Makes clients of the same server, each with a connection of its own."""
    return lambda: httpx.Client(base_url=of.base_url, verify=False, timeout=60)


def keeping(client: httpx.Client) -> Callable[[], Any]:
    """Gives the same client with the same connection, again and again."""

    class Kept:
        def __enter__(self) -> httpx.Client:
            return client

        def __exit__(self, *_: object) -> None:
            pass

    return Kept


@pytest.fixture(scope="module")
def first() -> Iterator[tuple[httpx.Client, list[list[Answer]]]]:
    """A server of a seed and a frozen clock, and what it answered when it was fresh."""
    with (
        run_in_thread(Settings(port=0, seed=SEED, freeze_at=1_755_777_600_000_000)) as url,
        httpx.Client(base_url=url, verify=False, timeout=60) as client,
    ):
        yield client, tell(keeping(client))


@pytest.fixture
def told(
    first: tuple[httpx.Client, list[list[Answer]]],
) -> tuple[httpx.Client, list[list[Answer]]]:
    """The same server, led back to what it was, and what it answered then."""
    first[0].post("/__mock__/reset")
    return first


def test_the_stories_are_worth_telling(told: tuple[httpx.Client, list[list[Answer]]]) -> None:
    """Most requests succeed, some are refused, and the world is another one in the end."""
    _, answers = told
    statuses = [[status for status, _, _ in story] for story in answers]

    assert statuses[:4] == [[200, 200, 200, 200, 200, 422, 422, 200, 200]] * 4
    assert statuses[4:7] == [[200, 200, 200, 200, 422, 200]] * 3
    assert statuses[7] == [200, 200, 200, 200, 200, 422, 200, 200]
    assert statuses[8] == [200] * 5
    assert statuses[9] == [200, 404, 404, 404, 200, 200, 200, 405, 422]
    assert {headers["x-mock-seed"] for story in answers for _, headers, _ in story} == {"7"}
    summaries = [json.loads(story[2][2])["data"]["summary"] for story in answers[4:7]]
    assert all(summary["total_active_duration_seconds"] > 10_800 for summary in summaries)
    [(_, _, difference)] = answers[-1]
    assert b'"added":25,"removed":0,"changed":5,' in difference


def test_another_server_gives_the_same_bytes(
    told: tuple[httpx.Client, list[list[Answer]]], start: Callable[..., httpx.Client]
) -> None:
    other = start(seed=SEED, freeze_at=1_755_777_600_000_000)
    other.timeout = httpx.Timeout(60)

    assert tell(keeping(other)) == told[1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_order_gives_the_same_bytes(
    told: tuple[httpx.Client, list[list[Answer]]], seed: int
) -> None:
    client, answers = told

    assert tell(keeping(client), shuffled, seed) == answers


def test_what_was_asked_before_is_of_no_matter(
    told: tuple[httpx.Client, list[list[Answer]]],
) -> None:
    """Other sandboxes, other scenarios, other seeds: a reset leads back to the same bytes."""
    client, answers = told
    client.post("/__mock__/snapshots", json={"name": "start", "replace": True})
    for name, scenario, seed in (("a", "default", 8), ("b", "documented", 7), ("c", "default", 7)):
        headers = {"X-Mock-Sandbox": name}
        client.post(f"/__mock__/load?seed={seed}", headers=headers, json={"scenario": scenario})
        for request in STORIES[0]:
            ask(client, request, **headers)
    client.post("/__mock__/load", json={"scenario": "calwe-ended"})
    client.post("/__mock__/clock/freeze", json={"at": "1999-01-01"})
    client.post("/__mock__/events/ekran.log_in", json={"with": {"user": 1}})
    client.post("/__mock__/snapshots/start/restore")

    assert tell(keeping(client)) == answers


def test_a_world_that_was_carried_away_and_brought_gives_the_same_bytes(
    told: tuple[httpx.Client, list[list[Answer]]], start: Callable[..., httpx.Client]
) -> None:
    client, answers = told
    client.post("/__mock__/snapshots", json={"name": "start", "replace": True})
    file = client.get("/__mock__/snapshots/start/file").content

    other = start(scenario="ekran-empty")
    other.timeout = httpx.Timeout(60)
    json_ = {"Content-Type": "application/json"}
    other.put("/__mock__/snapshots/start/file", headers=json_, content=file)
    assert other.post("/__mock__/snapshots/start/restore").status_code == 200
    assert tell(keeping(other))[:-1] == answers[:-1]


def test_another_seed_gives_others(
    told: tuple[httpx.Client, list[list[Answer]]],
) -> None:
    client, answers = told
    body = {"name": "other", "seed": 8, "clock": {"freeze": NOON}}
    assert client.post("/__mock__/sandboxes", json=body).status_code == 201

    for story, number in ((3, 0), (7, 0), (8, 0)):
        status, headers, content = ask(
            client, STORIES[story][number], **{"X-Mock-Sandbox": "other"}
        )
        assert (status, headers["x-mock-seed"]) == (200, "8")
        assert content != answers[story][number][2]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_process_of_its_own_gives_the_same_bytes_with_one_worker_or_two(
    told: tuple[httpx.Client, list[list[Answer]]], spawn: Callable[..., Any], workers: int
) -> None:
    arguments = ("--seed", str(SEED), "--freeze-at", NOON, "--workers", str(workers))
    server = spawn(*arguments)

    # A connection a request, so that both of two workers are asked.
    assert tell(clients(server.client), shuffled, workers) == told[1]
