"""What exists at first: sessions of a few users, what they did in them, some still running."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from mockserver.apis.ekran import api, seed
from mockserver.clock import parse_moment
from mockserver.factory import Factory
from mockserver.sandbox import World
from mockserver.store import Document


def _of(kind: str, documents: list[Document]) -> list[Document]:
    return [item for item in documents if item.kind == kind]


def test_there_are_as_many_sessions_as_asked_with_ids_in_a_row(world: World) -> None:
    sessions = _of("session", list(seed.sessions(world, count=20, first_id=7)))
    assert [item.body["sessionId"] for item in sessions] == list(range(7, 27))


def test_the_last_ones_are_running_and_only_those(world: World) -> None:
    sessions = _of("session", list(seed.sessions(world, count=20, running=3)))
    running = [item.body["sessionId"] for item in sessions if item.body["logoutDate"] is None]
    assert running == [1018, 1019, 1020]
    finished = _of("session", list(seed.sessions(world, count=20, running=0)))
    assert all(item.until is not None for item in finished)


def test_logins_rise_through_the_days_asked_up_to_now(world: World) -> None:
    sessions = _of("session", list(seed.sessions(world, count=100, days=10)))
    now = parse_moment("2025-08-21T14:30:00Z")
    assert all(one.at <= other.at for one, other in pairwise(sessions))
    assert parse_moment("2025-08-11T14:30:00Z") <= sessions[0].at
    assert all(item.at <= (item.until or now) <= now for item in sessions)


def test_activities_lie_in_their_sessions_and_every_tenth_session_has_none(world: World) -> None:
    documents = list(seed.sessions(world, count=40))
    now = parse_moment("2025-08-21T14:30:00Z")
    activities: dict[str, list[int]] = {}
    for item in _of("activity", documents):
        activities.setdefault(item.owner, []).append(item.at)
    for n, session in enumerate(_of("session", documents)):
        moments = activities.get(session.key, [])
        assert (len(moments) == 0) == (n % 10 == 9)
        assert moments == sorted(moments)
        assert all(session.at <= moment <= (session.until or now) for moment in moments)


def test_every_session_conforms_to_the_contract(world: World) -> None:
    sessions = _of("session", list(seed.sessions(world, count=50)))
    assert [item for item in sessions if not api.kind_schemas["session"].accepts(item.body)] == []


def test_a_user_has_one_client(world: World) -> None:
    clients: dict[int, set[str]] = {}
    for item in _of("session", list(seed.sessions(world, count=100, users=4))):
        clients.setdefault(item.body["userId"], set()).add(item.body["clientGuid"])
    assert sorted(clients) == [1, 2, 3, 4]
    assert all(len(guids) == 1 for guids in clients.values())


def test_moments_are_whole_milliseconds_although_the_clock_is_not(world: World) -> None:
    odd = world.freeze_at(parse_moment("2025-08-21T14:30:00.123456Z"))
    documents = list(seed.sessions(odd, count=30))
    for item in documents:
        assert item.at % 1000 == 0
        assert (item.until or 0) % 1000 == 0
        assert item.at <= parse_moment("2025-08-21T14:30:00.123456Z")


def test_the_same_seed_gives_the_same_and_another_gives_others(world: World) -> None:
    first = list(seed.sessions(world, count=20))
    assert list(seed.sessions(world, count=20)) == first
    other = list(seed.sessions(replace(world, factory=Factory(7)), count=20))
    assert [item.body["clientGuid"] for item in _of("session", other)] != [
        item.body["clientGuid"] for item in _of("session", first)
    ]
    assert [item.at for item in _of("activity", other)] != [
        item.at for item in _of("activity", first)
    ]
