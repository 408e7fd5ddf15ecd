"""Which documents are inferred, what is left out and why, and what hostile traffic does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from mockserver.api import Api
from mockserver.contract import Contract
from mockserver.kind import Kind
from mockserver.recorder import (
    NothingRecorded,
    RecordedScenario,
    RecordingOptions,
    record_traffic,
)
from mockserver.scenarios import check_scenario

Record = Callable[..., RecordedScenario]
Entry = Callable[..., dict[str, Any]]

SESSIONS = "http://h/ekranapi/sessions"
GUID = "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg"


def make_session(id: int, **changes: Any) -> dict[str, Any]:
    return {
        "clientGuid": GUID,
        "logoutDate": "2000-01-23T05:56:07.000+00:00",
        "loginDate": "2000-01-23T04:56:07.000+00:00",
        "sessionId": id,
        "userId": 61,
        **changes,
    }


def make_log(*entries: tuple[str, str], id: str = "17", total: int = 0, page: int = 1) -> Any:
    """A page of a session's log, 30 entries a page."""
    texts = {
        "ENTERED": "Customer entered the session",
        "LEFT": "Customer left the session",
        "ENDED": "Session was ended",
        "CANCELLED": "Session was cancelled",
        "SESSION_PERIOD": "Session period record",
    }
    count, url = total or len(entries), f"http://h/v1/customer/sessions/{id}/log"
    last, first = max(1, -(-count // 30)), (page - 1) * 30 + 1
    data = {
        "current_page": page,
        "data": [{"text": texts[it], "date": at, "action_type": it} for at, it in entries],
        "first_page_url": f"{url}?page=1",
        "from": first if entries else None,
        "last_page": last,
        "last_page_url": f"{url}?page={last}",
        "links": [],
        "next_page_url": f"{url}?page={page + 1}" if page < last else None,
        "path": url,
        "per_page": 30,
        "prev_page_url": f"{url}?page={page - 1}" if page > 1 else None,
        "to": first + len(entries) - 1 if entries else None,
        "total": count,
    }
    return {"success": True, "message": "تم جلب البيانات بنجاح", "data": data, "statusCode": 200}


def read_documents(scenario: RecordedScenario) -> Any:
    return yaml.load(scenario.text, Loader=yaml.BaseLoader)["apis"]


# Which documents there are


def test_the_newest_of_several_responses_counts(record: Record, entry: Entry) -> None:
    scenario = record(
        entry(SESSIONS, [make_session(1, logoutDate=None), make_session(2)]),
        entry(f"{SESSIONS}?start=2000-01-01", [make_session(1), make_session(3)]),
    )
    sessions = read_documents(scenario)["ekran"]["documents"]["session"]
    assert [(it["sessionId"], it["logoutDate"]) for it in sessions] == [
        ("1", "2000-01-23T05:56:07.000+00:00"),
        ("2", "2000-01-23T05:56:07.000+00:00"),
        ("3", "2000-01-23T05:56:07.000+00:00"),
    ]


def test_a_list_of_everything_says_what_is_gone(record: Record, entry: Entry) -> None:
    scenario = record(
        entry(f"{SESSIONS}?start=1999-01-01", [make_session(1), make_session(2)]),
        entry(SESSIONS, [make_session(2)]),
    )
    assert scenario.counts == {"ekran": {"session": 1}}


def test_what_a_write_changed_follows_from_the_request(record: Record, entry: Entry) -> None:
    url = "http://h/v1/customer/sessions/17/log"
    saved = {
        "success": True,
        "message": "تم حفظ البيانات بنجاح",
        "data": {"text": "Session was ended", "date": "2:31 PM", "action_type": "ENDED"},
        "statusCode": 200,
    }
    scenario = record(
        entry(url, make_log(("2:30 PM", "ENTERED"))),
        entry(
            url,
            saved,
            method="POST",
            request={"action_type": "ENDED"},
            at="2025-08-21T14:31:30Z",
        ),
    )
    assert read_documents(scenario)["calwe"]["documents"] == {
        "session": [{"id": "17", "status": "COMPLETED"}],
        "entry": [
            {"session": "17", "at": "2025-08-21T14:30:00Z", "action_type": "ENTERED"},
            {"session": "17", "at": "2025-08-21T14:31:00Z", "action_type": "ENDED"},
            {"session": "17", "at": "2025-08-21T14:31:00Z", "action_type": "SESSION_PERIOD"},
        ],
    }
    assert [*scenario.replay.sentences] == [
        "0 of the 1 different reads get the body that was recorded",
        "Reads that came before a write, and get what was there after it: 1",
    ]


def test_what_was_not_found_is_not_made(record: Record, entry: Entry) -> None:
    not_found = {
        "success": False,
        "message": "لم يتم العثور على الجلسة",
        "data": None,
        "statusCode": 404,
    }
    url = "http://h/v1/customer/sessions"
    scenario = record(
        entry(f"{url}/1/log", make_log(("2:30 PM", "ENTERED"), id="1")),
        entry(f"{url}/2/log", make_log(("2:30 PM", "ENTERED"), id="2")),
        entry(f"{url}/1/log", not_found, status=404),
        entry(f"{url}/3/log", not_found, status=404),
    )
    assert read_documents(scenario)["calwe"]["documents"]["session"] == [
        {"id": "2", "status": "IN_PROGRESS"}
    ]
    assert scenario.replay.same == 3


def test_entries_of_pages_that_were_not_read_are_made_up_and_say_so(
    record: Record, entry: Entry
) -> None:
    rows = [("2:30 PM", "ENTERED")] * 30
    url = "http://h/v1/customer/sessions/17/log"
    scenario = record(entry(f"{url}?page=2", make_log(*rows, total=70, page=2)))
    assert scenario.counts == {"calwe": {"session": 1, "entry": 70}}
    assert scenario.text.count("# made up: no page with it was recorded") == 40
    assert scenario.replay.same == 1


def test_an_entry_after_the_end_is_left_out(record: Record, entry: Entry) -> None:
    log = make_log(("2:30 PM", "ENDED"), ("2:30 PM", "SESSION_PERIOD"), ("2:35 PM", "LEFT"))
    scenario = record(entry("http://h/v1/customer/sessions/17/log", log))
    assert scenario.counts == {"calwe": {"session": 1, "entry": 2}}
    assert scenario.left_out == {"entries after the end of their session, which no scenario has": 1}
    assert len(scenario.replay.different) == 1


def test_a_clock_that_was_wrong_is_set_after_what_is_past(record: Record, entry: Entry) -> None:
    future = make_session(1, logoutDate="2030-01-01T00:00:00.000+00:00")
    scenario = record(entry(SESSIONS, [future]))
    assert "clock: {freeze: 2030-01-01T00:00:00Z}" in scenario.text


def test_a_clock_that_was_frozen_can_be_named(record: Record, entry: Entry) -> None:
    log = make_log(("2:30 PM", "ENTERED"))
    scenario = record(
        entry("http://h/v1/customer/sessions/17/log", log), frozen=1_577_880_000_000_000
    )
    assert "clock: {freeze: 2020-01-01T12:00:00Z}" in scenario.text
    assert "at: 2019-12-31T14:30:00Z" in scenario.text


# What is left out


def leave_out(record: Record, entry: Entry, *others: dict[str, Any]) -> dict[str, int]:
    scenario = record(entry(SESSIONS, [make_session(1)]), *others)
    assert scenario.counts == {"ekran": {"session": 1}}
    return dict(scenario.left_out)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"url": "http://h/v2/other"},
            "are calls of other servers, or of an API that is not known",
        ),
        (
            {"url": "http://h/ekranapi/other"},
            "are calls of a path or a method that the contract does not have",
        ),
        ({"response": "<h1>502</h1>"}, "have a body that is no JSON, such as an error page"),
        (
            {"response": "<h1>502</h1>", "status": 502},
            "are errors of a server or a gateway, which say nothing of documents",
        ),
        ({"response": "[{"}, "have a body that is no JSON, such as an error page"),
        ({"response": "[NaN]"}, "have a body that is no JSON, such as an error page"),
        (
            {"response": [{"sessionId": "one"}]},
            "break the contract at /response/body/* (required, documented)",
        ),
        ({"response": {"a": 1}}, "break the contract at /response/body (type, documented)"),
        ({"response": "[" * 5000}, "have a body that is no JSON, such as an error page"),
        ({"status": 0}, "got no response (failed, blocked or broken off)"),
        ({"_fromDiskCache": True}, "came from the browser's cache"),
    ],
    ids=range(11),
)
def test_why_an_exchange_is_not_used(
    record: Record, entry: Entry, changes: dict[str, Any], reason: str
) -> None:
    other = entry(**{"url": f"{SESSIONS}?end=2031-01-01", "response": [], **changes})
    assert leave_out(record, entry, other) == {f"exchanges that {reason}": 1}


