"""Events over the control API: listed, triggered, refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

ReadProblem = Callable[[httpx.Response], tuple[int, str]]
Check = Callable[[httpx.Client], None]

EVENTS = "/__mock__/events"
LOG = "/v1/customer/sessions/1/log"
JSON = {"Content-Type": "application/json"}


def trigger(
    who: httpx.Client, event: str, /, at: str | None = None, **options: Any
) -> httpx.Response:
    moment = {} if at is None else {"at": at}
    return who.post(f"{EVENTS}/{event}", json={"with": options, **moment})


def test_all_of_them_are_listed_with_their_options(own_client: httpx.Client) -> None:
    events = own_client.get(EVENTS).json()["events"]

    assert [event["name"] for event in events] == [
        "autozod.go_on_duty",
        "autozod.go_off_duty",
        "avaamo.set_agent_status",
        "avaamo.change_team",
        "avaamo.change_routing_rule",
        "avaamo.change_quick_response",
        "calwe.enter",
        "calwe.leave",
        "calwe.end",
        "calwe.cancel",
        "calwe.request_end",
        "ekran.log_in",
        "ekran.act",
        "ekran.log_out",
    ]
    assert events[7] == {
        "name": "calwe.leave",
        "api": "calwe",
        "description": "The customer leaves the session, for good or for a while.",
        "options": [
            {"name": "session", "type": "string", "required": True},
            {"name": "temporarily", "type": "boolean", "required": False, "default": False},
        ],
    }
    assert events[11]["options"] == [
        {"name": "user", "type": "integer", "required": True},
        {"name": "client", "type": "string", "required": False, "default": ""},
    ]


def test_an_event_changes_the_world_as_the_vendor_would(own_client: httpx.Client) -> None:
    response = trigger(own_client, "calwe.end", session="1")

    assert (response.status_code, response.json()) == (
        200,
        {"event": "calwe.end", "at": "2025-08-21T14:30:00Z"},
    )
    log = own_client.get(LOG).json()["data"]["data"]
    assert [entry["action_type"] for entry in log[2:]] == ["ENDED", "SESSION_PERIOD"]
    assert own_client.post(LOG, json={"action_type": "LEFT"}).status_code == 422


def test_each_vendor_has_its_own(own_client: httpx.Client) -> None:
    agent = "68a6d35049a09719b70539b4"
    for event, options in (
        ("autozod.go_on_duty", {"agent": agent}),
        ("avaamo.set_agent_status", {"agent": 739, "status": "busy"}),
        ("avaamo.change_team", {"action": "create", "name": "Night", "by": 739}),
        ("ekran.log_in", {"user": 7, "client": "abc"}),
        ("ekran.act", {"session": 143}),
        ("ekran.log_out", {"session": 143}),
        ("autozod.go_off_duty", {"agent": agent}),
    ):
        assert trigger(own_client, event, **options).status_code == 200, event

    changes = own_client.get("/api/v1/cap/change_logs.json").json()["entries"]
    assert [change["changelog"] for change in changes[:2]] == [
        "Donna Miller created Team Night",
        "Donna Miller updated User Donna Miller status from 'active' to 'busy'",
    ]
    assert own_client.get("/ekranapi/sessions").json()[-1] == {
        "clientGuid": "abc",
        "logoutDate": "2025-08-21T14:30:00.000+00:00",
        "loginDate": "2025-08-21T14:30:00.000+00:00",
        "sessionId": 143,
        "userId": 7,
    }


def test_a_event_is_triggered_at_a_moment_of_one_s_own(own_client: httpx.Client) -> None:
    response = trigger(
        own_client, "calwe.leave", at="2025-08-20T16:05+02:00", session="1", temporarily=True
    )

    assert response.json() == {"event": "calwe.leave", "at": "2025-08-20T14:05:00Z"}
    log = own_client.get(LOG).json()["data"]["data"]
    assert [(entry["action_type"], entry["date"]) for entry in log] == [
        ("TEMPORARILY_LEFT", "2:05 PM"),
        ("ENTERED", "2:30 PM"),
        ("LEFT", "2:35 PM"),
    ]
    # The clock is where it was.
    assert own_client.get("/__mock__/clock").json()["now"] == "2025-08-21T14:30:00Z"


def test_a_event_without_a_body_is_triggered_without_options(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    for content in (None, b"{}", b'{"with":{}}'):
        response = own_client.post(f"{EVENTS}/calwe.enter", headers=JSON, content=content)
        assert read_problem(response) == (
            422,
            "'calwe.enter' cannot be triggered like this: session: 'calwe.enter' needs 'session'",
        )
        assert response.json()["errors"] == [
            {"field": "/request/body/with/session", "reason": "'calwe.enter' needs 'session'"}
        ]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("calwe.entr", "There is no event 'calwe.entr'; did you mean 'calwe.enter'?"),
        ("clawe.enter", "There is no event 'clawe.enter'; did you mean 'calwe.enter'?"),
        ("enter", "There is no event 'enter'; did you mean 'calwe.enter'?"),
        ("calwe._open", "There is no event 'calwe._open'; "),
        ("calwe.__class__", "There is no event 'calwe.__class__'; "),
        ("calwe", "There is no event 'calwe'; "),
        ("calwe.", "There is no event 'calwe.'; "),
        (".", "There is no event"),
        ("ekran.enter", "There is no event 'ekran.enter'; "),
        ("calwe.enter.x", "There is no event 'calwe.enter.x'; "),
        ("سارة", "There is no event 'سارة'; known: 'autozod.go_off_duty', 'autozod.go_on_duty', "),
        ("x" * 20_000, "There is no event 'xxxx"),
    ],
)
def test_one_that_is_not_there_is_a_404_with_the_nearest(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    check_unchanged: Check,
    name: str,
    sentence: str,
) -> None:
    path = "%2E" if name == "." else name
    status, detail = read_problem(trigger(own_client, path, session="1"))

    assert status == 404
    assert detail.startswith(sentence)
    check_unchanged(own_client)


@pytest.mark.parametrize(
    ("event", "options", "sentence"),
    [
        ("calwe.enter", {"session": "9"}, "there is no session '9'"),
        (
            "calwe.enter",
            {"session": 1},
            "'calwe.enter' cannot be triggered like this: session: 1 is not of type string",
        ),
        (
            "calwe.enter",
            {"session": None},
            "'calwe.enter' cannot be triggered like this: session: None is not of type string",
        ),
        (
            "calwe.enter",
            {"sesion": "1"},
            "'calwe.enter' cannot be triggered like this: sesion: 'calwe.enter' takes no 'sesion'; "
            "did you mean 'session'?; session: 'calwe.enter' needs 'session'",
        ),
        (
            "calwe.enter",
            {"session": "1", "world": "x"},
            "'calwe.enter' cannot be triggered like this: world: 'calwe.enter' takes no 'world'; "
            "known: 'session'",
        ),
        (
            "calwe.leave",
            {"session": "1", "temporarily": "yes"},
            "'calwe.leave' cannot be triggered like this: "
            "temporarily: 'yes' is not of type boolean",
        ),
        ("ekran.act", {"session": 124}, "the session 124 is finished"),
        ("ekran.act", {"session": 10**30}, "there is no session 1000000000000000000000000000000"),
        (
            "ekran.act",
            {"session": True},
            "'ekran.act' cannot be triggered like this: session: True is not of type integer",
        ),
        (
            "ekran.log_in",
            {"user": 2**31},
            "the session '143'.userId: 2147483648 is greater than the maximum of 2147483647",
        ),
        (
            "avaamo.set_agent_status",
            {"agent": 739, "status": "awya"},
            "'awya' is no status; did you mean 'away'?",
        ),
        ("avaamo.set_agent_status", {"agent": 2**70, "status": "away"}, "there is no agent 1180"),
        (
            "avaamo.change_team",
            {"action": "create", "name": "", "by": 739},
            "the resource '2202443'.name: \"\" is shorter than 1 character",
        ),
        (
            "autozod.go_off_duty",
            {"agent": "68a6d35049a09719b70539b4"},
            "the agent '68a6d35049a09719b70539b4' is not on duty",
        ),
    ],
)
def test_what_cannot_be_done_is_a_422_in_a_sentence_and_changes_nothing(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    check_unchanged: Check,
    event: str,
    options: dict[str, Any],
    sentence: str,
) -> None:
    status, detail = read_problem(trigger(own_client, event, **options))

    assert status == 422
    assert detail.startswith(sentence)
    check_unchanged(own_client)


def test_an_event_happens_at_a_moment_relative_to_the_worlds_clock(
    own_client: httpx.Client,
) -> None:
    said = own_client.post(
        f"{EVENTS}/calwe.enter",
        json={"at": "today 12:00 Asia/Riyadh", "with": {"session": "1"}},
    )
    assert said.json()["at"] == "2025-08-21T09:00:00Z"


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (
            "1969-12-31T23:59:59Z",
            "'1969-12-31T23:59:59Z' is no moment for a clock; one from 1970 to 2999 is",
        ),
        (
            "3000-01-01",
            "'3000-01-01' is no moment for a clock; one from 1970 to 2999 is",
        ),
        (
            "2025-02-31T00:00:00Z",
            "'2025-02-31T00:00:00Z' is not a moment; write it like 2025-08-21T14:30:00Z, "
            "-1d 3h, now or today 09:00 Asia/Riyadh",
        ),
        (
            "0000-01-01",
            "'0000-01-01' is not a moment; write it like 2025-08-21T14:30:00Z, "
            "-1d 3h, now or today 09:00 Asia/Riyadh",
        ),
    ],
)
def test_an_impossible_moment_is_a_422(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    check_unchanged: Check,
    at: str,
    sentence: str,
) -> None:
    assert read_problem(trigger(own_client, "calwe.enter", at=at, session="1")) == (422, sentence)
    check_unchanged(own_client)


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("2025-08-21T08:59:59Z", "the session 732 has not begun"),
        (
            "2025-08-21T17:09:59Z",
            "the user did something in the session 732 after that moment",
        ),
    ],
)
def test_nobody_logs_out_before_what_they_did(
    own_client: httpx.Client, read_problem: ReadProblem, at: str, sentence: str
) -> None:
    own_client.post("/__mock__/load", json={"scenario": "ekran-running"})

    assert read_problem(trigger(own_client, "ekran.log_out", at=at, session=732)) == (422, sentence)
    assert (
        trigger(own_client, "ekran.log_out", at="2025-08-21T17:10:00Z", session=732).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"[]", "/request/body"),
        (b"null", "/request/body"),
        (b'{"with": []}', "/request/body/with"),
        (b'{"with": null}', "/request/body/with"),
        (b'{"at": 5}', "/request/body/at"),
        (b'{"at": ""}', "/request/body/at"),
        (b'{"session": "1"}', "/request/body"),
        (b"{", "/request/body"),
        (b"[" * 100_000, "/request/body"),
    ],
)
def test_what_is_not_in_the_contract_is_a_400_with_its_place(
    own_client: httpx.Client, read_problem: ReadProblem, content: bytes, field: str
) -> None:
    response = own_client.post(f"{EVENTS}/calwe.enter", headers=JSON, content=content)

    assert read_problem(response)[0] == 400
    assert {error["field"] for error in response.json()["errors"]} == {field}


@pytest.mark.parametrize("depth", [50, 300, 1_000])
def test_an_option_however_deep_is_refused_in_a_short_sentence(
    own_client: httpx.Client, read_problem: ReadProblem, depth: int
) -> None:
    value = b'{"a":' * depth + b"1" + b"}" * depth
    content = b'{"with":{"session":' + value + b"}}"
    response = own_client.post(f"{EVENTS}/calwe.enter", headers=JSON, content=content)

    assert read_problem(response)[0] == 422
    assert read_problem(response)[1].endswith("is not of type string")
    assert len(read_problem(response)[1]) < 200
