"""What is true of sessions and their logs: when they close, and what closing logs."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mockserver.apis.calwe import model
from mockserver.clock import Clock, parse_moment
from mockserver.contract import Violation
from mockserver.errors import Refusal
from mockserver.sandbox import Sandboxes, Template, World
from mockserver.store import Document, Store

ENDED_ALREADY = {
    "success": False,
    "message": "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",
    "data": None,
    "statusCode": 422,
}
NOT_FOUND = {
    "success": False,
    "message": "لم يتم العثور على الجلسة",
    "data": None,
    "statusCode": 404,
}


def _session(world: World, status: str = "IN_PROGRESS", id: str = "1") -> Document:
    world.documents.append(model.SESSION.document({"id": id, "status": status, "customer": "سارة"}))
    return model.get_session(world, id)


def _log(world: World, id: str = "1") -> list[str]:
    entries = world.documents.list_by_owner("entry", id)
    return [entry.body["action_type"] for entry in entries]


def _status(world: World, id: str = "1") -> str:
    return model.get_session(world, id).body["status"]


# Finding


@pytest.mark.parametrize("id", ["2", "", "01", " 1", "1 ", "١", "x" * 10_000])
def test_an_unknown_session_is_refused(world: World, id: str) -> None:
    _session(world)
    with pytest.raises(Refusal) as raised:
        model.get_session(world, id)
    assert (raised.value.status, raised.value.body) == (404, NOT_FOUND)


def test_an_id_need_not_be_a_number(world: World) -> None:
    _session(world, id="جلسة-٧")
    assert model.get_session(world, "جلسة-٧").body["customer"] == "سارة"


# Reading


def test_a_log_is_read_oldest_first_page_by_page(world: World) -> None:
    session = _session(world)
    for action in ("ENTERED", "LEFT", "ENTERED"):
        model.append_entry(world, session, action)
    first, total = model.page_entries(world, session, 1, 2)
    assert [entry.body["action_type"] for entry in first] == ["ENTERED", "LEFT"]
    assert total == 3
    second, total = model.page_entries(world, session, 2, 2)
    assert [entry.body["action_type"] for entry in second] == ["ENTERED"]
    assert total == 3
    assert model.page_entries(world, session, 3, 2) == ([], 3)
    assert model.page_entries(world, session, 10**30, 1000) == ([], 3)


def test_an_empty_log_has_an_empty_page(world: World) -> None:
    assert model.page_entries(world, _session(world), 1, 30) == ([], 0)


def test_a_log_stays_in_the_order_of_time_when_the_clock_was_set_back(world: World) -> None:
    session = _session(world)
    model.append_entry(world, session, "ENTERED")
    model.append_entry(world.freeze_at(parse_moment("2025-08-21T13:00:00Z")), session, "LEFT")
    moments = [entry.at for entry in model.page_entries(world, session, 1, 30)[0]]
    assert moments == [parse_moment("2025-08-21T13:00:00Z"), parse_moment("2025-08-21T14:30:00Z")]


# Writing


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS", "END-REQUEST-PENDING"])
@pytest.mark.parametrize(
    "action",
    ["ENTERED", "LEFT", "TEMPORARILY_LEFT", "CANCEL_REQUEST", "SESSION_PERIOD"],
)
def test_an_open_session_logs_an_action_and_keeps_its_status(
    world: World, status: str, action: str
) -> None:
    logged = model.append_entry(world, _session(world, status), action)
    assert logged.body["action_type"] == action
    assert logged.at == 1_755_786_600_000_000
    assert _log(world) == [action]
    assert _status(world) == status


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS", "END-REQUEST-PENDING"])
@pytest.mark.parametrize(("action", "closed"), [("ENDED", "COMPLETED"), ("CANCELLED", "CANCELLED")])
def test_ending_or_cancelling_closes_the_session_and_logs_its_period(
    world: World, status: str, action: str, closed: str
) -> None:
    logged = model.append_entry(world, _session(world, status), action)
    assert logged.body["action_type"] == action
    assert _log(world) == [action, "SESSION_PERIOD"]
    assert _status(world) == closed
    period = world.documents.list_by_owner("entry", "1")[1]
    assert period.at == 1_755_786_600_000_000
    assert model.get_session(world, "1").body["customer"] == "سارة"


@pytest.mark.parametrize("status", ["COMPLETED", "CANCELLED"])
@pytest.mark.parametrize(
    "action",
    [
        "ENTERED",
        "LEFT",
        "ENDED",
        "CANCELLED",
        "TEMPORARILY_LEFT",
        "CANCEL_REQUEST",
        "SESSION_PERIOD",
    ],
)
def test_a_closed_session_refuses_every_action(world: World, status: str, action: str) -> None:
    with pytest.raises(Refusal) as raised:
        model.append_entry(world, _session(world, status), action)
    assert (raised.value.status, raised.value.body) == (422, ENDED_ALREADY)
    assert _log(world) == []
    assert _status(world) == status


def test_a_session_closes_once(world: World) -> None:
    model.append_entry(world, _session(world), "ENDED")
    with pytest.raises(Refusal):
        model.append_entry(world, model.get_session(world, "1"), "CANCELLED")
    assert _log(world) == ["ENDED", "SESSION_PERIOD"]
    assert _status(world) == "COMPLETED"


def test_closing_one_session_leaves_the_others_open(world: World) -> None:
    _session(world, id="2")
    model.append_entry(world, _session(world), "ENDED")
    assert _status(world, "2") == "IN_PROGRESS"
    assert _log(world, "2") == []


def test_an_entry_is_what_a_scenario_could_say(world: World) -> None:
    entry = model.append_entry(world, _session(world), "ENTERED")
    assert entry.body == {
        "session": "1",
        "at": "2025-08-21T14:30:00+00:00",
        "action_type": "ENTERED",
    }


# An invalid request


def _invalid(world: World, arguments: dict[str, Any]) -> Refusal:
    violation = Violation("/request/body", "#/x", "type", None, "wrong", "documented")
    return model.refuse_invalid(world, arguments, [violation])


def test_an_invalid_request_to_a_known_session_is_422_even_if_it_is_closed(world: World) -> None:
    _session(world, "COMPLETED")
    refused = _invalid(world, {"id": "1"})
    assert refused.status == 422
    assert refused.body["data"] == {"action_type": ["نوع الإجراء غير صالح"]}


@pytest.mark.parametrize("arguments", [{"id": "2"}, {}])
def test_an_unknown_session_is_said_before_what_is_invalid(
    world: World, arguments: dict[str, Any]
) -> None:
    _session(world)
    with pytest.raises(Refusal) as raised:
        _invalid(world, arguments)
    assert (raised.value.status, raised.value.body) == (404, NOT_FOUND)


# Many at once


def _blueprint() -> Template:
    def populate(world: Any) -> None:
        world("calwe").documents.append(
            model.SESSION.document({"id": "1", "status": "IN_PROGRESS"})
        )

    clock = Clock.frozen_at(parse_moment("2025-08-21T14:30:00Z"))
    return Template("race", "race", 1, clock, {}, populate)


def _end(sandboxes: Sandboxes) -> str:
    """End the session as a request would; what came of it."""
    try:
        with sandboxes.open("shared", "calwe", writing=True) as world:
            model.append_entry(world, model.get_session(world, "1"), "ENDED")
    except Refusal as error:
        assert error.body == ENDED_ALREADY
        return f"refused {error.status}"
    return "ended"


def _logged(path: Path) -> list[str]:
    store = Store(path)
    with Sandboxes(store, _blueprint()).open("shared", "calwe", writing=False) as world:
        logged = _log(world)
        assert _status(world) == "COMPLETED"
        assert world.documents.get_size("entry", "1") == 2
    store.close()
    return logged


@pytest.mark.parametrize("attempt", range(5))
def test_of_threads_that_end_a_session_at_once_one_succeeds(tmp_path: Path, attempt: int) -> None:
    path = tmp_path / f"{attempt}.sqlite"
    store = Store(path)
    sandboxes = Sandboxes(store, _blueprint())
    barrier = threading.Barrier(4)
    results: list[str] = []

    def run() -> None:
        barrier.wait()
        results.append(_end(sandboxes))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    assert sorted(results) == ["ended", "refused 422", "refused 422", "refused 422"]
    assert _logged(path) == ["ENDED", "SESSION_PERIOD"]


_PROCESS = """
import importlib.util, sys
from pathlib import Path
from mockserver.sandbox import Sandboxes
from mockserver.store import Store

spec = importlib.util.spec_from_file_location("race", sys.argv[1])
race = importlib.util.module_from_spec(spec)
spec.loader.exec_module(race)
store = Store(Path(sys.argv[2]))
sandboxes = Sandboxes(store, race._blueprint())
print("ready", flush=True)
sys.stdin.readline()
print(race._end(sandboxes), flush=True)
store.close()
"""


def test_of_processes_that_end_a_session_at_once_one_succeeds(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store = Store(path)
    Sandboxes(store, _blueprint())
    store.close()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, __file__, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        with suppress(BrokenPipeError):
            process.stdin.write("go\n")
            process.stdin.flush()
    results = [process.communicate()[0].strip() for process in processes]
    assert sorted(results) == ["ended", "refused 422"]
    assert _logged(path) == ["ENDED", "SESSION_PERIOD"]