def test_a_body_that_was_cut_off_or_is_binary_is_not_used(record: Record, entry: Entry) -> None:
    cut = entry(f"{SESSIONS}?end=2031-01-01", [make_session(2)])
    cut["response"]["content"]["size"] = 90_000
    cut["response"]["content"]["text"] = '[{"clientGuid": "1d4'
    binary = entry(f"{SESSIONS}?end=2032-01-01", "/9j/4AAQSkZJRgABAQ==")
    binary["response"]["content"] |= {"encoding": "base64", "mimeType": "image/jpeg", "size": 13}
    assert leave_out(record, entry, cut, binary) == {
        "exchanges that have no whole saved body": 1,
        "exchanges that have a body that is no text in UTF-8": 1,
    }


def test_members_that_the_contract_does_not_have_are_removed(record: Record, entry: Entry) -> None:
    scenario = record(entry(SESSIONS, [make_session(1, internalNote="x", more={"a": 1})]))
    assert scenario.counts == {"ekran": {"session": 1}}
    assert "internalNote" not in scenario.text
    assert scenario.left_out == {
        "exchanges that have members that the contract does not have; the rest was used": 1
    }


def test_an_open_polling_app_is_counted_and_read_once(record: Record, entry: Entry) -> None:
    polls = [entry(SESSIONS, [make_session(1)]) for _ in range(200)]
    scenario = record(*polls)
    assert (scenario.used, scenario.counts) == (200, {"ekran": {"session": 1}})


