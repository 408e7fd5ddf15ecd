"""What exists at first: sessions in all five statuses, with logs that could have happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from mockserver.apis.calwe import seed
from mockserver.clock import parse_moment
from mockserver.factory import Factory
from mockserver.sandbox import World
from mockserver.store import Document

CLOSED = {"COMPLETED": "ENDED", "CANCELLED": "CANCELLED"}


def _sessions(documents: list[Document]) -> dict[str, Document]:
    return {item.key: item for item in documents if item.kind == "session"}


def _logs(documents: list[Document]) -> dict[str, list[Document]]:
    logs: dict[str, list[Document]] = {key: [] for key in _sessions(documents)}
    for item in documents:
        if item.kind == "entry":
            logs[item.owner].append(item)
    return logs


def test_there_are_as_many_sessions_as_asked_with_ids_in_a_row(world: World) -> None:
    documents = list(seed.sessions(world, count=12, first_id=90))
    assert list(_sessions(documents)) == [str(n) for n in range(90, 102)]


def test_the_five_statuses_are_equally_frequent(world: World) -> None:
    sessions = _sessions(list(seed.sessions(world, count=10)))
    assert Counter(item.body["status"] for item in sessions.values()) == {
        "PENDING": 2,
        "IN_PROGRESS": 2,
        "COMPLETED": 2,
        "CANCELLED": 2,
        "END-REQUEST-PENDING": 2,
    }


def test_the_first_logs_have_the_lengths_at_which_pages_break(world: World) -> None:
    logs = _logs(list(seed.sessions(world, count=7, first_id=1)))
    lengths = [len(logs[str(n)]) for n in range(1, 8)]
    assert lengths[:5] == [0, 30, 31, 2, 200]
    assert lengths[6] == 1


def test_no_log_is_longer_than_two_hundred_entries(world: World) -> None:
    logs = _logs(list(seed.sessions(world, count=60)))
    assert max(len(log) for log in logs.values()) == 200


def test_every_log_fits_its_status(world: World) -> None:
    documents = list(seed.sessions(world, count=60))
    sessions, logs = _sessions(documents), _logs(documents)
    for key, log in logs.items():
        actions = [entry.body["action_type"] for entry in log]
        status = sessions[key].body["status"]
        if status == "PENDING":
            assert actions == []
        elif status in CLOSED:
            assert actions[-2:] == [CLOSED[status], "SESSION_PERIOD"]
            assert not {"ENDED", "CANCELLED", "SESSION_PERIOD"} & set(actions[:-2])
        else:
            assert actions
            assert not {"ENDED", "CANCELLED", "SESSION_PERIOD"} & set(actions)


def test_nobody_enters_twice_without_leaving_or_leaves_without_having_entered(
    world: World,
) -> None:
    for log in _logs(list(seed.sessions(world, count=60))).values():
        is_present = False
        for action in (entry.body["action_type"] for entry in log):
            if action == "ENTERED":
                assert not is_present
                is_present = True
            elif action in ("LEFT", "TEMPORARILY_LEFT"):
                assert is_present
                is_present = False
            elif action == "CANCEL_REQUEST":
                assert is_present


def test_logs_are_in_the_order_of_time_and_in_the_days_asked(world: World) -> None:
    now, earliest = parse_moment("2025-08-21T14:30:00Z"), parse_moment("2025-08-11T14:29:00Z")
    for log in _logs(list(seed.sessions(world, count=40, days=10))).values():
        moments = [entry.at for entry in log]
        assert all(one <= other for one, other in pairwise(moments))
        assert all(earliest <= moment <= now for moment in moments)


def test_a_single_day_is_enough(world: World) -> None:
    now, earliest = parse_moment("2025-08-21T14:30:00Z"), parse_moment("2025-08-20T14:29:00Z")
    documents = list(seed.sessions(world, count=10, days=1))
    assert len(_sessions(documents)) == 10
    assert all(earliest <= item.at <= now for item in documents if item.kind == "entry")


def test_names_are_arabic_by_default_and_in_another_locale_if_asked(world: World) -> None:
    for item in _sessions(list(seed.sessions(world, count=5))).values():
        for name in (item.body["customer"], item.body["coach"]):
            assert any("\u0600" <= letter <= "\u06ff" for letter in name)
    for item in _sessions(list(seed.sessions(world, count=5, locale="en_US"))).values():
        assert item.body["customer"].isascii()


def test_the_same_seed_gives_the_same_and_another_gives_others(world: World) -> None:
    first = list(seed.sessions(world, count=8))
    assert list(seed.sessions(world, count=8)) == first
    other = list(seed.sessions(replace(world, factory=Factory(7)), count=8))
    assert _sessions(other) != _sessions(first)
    assert _logs(other) != _logs(first)


def test_more_sessions_change_none_of_the_first(world: World) -> None:
    few = list(seed.sessions(world, count=8))
    assert list(seed.sessions(world, count=20))[: len(few)] == few


@pytest.mark.parametrize("count", [1, 5])
def test_what_is_made_can_be_put_into_a_world(world: World, count: int) -> None:
    world.documents.extend(seed.sessions(world, count=count))
    assert world.documents.get_size("session") == count
