"""The clock and the documents of a sandbox: what is requested, and what a server responds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from mockserver.client import Client, Clock, ClockState, Document, Fault, Kind, Page
from mockserver.errors import ProblemError

Responding = Callable[..., tuple[Client, list[httpx.Request]]]

NOON = datetime(2025, 8, 21, 12, tzinfo=UTC)
FROZEN = {"now": "2025-08-21T12:00:00Z", "mode": "frozen", "rate": 0, "offset": -5.5}
SESSION = {
    "api": "calwe",
    "kind": "session",
    "key": "1",
    "owner": "",
    "at": "2025-08-21T12:00:00Z",
    "until": None,
    "body": {"id": "1", "name": "جلسة"},
}
DOCUMENT = Document(
    "calwe",
    "session",
    "1",
    "",
    datetime(2025, 8, 21, 12, tzinfo=UTC),
    None,
    {"id": "1", "name": "جلسة"},
)


# The clock


@pytest.mark.parametrize(
    ("act", "method", "path", "body"),
    [
        (lambda clock: clock.read(), "GET", "/__mock__/clock", None),
        (lambda clock: clock.freeze(), "POST", "/__mock__/clock/freeze", {}),
        (
            lambda clock: clock.freeze("2025-08-21"),
            "POST",
            "/__mock__/clock/freeze",
            {"at": "2025-08-21"},
        ),
        (
            lambda clock: clock.freeze(NOON),
            "POST",
            "/__mock__/clock/freeze",
            {"at": "2025-08-21T12:00:00+00:00"},
        ),
        (lambda clock: clock.unfreeze(), "POST", "/__mock__/clock/unfreeze", None),
        (lambda clock: clock.advance("3h"), "POST", "/__mock__/clock/advance", {"by": "3h"}),
        (lambda clock: clock.advance(-0.5), "POST", "/__mock__/clock/advance", {"by": -0.5}),
        (
            lambda clock: clock.advance(timedelta(minutes=2)),
            "POST",
            "/__mock__/clock/advance",
            {"by": 120.0},
        ),
        (lambda clock: clock.shift("-1d"), "POST", "/__mock__/clock/shift", {"by": "-1d"}),
        (lambda clock: clock.set_rate(60), "POST", "/__mock__/clock/rate", {"rate": 60}),
    ],
)
def test_each_method_of_the_clock_sends_one_request_and_returns_the_state(
    responding: Responding, act: Callable[[Clock], ClockState], method: str, path: str, body: Any
) -> None:
    client, requests = responding(FROZEN)
    assert act(client.clock) == ClockState(NOON, "frozen", 0, -5.5)
    assert (requests[0].method, requests[0].url.path) == (method, path)
    assert (json.loads(requests[0].content) if requests[0].content else None) == body


# The documents


def test_kinds(responding: Responding) -> None:
    kinds = [{"api": "calwe", "kind": "entry", "parent": "session", "size": 3}]
    client, requests = responding({"kinds": kinds})
    assert client.state.list_kinds() == (Kind("calwe", "entry", "session", 3),)
    assert requests[0].url.raw_path == b"/__mock__/state"


def test_a_page(responding: Responding) -> None:
    client, requests = responding({"page": 1, "per_page": 50, "total": 1, "documents": [SESSION]})
    assert client.state.list("calwe", "session") == Page(1, 50, 1, (DOCUMENT,))
    assert requests[0].url.raw_path == b"/__mock__/state/calwe/session?page=1&per_page=50"


def test_a_page_of_some(responding: Responding) -> None:
    client, requests = responding({"page": 2, "per_page": 5, "total": 0, "documents": []})
    where = {"status": "DONE", "team": 7, "is_open": True, "note": None}
    client.state.list("calwe", "entry", owner="a b", where=where, page=2, per_page=5)
    assert requests[0].url.raw_path == (
        b"/__mock__/state/calwe/entry?owner=a%20b&where=status%3DDONE&where=team%3D7"
        b"&where=is_open%3Dtrue&where=note%3Dnull&page=2&per_page=5"
    )


def _paged(total: int, claimed: int | None = None) -> tuple[Client, list[str]]:
    """A client of a server with so many documents, which claims to have another number."""
    requests: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request.url.query.decode())
        page, size = int(request.url.params["page"]), int(request.url.params["per_page"])
        numbers = range(total)[(page - 1) * size : page * size]
        documents = [{**SESSION, "key": str(n)} for n in numbers]
        count = total if claimed is None else claimed
        body = {"page": page, "per_page": size, "total": count, "documents": documents}
        return httpx.Response(200, json=body)

    return Client(transport=httpx.MockTransport(respond)), requests


def test_pages_are_requested_while_documents_are_iterated() -> None:
    client, requests = _paged(5)
    documents = client.state.iterate("calwe", "session", per_page=2)
    assert requests == []
    assert next(documents).key == "0"
    assert requests == ["page=1&per_page=2"]
    assert [document.key for document in documents] == ["1", "2", "3", "4"]
    assert requests == ["page=1&per_page=2", "page=2&per_page=2", "page=3&per_page=2"]


def test_a_call_lists_all_documents_of_a_kind() -> None:
    client, requests = _paged(3)
    documents = client.state("calwe", "session", owner="1", where={"status": "DONE"})
    assert [document.key for document in documents] == ["0", "1", "2"]
    assert requests == ["owner=1&where=status%3DDONE&page=1&per_page=1000"]


def test_no_empty_page_is_requested() -> None:
    client, requests = _paged(4)
    assert len(list(client.state.iterate("calwe", "session", per_page=2))) == 4
    assert len(requests) == 2


def test_iteration_ends_when_documents_are_deleted_meanwhile() -> None:
    client, requests = _paged(2, claimed=100)
    assert len(list(client.state.iterate("calwe", "session", per_page=2))) == 2
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("act", "method", "body"),
    [
        (lambda state: state.get("calwe", "session", "1"), "GET", None),
        (lambda state: state.put("calwe", "session", "1", {"a": "ن"}), "PUT", {"a": "ن"}),
        (lambda state: state.patch("calwe", "session", "1", {"a": None}), "PATCH", {"a": None}),
    ],
)
def test_one_document(
    responding: Responding, act: Callable[[Any], Document], method: str, body: Any
) -> None:
    client, requests = responding(SESSION)
    assert act(client.state) == DOCUMENT
    assert (requests[0].method, requests[0].url.raw_path) == (
        method,
        b"/__mock__/state/calwe/session/1",
    )
    assert (json.loads(requests[0].content) if requests[0].content else None) == body


@pytest.mark.parametrize(("cascade", "query"), [(False, b""), (True, b"?cascade=true")])
def test_a_document_is_deleted(responding: Responding, cascade: bool, query: bytes) -> None:
    client, requests = responding(b"", status=204, type="")
    client.state.delete("calwe", "session", "1", cascade=cascade)
    assert requests[0].method == "DELETE"
    assert requests[0].url.raw_path == b"/__mock__/state/calwe/session/1" + query


def test_a_key_is_one_name_whatever_is_in_it(responding: Responding) -> None:
    client, requests = responding(SESSION)
    client.state.get("calwe", "entry", "1/2 ?#..")
    assert requests[0].url.raw_path == b"/__mock__/state/calwe/entry/1%2F2%20%3F%23.."
    client.state.get("calwe", "entry", "..")
    assert requests[1].url.raw_path == b"/__mock__/state/calwe/entry/%2E%2E"


# On a server


def test_what_a_kind_looks_like(here: Client) -> None:
    kind = here.state.get_kind("calwe", "entry")
    assert (kind.parent, kind.label, kind.moments, kind.interval) == (
        "session",
        None,
        ("at",),
        False,
    )
    assert kind.schema["required"] == ["session", "at", "action_type"]


def test_every_way_to_list_documents_has_the_same_filters(here: Client) -> None:
    assert [it.key for it in here.state("calwe", "entry", sort="-key")] == ["1/2", "1/1"]
    found = here.state.iterate("calwe", "entry", search="ENTERED", since=NOON, before="now")
    assert [it.key for it in found] == []
    with pytest.raises(TypeError, match="action_type"):
        here.state("calwe", "entry", action_type="ENTERED")  # type: ignore[call-arg]


def test_the_kinds_of_a_world(here: Client) -> None:
    kinds = {(it.api, it.kind): it for it in here.state.list_kinds()}
    assert kinds["calwe", "entry"] == Kind("calwe", "entry", "session", 2)
    assert kinds["calwe", "session"] == Kind("calwe", "session", None, 1)


def test_a_document_whose_key_has_a_slash(here: Client) -> None:
    entry = here.state.get("calwe", "entry", "1/1")
    assert (entry.key, entry.owner) == ("1/1", "1")
    assert entry.at == datetime(2025, 8, 20, 14, 30, tzinfo=UTC)
    here.state.delete("calwe", "entry", "1/1")
    assert [it.key for it in here.state.iterate("calwe", "entry")] == ["1/2"]


@pytest.mark.parametrize(
    "key", ["جلسة هند", "..", ".", "a?b#c%2F", "a b+c&d=e", "👩🏽‍🏫", "%", "a\\b", ";x", "x" * 200]
)
def test_a_document_of_any_key(here: Client, key: str) -> None:
    written = here.state.put("calwe", "session", key, {"id": key, "status": "PENDING"})
    assert (written.key, written.body) == (key, {"id": key, "status": "PENDING"})
    changed = here.state.patch("calwe", "session", key, {"coach": "خالد"})
    assert here.state.get("calwe", "session", key) == changed
    assert changed.body == {"id": key, "status": "PENDING", "coach": "خالد"}
    assert [it.key for it in here.state.iterate("calwe", "session")] == ["1", key]
    here.state.delete("calwe", "session", key)
    with pytest.raises(ProblemError) as raised:
        here.state.get("calwe", "session", key)
    assert raised.value.status == 404


def test_documents_by_owner_and_by_field(here: Client) -> None:
    found = here.state.list("calwe", "entry", owner="1", where={"action_type": "ENTERED"})
    assert (found.total, [it.key for it in found.documents]) == (1, ["1/1"])
    assert here.state.list("avaamo", "agent", where={"id": 739}).total == 1
    assert here.state.list("avaamo", "agent", where={"id": "739"}).total == 1


def test_all_documents_over_many_pages(here: Client) -> None:
    for number in range(7):
        key = f"more-{number}"
        here.state.put("calwe", "session", key, {"id": key, "status": "PENDING"})
    keys = [it.key for it in here.state.iterate("calwe", "session", per_page=3)]
    assert keys == [it.key for it in here.state("calwe", "session")]
    assert len(keys) == len(set(keys)) > 7
    assert keys[-7:] == [f"more-{number}" for number in range(7)]


def test_a_document_with_others_is_deleted_with_them_or_not_at_all(here: Client) -> None:
    with pytest.raises(ProblemError) as raised:
        here.state.delete("calwe", "session", "1")
    assert raised.value.status == 409
    here.state.delete("calwe", "session", "1", cascade=True)
    assert list(here.state.iterate("calwe", "entry")) == []


def test_a_document_that_does_not_fit_its_kind_is_refused(here: Client) -> None:
    with pytest.raises(ProblemError) as raised:
        here.state.patch("calwe", "session", "1", {"status": "ASLEEP"})
    assert raised.value.status == 422
    assert here.state.get("calwe", "session", "1").body["status"] == "IN_PROGRESS"


def test_a_clock_is_stopped_moved_and_read(here: Client) -> None:
    assert here.clock.read().now == datetime(2025, 8, 21, 14, 30, tzinfo=UTC)
    assert here.clock.read().mode == "frozen"
    assert here.clock.freeze(NOON).now == NOON
    assert here.clock.advance(timedelta(hours=1, microseconds=5)).now == datetime(
        2025, 8, 21, 13, 0, 0, 5, UTC
    )
    assert here.clock.advance("-1h").now == datetime(2025, 8, 21, 12, 0, 0, 5, UTC)
    assert here.clock.advance(-0.000005).now == NOON


def test_a_clock_is_let_run(here: Client) -> None:
    state = here.clock.unfreeze()
    assert (state.mode, state.rate) == ("shifted", 1)
    state = here.clock.shift(timedelta(days=-1))
    assert (state.mode, state.offset) == ("shifted", -86_400)
    state = here.clock.set_rate(0.5)
    assert (state.mode, state.rate) == ("scaled", 0.5)
    assert here.clock.shift(0).mode == "real"


@pytest.mark.parametrize("at", ["soon", "2025-13-01", "1969-12-31", ""])
def test_a_moment_that_no_clock_shows_is_refused(here: Client, at: str) -> None:
    with pytest.raises(ProblemError):
        here.clock.freeze(at)
    assert here.clock.read().now == datetime(2025, 8, 21, 14, 30, tzinfo=UTC)


# The faults

DOWN = {
    "name": "down",
    "match": {"api": "calwe"},
    "effect": {"status": 503},
    "began": "2025-08-21T12:00:00Z",
    "matched": 3,
    "applied": 2,
}


def test_faults_are_added_read_and_deleted(responding: Responding) -> None:
    client, requests = responding(DOWN)
    fault = Fault("down", {"api": "calwe"}, {"status": 503}, NOON, 3, 2)
    assert client.faults.add("down", match={"api": "calwe"}, status=503) == fault
    assert client.faults.add(delay=timedelta(milliseconds=800)) == fault
    assert client.faults.put("down", connection="reset") == fault
    assert client.faults.get("down") == fault
    client.faults.delete("down")
    client.faults.clear()
    assert [(it.method, it.url.path, it.content and json.loads(it.content)) for it in requests] == [
        (
            "POST",
            "/__mock__/faults",
            {"name": "down", "match": {"api": "calwe"}, "effect": {"status": 503}},
        ),
        ("POST", "/__mock__/faults", {"match": {}, "effect": {"delay": 0.8}}),
        ("PUT", "/__mock__/faults/down", {"match": {}, "effect": {"connection": "reset"}}),
        ("GET", "/__mock__/faults/down", b""),
        ("DELETE", "/__mock__/faults/down", b""),
        ("DELETE", "/__mock__/faults", b""),
    ]


def test_faults_are_listed(responding: Responding) -> None:
    client, requests = responding({"faults": [DOWN]})
    assert [it.name for it in client.faults.list()] == ["down"]
    assert requests[0].url.path == "/__mock__/faults"


def test_documents_are_created_searched_and_sorted(here: Client) -> None:
    session = here.state.create("calwe", "session", {"id": "new", "status": "PENDING"})
    here.state.create("calwe", "session", {"id": "old", "status": "CANCELLED"})
    entry = {"session": "new", "at": NOON.isoformat(), "action_type": "CANCEL_REQUEST"}
    created = here.state.create("calwe", "entry", entry)

    assert (session.key, created.key, created.owner) == ("new", "new/1", "new")
    found = here.state.list("calwe", "session", search="pend", sort="-key")
    assert [document.key for document in found.documents] == ["new"]
    later = here.state.list("calwe", "entry", owner="new", since=NOON + timedelta(seconds=1))
    assert later.total == 0
    assert here.state.list("calwe", "entry", owner="new", since=NOON, before="now").total == 1