def test_a_recording_without_an_api_says_what_it_has(record: Record, entry: Entry) -> None:
    with pytest.raises(NothingRecorded) as raised:
        record(entry("http://h/index.html", "<p>"), apis=("ekran",))
    assert str(raised.value) == (
        "There is nothing to record in traffic.har: it has no exchange with ekran whose response "
        "tells of documents (exchanges that are calls of other servers, or of an API that is not "
        "known: 1)."
    )


def test_of_several_sandboxes_one_is_recorded(record: Record, entry: Entry) -> None:
    def call(sandbox: str, id: int) -> dict[str, Any]:
        headers = {"X-Mock-Sandbox": sandbox}
        return entry(f"{SESSIONS}?start=199{id}-01-01", [make_session(id)], headers=headers)

    calls = [call("a", 1), call("b", 2), call("b", 3)]
    assert record(*calls).sandbox == "b"
    assert record(*calls).left_out == {
        "exchanges that are of the sandbox 'a'; this is the world of 'b'": 1
    }
    assert record(*calls, sandbox="a").counts == {"ekran": {"session": 1}}


# Hostile values


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "~",
        "yes",
        "1e5",
        "0x10",
        "- a",
        "a: b",
        "a #b",
        "{a}",
        "&a *b",
        "!!python/object:os.system",
        "2025-08-21",
        "'\"\\",
        "\u200fسارة\u202e العتيبي",
        "tab\tnew\nline\x7f\x85\u2028",
        "\U0001f600 \ue000",
        "%s%n ${PATH} $(id)",
        " lead and trail ",
        "",
    ],
    ids=range(19),
)
def test_a_text_that_looks_like_anything_else_stays_that_text(
    record: Record, entry: Entry, tmp_path: Path, text: str
) -> None:
    scenario = record(entry(SESSIONS, [make_session(1, clientGuid=text)]))
    assert scenario.replay.same == 1
    path = tmp_path / "case.yaml"
    path.write_text(scenario.text, "utf-8")
    assert check_scenario(path, {it.name: it for it in _load_apis()}) == ()
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069\x85\u2028]", scenario.text)


def _load_apis() -> list[Api]:
    from mockserver import apis

    return [api for name, api in apis.load().items() if name != "notes"]


@pytest.mark.parametrize(
    "id", ["a%2Fb", "%D8%B3%D8%A7%D8%B1%D8%A9", "null", "..", "x" * 300, "a b"]
)
def test_an_id_of_any_kind_is_recorded_or_named(record: Record, entry: Entry, id: str) -> None:
    url = f"http://h/v1/customer/sessions/{id}/log"
    calls = entry(SESSIONS, [make_session(1)]), entry(url, make_log(("2:30 PM", "ENTERED"), id=id))
    scenario = record(*calls)
    assert "session" in scenario.counts.get("calwe", {}) or scenario.left_out


def test_a_document_that_a_scenario_refuses_is_left_out(record: Record, entry: Entry) -> None:
    scenario = record(entry(SESSIONS, [make_session(0), make_session(2)]))
    assert scenario.counts == {"ekran": {"session": 1}}
    reason = "sessions that no scenario can have: the contract or the store refuses sessionId"
    assert scenario.left_out == {reason: 1}


def test_half_of_a_surrogate_pair_is_no_json(record: Record, entry: Entry) -> None:
    broken = json.dumps([make_session(1, clientGuid="x")]).replace('"x"', '"\\ud83d"')
    other = entry(f"{SESSIONS}?end=2031-01-01", broken)
    reason = "exchanges that break the contract at /response/body (json, documented)"
    assert leave_out(record, entry, other) == {reason: 1}


# An API of your own


