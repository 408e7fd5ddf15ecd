"""The documents of a world."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.client import Client
from mockserver.errors import ProblemError
from mockserver.pytest_plugin.names import unique_name
from mockserver.pytest_plugin.state import State


@pytest.fixture
def state(server: str) -> Iterator[State]:
    name = unique_name("state")
    with Client(server, sandbox=name) as client:
        client.create_sandbox(name, scenario="calwe-before-end")
        yield State(client.state)


def test_called_it_gives_all_documents_of_a_kind(state: State) -> None:
    assert [it.key for it in state("calwe", "session")] == ["4600"]
    assert len(state("calwe", "entry")) == 3


def test_owner_and_fields_choose_among_them(state: State) -> None:
    entered = state("calwe", "entry", owner="4600", where={"action_type": "ENTERED"})
    assert [it.body["at"] for it in entered] == [
        "2025-08-21T13:30:00+00:00",
        "2025-08-21T14:05:00+00:00",
    ]
    assert state("calwe", "entry", where={"action_type": "ENDED"}) == []


def test_documents_are_put_changed_and_deleted(state: State) -> None:
    assert state.put("calwe", "session", "9", {"id": "9", "status": "PENDING"}).key == "9"
    state.patch("calwe", "session", "9", {"status": "IN_PROGRESS", "customer": "سارة"})
    assert state.get("calwe", "session", "9").body == {
        "id": "9",
        "status": "IN_PROGRESS",
        "customer": "سارة",
    }
    state.delete("calwe", "session", "9")
    with pytest.raises(ProblemError):
        state.get("calwe", "session", "9")


def test_what_has_children_is_deleted_with_them_only(state: State) -> None:
    with pytest.raises(ProblemError):
        state.delete("calwe", "session", "4600")
    state.delete("calwe", "session", "4600", cascade=True)
    assert state("calwe", "entry") == []


def test_the_kinds_are_counted(state: State) -> None:
    sizes = {(it.api, it.kind): it.size for it in state.list_kinds()}
    assert sizes["calwe", "session"] == 1
    assert sizes["calwe", "entry"] == 3
