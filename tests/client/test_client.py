"""The client: the request of each method, and what it returns."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

import mockserver.client
from mockserver.client import (
    ABSENT,
    Api,
    Checks,
    Client,
    Clock,
    ClockState,
    Diff,
    Event,
    EventOption,
    FieldChange,
    Info,
    Journal,
    Limits,
    Mutation,
    Operation,
    Sandbox,
    Scenario,
    ScenarioSource,
    Snapshot,
    State,
    TriggeredEvent,
    Watch,
)
from mockserver.errors import ClientError, ProblemError, UnexpectedResponseError, UnreachableError

Responding = Callable[..., tuple[Client, list[httpx.Request]]]
Listening = Callable[[bytes | None], str]

MOMENT = datetime(2025, 8, 21, 12, tzinfo=UTC)
CLOCK = {"now": "2025-08-21T12:00:00Z", "mode": "frozen", "rate": 0, "offset": -5}
SANDBOX = {
    "name": "case-17",
    "scenario": "default",
    "seed": 7,
    "clock": CLOCK,
    "documents": 3,
    "snapshots": 0,
    "created": "2025-08-21T12:00:00Z",
    "used": "2025-08-21T12:00:00Z",
    "age": 1.5,
    "idle": 0,
}
WORLD = Sandbox(
    "case-17",
    "default",
    7,
    ClockState(MOMENT, "frozen", 0, -5),
    3,
    0,
    MOMENT,
    MOMENT,
    1.5,
    0,
)
SNAPSHOT = {
    "name": "before",
    "scenario": "default",
    "seed": 7,
    "clock": CLOCK,
    "documents": 3,
    "taken": "2025-08-21T12:00:00Z",
}
ASIDE = Snapshot("before", "default", 7, ClockState(MOMENT, "frozen", 0, -5), 3, MOMENT)
PULLED = {"event": "calwe.enter", "at": "2025-08-21T12:00:00Z"}


def sent(request: httpx.Request) -> Any:
    """The body, as JSON; None without one."""
    return json.loads(request.content) if request.content else None


# The client itself


def test_the_client_has_its_url_and_sandbox(responding: Responding) -> None:
    client, _ = responding(sandbox="case-17")
    assert client.url == "http://mock:4010"
    assert client.sandbox == "case-17"


def test_the_default_port_is_4010() -> None:
    with Client() as client:
        assert client.url == "http://127.0.0.1:4010"
        assert client.sandbox is None


def test_another_sandbox_over_the_same_connections(responding: Responding) -> None:
    client, requests = responding(SANDBOX, sandbox="one", token="secret")
    with client.with_sandbox("two") as other:
        other.reset()
        other.clock  # noqa: B018 - of the other sandbox as well
    client.reset()  # what was borrowed is not closed
    assert other.sandbox == "two"
    assert client.sandbox == "one"
    assert [request.headers["x-mock-sandbox"] for request in requests] == ["two", "one"]
    assert [request.headers["authorization"] for request in requests] == ["Bearer secret"] * 2


def test_clock_and_state_are_those_of_the_clients_sandbox(responding: Responding) -> None:
    client, requests = responding(CLOCK, sandbox="one")
    client.with_sandbox("two").clock.read()
    client.clock.read()
    assert [request.headers["x-mock-sandbox"] for request in requests] == ["two", "one"]


def test_the_public_face_is_documented_and_complete() -> None:
    """`__all__` names what is public: classes whose docstrings say what they are, no module."""
    public = {name: getattr(mockserver.client, name) for name in mockserver.client.__all__}
    methods = [
        it
        for class_ in (Checks, Client, Clock, Journal, State)
        for name, it in inspect.getmembers(class_)
        if not name.startswith("_")
    ]
    assert len(methods) > 35
    undocumented = [it for it in (*public.values(), *methods) if not inspect.getdoc(it)]
    assert undocumented == []
    offered = {name for name in vars(mockserver.client) if name[0].isalpha()}
    modules = {"checks", "client", "connection", "har", "http", "journal", "responses", "world"}
    assert offered - modules == set(public)
    responses = {
        name
        for name, it in vars(mockserver.client.responses).items()
        if inspect.isclass(it) and issubclass(it, msgspec.Struct)
    }
    assert responses <= set(public)


def test_it_is_cheap_to_import() -> None:
    code = (
        "import sys, mockserver.client\n"
        "print([name for name in ('flask', 'connexion', 'sqlalchemy', 'starlette', 'uvicorn', "
        "'mockserver.server', 'mockserver.store') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# The server


def test_info(responding: Responding) -> None:
    limits = {"body": 1, "control_body": 2, "sandboxes": 3, "snapshots": 4, "idle": 5}
    body = {"version": "1.2.3", "apis": ["calwe"], "scenario": "d", "seed": 7, "limits": limits}
    client, requests = responding(body)
    info = Info("1.2.3", ("calwe",), "d", 7, Limits(1, 2, 3, 4, 5))
    assert client.get_info() == info
    assert info.watch is None
    assert (requests[0].method, requests[0].url.path) == ("GET", "/__mock__/info")


def test_info_of_a_server_that_watches_its_files(responding: Responding) -> None:
    limits = {"body": 1, "control_body": 2, "sandboxes": 3, "snapshots": 4, "idle": 5}
    watch = {"taken_in": "2025-08-21T14:30:00Z", "error": "a.yaml:1: it is wrong"}
    body = {"version": "1", "apis": [], "scenario": "d", "seed": 7, "limits": limits}
    client, _ = responding({**body, "watch": watch})

    read = client.get_info().watch

    assert read == Watch(datetime(2025, 8, 21, 14, 30, tzinfo=UTC), "a.yaml:1: it is wrong")


def test_apis(responding: Responding) -> None:
    operation = {"id": "list", "method": "GET", "path": "/v1/x", "evidence": "documented"}
    body = {
        "name": "calwe",
        "title": "Calwe",
        "base": "/v1",
        "operations": [operation],
        "evidence": {"documented": 46},
        "openapi": "/__mock__/apis/calwe/openapi.yaml",
        "client": "/__mock__/apis/calwe/client.yaml",
        "docs": "/__mock__/docs/calwe",
    }
    client, requests = responding([body])
    assert client.list_apis() == (
        Api(
            "calwe",
            "Calwe",
            "/v1",
            (Operation("list", "GET", "/v1/x", "documented"),),
            {"documented": 46},
            "/__mock__/apis/calwe/openapi.yaml",
            "/__mock__/apis/calwe/client.yaml",
            "/__mock__/docs/calwe",
        ),
    )
    assert len(requests) == 1


def _becoming_ready(*failures: httpx.Response | Exception) -> tuple[Client, list[str]]:
    """A client of a server that fails so often, and is ready then."""
    requests: list[str] = []
    left = list(failures)

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request.url.path)
        if not left:
            return httpx.Response(200, json={"status": "ready", "apis": [], "seed": 1})
        failure = left.pop(0)
        if isinstance(failure, Exception):
            raise failure
        return failure

    return Client(transport=httpx.MockTransport(respond)), requests


def test_waiting_until_a_server_is_ready() -> None:
    problem = {"Content-Type": "application/problem+json"}
    client, requests = _becoming_ready(
        httpx.ConnectError("refused"),
        httpx.Response(502, text="Bad gateway"),
        httpx.Response(503, content=b'{"detail": "not yet"}', headers=problem),
    )
    client.wait_until_ready()
    assert requests == ["/__mock__/ready"] * 4


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), UnreachableError),
        (httpx.Response(200, text="hello"), UnexpectedResponseError),
    ],
)
def test_waiting_for_readiness_ends_after_the_timeout(
    failure: Any, error: type[ClientError]
) -> None:
    client, requests = _becoming_ready(*[failure] * 1000)
    with pytest.raises(error):
        client.wait_until_ready(0)
    assert len(requests) == 1


def test_waiting_for_a_server_that_hangs_ends_after_the_timeout(listening: Listening) -> None:
    with (
        Client(listening(None), timeout=600) as client,
        pytest.raises(UnreachableError, match=r"did not respond within 0\.05 seconds"),
    ):
        client.wait_until_ready(0)


def test_a_closed_client_does_not_wait(responding: Responding) -> None:
    client, _ = responding()
    client.close()
    with pytest.raises(ClientError, match="closed"):
        client.wait_until_ready(600)


# Sandboxes


def test_sandboxes(responding: Responding) -> None:
    client, requests = responding({"sandboxes": [SANDBOX]})
    assert client.list_sandboxes() == (WORLD,)
    assert (requests[0].method, requests[0].url.path) == ("GET", "/__mock__/sandboxes")


def test_one_sandbox(responding: Responding) -> None:
    client, requests = responding(SANDBOX)
    assert client.get_sandbox("case-17") == WORLD
    assert (requests[0].method, requests[0].url.path) == ("GET", "/__mock__/sandboxes/case-17")


def test_a_sandbox_is_created_with_the_given_values_only(responding: Responding) -> None:
    client, requests = responding(SANDBOX, status=201)
    assert client.create_sandbox("case-17") == WORLD
    client.create_sandbox("case-17", scenario="documented", seed=0, clock={"freeze": MOMENT})
    assert (requests[0].method, requests[0].url.path) == ("POST", "/__mock__/sandboxes")
    assert sent(requests[0]) == {"name": "case-17"}
    assert sent(requests[1]) == {
        "name": "case-17",
        "scenario": "documented",
        "seed": 0,
        "clock": {"freeze": "2025-08-21T12:00:00+00:00"},
    }


def test_a_sandbox_is_deleted(responding: Responding) -> None:
    client, requests = responding(b"", status=204, type="")
    client.delete_sandbox("case-17")
    assert (requests[0].method, requests[0].url.path) == ("DELETE", "/__mock__/sandboxes/case-17")


def test_reset(responding: Responding) -> None:
    client, requests = responding(SANDBOX)
    assert client.reset() == WORLD
    assert (requests[0].method, requests[0].url.path) == ("POST", "/__mock__/reset")


# Scenarios


def test_a_scenario_is_loaded_by_its_name(responding: Responding) -> None:
    client, requests = responding(SANDBOX)
    assert client.load("documented") == WORLD
    assert requests[0].url.raw_path == b"/__mock__/load?mode=replace"
    assert requests[0].headers["content-type"] == "application/json"
    assert sent(requests[0]) == {"scenario": "documented"}


def test_a_whole_scenario_is_loaded(responding: Responding) -> None:
    client, requests = responding(SANDBOX)
    client.load({"name": "mine", "clock": {"freeze": MOMENT}}, mode="add")
    assert requests[0].url.raw_path == b"/__mock__/load?mode=add"
    assert sent(requests[0]) == {
        "scenario": {"name": "mine", "clock": {"freeze": "2025-08-21T12:00:00+00:00"}}
    }


def test_a_file_is_loaded_as_it_is(responding: Responding, tmp_path: Path) -> None:
    source = "# a comment\nname: mine\ndescription: جلسة\n".encode()
    (tmp_path / "mine.yaml").write_bytes(source)
    client, requests = responding(SANDBOX)
    client.load(tmp_path / "mine.yaml", seed=9)
    client.load(source)
    assert requests[0].url.raw_path == b"/__mock__/load?mode=replace&seed=9"
    for request in requests:
        assert request.headers["content-type"] == "application/yaml"
        assert request.content == source


def test_a_missing_file_is_named_and_no_request_is_sent(
    responding: Responding, tmp_path: Path
) -> None:
    client, requests = responding(SANDBOX)
    with pytest.raises(ClientError) as raised:
        client.load(tmp_path / "mine.yaml")
    assert str(raised.value) == (
        f"'{tmp_path / 'mine.yaml'}' cannot be read: No such file or directory."
    )
    assert requests == []


def test_a_folder_is_no_file(responding: Responding, tmp_path: Path) -> None:
    client, _ = responding(SANDBOX)
    with pytest.raises(ClientError) as raised:
        client.load(tmp_path)
    assert str(raised.value) == f"'{tmp_path}' cannot be read: Is a directory."


FAULTS = [
    {"file": "body", "line": 3, "field": "name", "reason": "it is no text"},
    {"file": "default.yaml", "line": 1, "reason": "it is empty"},
]
REFUSAL = {
    "title": "Wrong",
    "detail": "2 things are wrong; the first is body:3: name: it is no text",
    "errors": FAULTS,
}


def test_faults_of_a_file_have_its_name_and_faults_elsewhere_theirs(
    responding: Responding, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").touch()
    client, _ = responding(REFUSAL, status=422, type="application/problem+json")
    with pytest.raises(ProblemError) as raised:
        client.load(tmp_path / "a.yaml")
    assert (raised.value.status, raised.value.title) == (422, "Wrong")
    assert [fault.file for fault in raised.value.errors] == [
        str(tmp_path / "a.yaml"),
        "default.yaml",
    ]
    assert str(raised.value) == (
        f"2 things are wrong; the first is {tmp_path}/a.yaml:3: name: it is no text\n"
        "default.yaml:1: it is empty"
    )


@pytest.mark.parametrize("scenario", ["documented", b"name: a", {"name": "a"}])
def test_faults_of_what_came_from_no_file_keep_their_place(
    responding: Responding, scenario: str | bytes
) -> None:
    client, _ = responding(REFUSAL, status=422, type="application/problem+json")
    with pytest.raises(ProblemError) as raised:
        client.load(scenario)
    assert [fault.file for fault in raised.value.errors] == ["body", "default.yaml"]


def test_scenarios(responding: Responding) -> None:
    client, requests = responding({"scenarios": [{"name": "a", "description": "An a."}]})
    assert client.list_scenarios() == (Scenario("a", "An a."),)
    assert (requests[0].method, requests[0].url.path) == ("GET", "/__mock__/scenarios")


def test_one_scenario(responding: Responding) -> None:
    client, requests = responding({"name": "a/b", "description": "A.", "source": "name: a\n"})
    assert client.get_scenario("a/b") == ScenarioSource("a/b", "A.", "name: a\n")
    assert requests[0].url.raw_path == b"/__mock__/scenarios/a%2Fb"


# Snapshots


def test_snapshots(responding: Responding) -> None:
    client, requests = responding({"snapshots": [SNAPSHOT]})
    assert client.list_snapshots() == (ASIDE,)
    assert (requests[0].method, requests[0].url.path) == ("GET", "/__mock__/snapshots")


def test_a_snapshot_is_taken(responding: Responding) -> None:
    client, requests = responding(SNAPSHOT, status=201)
    assert client.take_snapshot("before") == ASIDE
    client.take_snapshot("before", replace=True)
    assert (requests[0].method, requests[0].url.path) == ("POST", "/__mock__/snapshots")
    assert sent(requests[0]) == {"name": "before", "replace": False}
    assert sent(requests[1]) == {"name": "before", "replace": True}


def test_one_snapshot(responding: Responding) -> None:
    client, requests = responding(SNAPSHOT)
    assert client.get_snapshot("before") == ASIDE
    assert (requests[0].method, requests[0].url.path) == ("GET", "/__mock__/snapshots/before")


def test_a_snapshot_is_restored(responding: Responding) -> None:
    client, requests = responding(SANDBOX)
    assert client.restore("before") == WORLD
    assert (requests[0].method, requests[0].url.path) == (
        "POST",
        "/__mock__/snapshots/before/restore",
    )


def test_a_snapshot_is_deleted(responding: Responding) -> None:
    client, requests = responding(b"", status=204, type="")
    client.delete_snapshot("before")
    assert (requests[0].method, requests[0].url.path) == ("DELETE", "/__mock__/snapshots/before")


def test_a_snapshot_is_downloaded_and_uploaded_byte_for_byte(responding: Responding) -> None:
    file = b'{"format": "mockserver-snapshot",\n "version": 1}\n'
    client, requests = responding(file)
    assert client.download_snapshot("before") == file
    assert (requests[0].method, requests[0].url.path) == ("GET", "/__mock__/snapshots/before/file")

    client, requests = responding(SNAPSHOT)
    assert client.upload_snapshot("before", file) == ASIDE
    assert (requests[0].method, requests[0].url.path) == ("PUT", "/__mock__/snapshots/before/file")
    assert requests[0].headers["content-type"] == "application/json"
    assert requests[0].content == file


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda client: client.diff(), b"/__mock__/diff?limit=100"),
        (lambda client: client.diff("before"), b"/__mock__/diff?from=before&limit=100"),
        (lambda client: client.diff("a", "b", limit=0), b"/__mock__/diff?from=a&to=b&limit=0"),
        (lambda client: client.diff(to="b"), b"/__mock__/diff?to=b&limit=100"),
    ],
)
def test_diff(responding: Responding, call: Callable[[Client], Diff], path: bytes) -> None:
    counts = {"added": 0, "removed": 0, "changed": 0}
    body = {"from": None, "to": None, "equal": True, "world": [], **counts, "documents": []}
    client, requests = responding(body)
    assert call(client) == Diff(None, None, True, (), 0, 0, 0, ())
    assert requests[0].url.raw_path == path


# Events


def test_events(responding: Responding) -> None:
    options = [
        {"name": "session", "type": "string", "required": True},
        {"name": "n", "type": "integer", "required": False, "default": 3, "minimum": 1},
    ]
    event = {"name": "calwe.enter", "api": "calwe", "description": "E.", "options": options}
    client, requests = responding({"events": [event]})
    assert client.list_events() == (
        Event(
            "calwe.enter",
            "calwe",
            "E.",
            (
                EventOption("session", "string", True),
                EventOption("n", "integer", False, 3, 1, None),
            ),
        ),
    )
    assert (requests[0].method, requests[0].url.path) == ("GET", "/__mock__/events")


@pytest.mark.parametrize(
    ("trigger", "body"),
    [
        (lambda client: client.trigger("calwe.enter"), {"with": {}}),
        (
            lambda client: client.trigger("calwe.enter", at=MOMENT, session="1", name="x"),
            {"with": {"session": "1", "name": "x"}, "at": "2025-08-21T12:00:00+00:00"},
        ),
        (
            lambda client: client.trigger_with("calwe.enter", {"at": 3}, at="2025-08-21"),
            {"with": {"at": 3}, "at": "2025-08-21"},
        ),
    ],
)
def test_an_event_is_triggered(
    responding: Responding, trigger: Callable[[Client], TriggeredEvent], body: Any
) -> None:
    client, requests = responding(PULLED)
    assert trigger(client) == TriggeredEvent("calwe.enter", MOMENT)
    assert (requests[0].method, requests[0].url.path) == ("POST", "/__mock__/events/calwe.enter")
    assert sent(requests[0]) == body


# Mutations

MUTATION = {
    "name": "calwe.createSessionLog.lose-write",
    "api": "calwe",
    "operations": ["createSessionLog"],
    "operator": "lose-write",
    "description": "L.",
    "active": True,
    "everywhere": False,
}
LOST = Mutation(
    "calwe.createSessionLog.lose-write",
    "calwe",
    ("createSessionLog",),
    "lose-write",
    "L.",
    True,
    False,
)


def test_mutations_are_listed(responding: Responding) -> None:
    client, requests = responding({"mutations": [MUTATION]})
    assert client.list_mutations() == (LOST,)
    client.list_mutations(api="calwe", operation="createSessionLog", operator="null", active=True)
    assert [(request.method, request.url.path) for request in requests] == [
        ("GET", "/__mock__/mutations")
    ] * 2
    assert [request.url.query for request in requests] == [
        b"",
        b"api=calwe&operation=createSessionLog&operator=null&active=true",
    ]


def test_a_mutation_is_turned_on_and_off(responding: Responding) -> None:
    client, requests = responding(MUTATION)
    assert client.turn_mutation_on("calwe.createSessionLog.lose-write") == LOST
    assert client.turn_mutation_off("calwe.createSessionLog.lose-write") == LOST
    client.turn_mutations_off()
    assert [(request.method, request.url.path) for request in requests] == [
        ("PUT", "/__mock__/mutations/calwe.createSessionLog.lose-write"),
        ("DELETE", "/__mock__/mutations/calwe.createSessionLog.lose-write"),
        ("DELETE", "/__mock__/mutations"),
    ]


def test_a_refusal_is_an_error_of_its_own(responding: Responding) -> None:
    client, _ = responding({"detail": "No."}, status=409, type="application/problem+json")
    with pytest.raises(ProblemError, match=r"^No\.$"):
        client.delete_sandbox("default")


# On a server


def test_what_the_server_is(here: Client) -> None:
    here.wait_until_ready()
    info = here.get_info()
    assert info.apis == ("autozod", "avaamo", "calwe", "ekran")
    assert info.scenario == "documented"
    assert [api.name for api in here.list_apis()] == ["autozod", "avaamo", "calwe", "ekran"]


def test_a_sandbox_is_made_listed_and_deleted(here: Client) -> None:
    name = f"{here.sandbox}-made"
    made = here.create_sandbox(
        name, scenario="calwe-empty", seed=2**63 - 1, clock={"freeze": MOMENT}
    )
    assert (made.name, made.scenario, made.seed) == (name, "calwe-empty", 2**63 - 1)
    assert (made.clock.now, made.clock.mode) == (MOMENT, "frozen")
    assert here.get_sandbox(name).documents == 1
    assert name in [it.name for it in here.list_sandboxes()]
    with pytest.raises(ProblemError) as raised:
        here.create_sandbox(name)
    assert raised.value.status == 409
    here.delete_sandbox(name)
    assert name not in [it.name for it in here.list_sandboxes()]


def test_a_snapshot_is_taken_compared_and_restored(here: Client) -> None:
    taken = here.take_snapshot("before")
    assert (taken.name, taken.documents, taken.clock.mode) == ("before", 15, "frozen")
    here.clock.freeze(MOMENT)
    here.state.patch("calwe", "session", "1", {"coach": None, "status": "COMPLETED"})
    found = here.diff("before")
    assert not found.equal
    assert (found.added, found.removed, found.changed) == (0, 0, 1)
    assert found.world == (
        FieldChange("/clock/now", "2025-08-21T14:30:00Z", "2025-08-21T12:00:00Z"),
    )
    assert found.documents[0].fields == (
        FieldChange("/status", "IN_PROGRESS", "COMPLETED"),
        FieldChange("/coach", "خالد الشمري", ABSENT),
    )
    assert here.restore("before").clock.now == datetime(2025, 8, 21, 14, 30, tzinfo=UTC)
    assert here.diff("before").equal


def test_a_snapshot_goes_from_one_sandbox_to_another(here: Client) -> None:
    here.trigger("calwe.end", session="1")
    here.take_snapshot("ended")
    other = here.with_sandbox(f"{here.sandbox}-other")
    uploaded = other.upload_snapshot("copied", here.download_snapshot("ended"))
    assert uploaded.name == "copied"
    other.restore("copied")
    assert other.state.get("calwe", "session", "1").body["status"] == "COMPLETED"
    assert [it.name for it in other.list_snapshots()] == ["copied"]
    other.delete_snapshot("copied")
    assert other.list_snapshots() == ()
    assert here.get_snapshot("ended").documents == here.get_sandbox(str(here.sandbox)).documents


def test_scenarios_are_loaded_added_and_read(here: Client, tmp_path: Path) -> None:
    assert here.load("calwe-empty", seed=9).seed == 9
    here.load(
        {
            "name": "more",
            "description": "One more.",
            "apis": {"calwe": {"documents": {"session": [{"id": "m", "status": "PENDING"}]}}},
        },
        mode="add",
    )
    assert here.state.get("calwe", "session", "m").body["status"] == "PENDING"
    (tmp_path / "mine.yaml").write_text(here.get_scenario("documented").source, encoding="utf-8")
    assert here.load(tmp_path / "mine.yaml").documents == 15
    assert "documented" in [it.name for it in here.list_scenarios()]


def test_all_faults_of_a_file_are_listed(here: Client, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ndescription: Mine.\nsed: 1\nclok: real\n")
    with pytest.raises(ProblemError) as raised:
        here.load(path)
    assert raised.value.status == 422
    assert [(fault.file, fault.line, fault.field) for fault in raised.value.errors] == [
        (str(path), 3, "sed"),
        (str(path), 4, "clok"),
    ]
    assert here.diff().equal


def test_the_requests_to_try_and_the_schema_of_scenarios_on_a_server(here: Client) -> None:
    [calwe] = here.list_requests("calwe")
    assert calwe.title == "Calwe session log"
    first = calwe.requests[1]
    assert (first.operation, first.method) == ("createSessionLog", "POST")
    assert first.target == "/v1/customer/sessions/1/log"
    assert first.body == '{"action_type": "ENTERED"}'
    assert "calwe" in [it.api for it in here.list_requests()]
    schema = here.get_scenario_schema()
    assert "calwe" in schema["properties"]["apis"]["properties"]


def test_an_event_is_triggered_on_a_server(here: Client) -> None:
    events = {it.name: it for it in here.list_events()}
    assert [it.name for it in events["calwe.leave"].options] == ["session", "temporarily"]
    triggered = here.trigger("calwe.leave", at=MOMENT, session="1", temporarily=True)
    assert triggered == TriggeredEvent("calwe.leave", MOMENT)
    assert here.state.get("calwe", "entry", "1/3").body["action_type"] == "TEMPORARILY_LEFT"
    with pytest.raises(ProblemError, match=r"did you mean 'calwe\.leave'\?"):
        here.trigger("calwe.leav", session="1")


def test_a_reset_returns_to_the_scenario(here: Client) -> None:
    here.state.delete("calwe", "session", "1", cascade=True)
    assert here.reset().documents == 15
    assert here.diff().equal


def test_a_server_with_a_token_wants_it(start: Callable[..., httpx.Client]) -> None:
    url = str(start(scenario="documented", admin_token="secret").base_url)
    with Client(url, token="secret") as client:
        assert client.reset().documents == 15
    for token in (None, "other"):
        with Client(url, token=token) as client, pytest.raises(ProblemError) as raised:
            client.wait_until_ready()
            client.reset()
        assert raised.value.status == 401