def make_api(rules: Mapping[str, Any] = MappingProxyType({}), **more: Any) -> Api:
    """An API whose only kind is an object of its contract, as a scaffolded one has it."""
    note = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer"},
            "text": {"type": "string"},
            "owner": {"type": "string"},
            **more,
        },
    }
    one = {"description": "ok", "content": {"application/json": {"schema": {"$ref": _NOTE}}}}
    rows = {"type": "object", "properties": {"rows": {"type": "array", "items": {"$ref": _NOTE}}}}
    listed = {"description": "ok", "content": {"application/json": {"schema": rows}}}
    gone, missing = {"description": "gone"}, {"description": "not found"}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    body = {"content": {"application/json": {"schema": {"$ref": _NOTE}}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Notes", "version": "1"},
        "servers": [{"url": "/own"}],
        "paths": {
            "/notes": {
                "get": {"responses": {"200": listed}},
                "post": {"requestBody": body, "responses": {"201": one}},
            },
            "/notes/{id}": {
                "parameters": [parameter],
                "get": {"responses": {"200": one, "404": missing}},
                "put": {"requestBody": body, "responses": {"204": gone}},
                "delete": {"responses": {"204": gone}},
            },
        },
        "components": {"schemas": {"Note": note}},
    }
    kind = Kind("note", {"$ref": _NOTE}, key=lambda it: str(it["id"]), **rules)
    api = Api("own", kinds=(kind,))
    api.__dict__["contract"] = Contract.parse(json.dumps(document))
    return api


_NOTE = "#/components/schemas/Note"


def record_own(api: Api, tmp_path: Path, *entries: Any, **options: Any) -> RecordedScenario:
    path = tmp_path / "own.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), "utf-8")
    return record_traffic([path], {"own": api}, RecordingOptions("own", "own.har", **options))


def test_objects_of_a_kind_s_schema_are_its_documents(tmp_path: Path, entry: Entry) -> None:
    url = "http://h/own/notes"
    scenario = record_own(
        make_api(),
        tmp_path,
        entry(url, {"rows": [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}, {"id": 3}]}),
        entry(url, {"id": 4, "text": "new"}, method="POST", status=201, request={"text": "new"}),
        entry(f"{url}/1", "", method="PUT", status=204, request={"id": 1, "text": "other"}),
        entry(f"{url}/2", "", method="DELETE", status=204),
        entry(f"{url}/3", "", status=404),
    )
    assert read_documents(scenario)["own"]["documents"] == {
        "note": [{"id": "1", "text": "other"}, {"id": "4", "text": "new"}]
    }


def test_personal_members_are_declared_or_known_by_their_names(
    tmp_path: Path, entry: Entry
) -> None:
    api = make_api(
        nick={"type": "string", "x-personal": "name"},
        comment={"type": "string", "x-personal": "text"},
        mobile={"type": "string", "pattern": r"^\+966[0-9]{9}$"},
        driver={"type": "string", "x-personal": "none"},
    )
    note = {
        "id": 1,
        "text": "Call Ahmad Salem at +966 50 123 4567 or write to ahmad@firm.example",
        "owner": "Ahmad Salem",
        "nick": "Abu Omar",
        "comment": "She is ill, and comes back on Sunday.",
        "mobile": "+966501234567",
        "driver": "automatic",
    }
    scenario = record_own(api, tmp_path, entry("http://h/own/notes/1", note))
    [new] = read_documents(scenario)["own"]["documents"]["note"]
    for secret in ("Ahmad", "Salem", "Abu Omar", "is ill", "501234567", "123 4567", "firm.example"):
        assert secret not in scenario.text
    assert re.fullmatch(r"\+966[0-9]{9}", new["mobile"])
    assert new["driver"] == "automatic"
    assert f"Call {new['owner']} at +966 " in new["text"]
    kept = record_own(api, tmp_path, entry("http://h/own/notes/1", note), keeps_personal_data=True)
    assert read_documents(kept)["own"]["documents"]["note"] == [{**note, "id": "1"}]


def test_documents_that_contradict_each_other_are_written_and_said(
    tmp_path: Path, entry: Entry
) -> None:
    rules = {"at": lambda it: it["id"] * 1_000_000, "ends": lambda it: it["text"] == "end"}
    rows = [{"id": 1, "text": "end"}, {"id": 2, "text": "more"}]
    scenario = record_own(make_api(rules), tmp_path, entry("http://h/own/notes", {"rows": rows}))
    assert scenario.counts == {"own": {"note": 2}}
    assert [*scenario.replay.sentences] == [
        "It cannot be loaded before it is edited; mockserver fixtures check says why"
    ]


def test_an_api_without_kinds_of_documents_says_so(tmp_path: Path, entry: Entry) -> None:
    api = make_api()
    bare = Api("own")
    bare.__dict__["contract"] = api.contract
    with pytest.raises(NothingRecorded) as raised:
        record_own(bare, tmp_path, entry("http://h/own/notes/1", {"id": 1}))
    assert "(exchanges with 'own', whose world has no documents: 1)" in str(raised.value)
