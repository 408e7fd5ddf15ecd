"""Snapshots over the control API: taken, restored, carried away and brought, compared."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest

from mockserver.contract import Schema

ReadProblem = Callable[[httpx.Response], tuple[int, str]]
World = Callable[[httpx.Client], dict[str, bytes]]

SNAPSHOTS = "/__mock__/snapshots"
LOG = "/v1/customer/sessions/1/log"
JSON = {"Content-Type": "application/json"}
_numbers = count()


def take(client: httpx.Client, name: str, **more: Any) -> httpx.Response:
    return client.post(SNAPSHOTS, json={"name": name, **more})


def restore(client: httpx.Client, name: str) -> httpx.Response:
    return client.post(f"{SNAPSHOTS}/{name}/restore")


def upload(client: httpx.Client, name: str, file: Any) -> httpx.Response:
    content = file if isinstance(file, bytes) else json.dumps(file).encode()
    return client.put(f"{SNAPSHOTS}/{name}/file", headers=JSON, content=content)


def names(client: httpx.Client) -> list[str]:
    return [snapshot["name"] for snapshot in client.get(SNAPSHOTS).json()["snapshots"]]


def change_everything(client: httpx.Client) -> None:
    """Something of each: vendors' writes, events, documents, the clock."""
    client.post(LOG, json={"action_type": "ENDED"})
    client.post("/__mock__/events/ekran.log_in", json={"with": {"user": 9}})
    client.post(
        "/__mock__/events/avaamo.set_agent_status", json={"with": {"agent": 739, "status": "away"}}
    )
    client.delete("/__mock__/state/avaamo/change/2202440")
    client.patch("/__mock__/state/autozod/team/1000", json={"name": "Renamed"})
    client.post("/__mock__/clock/advance", json={"by": "1d"})


# Taken and listed


def test_a_snapshot_is_taken_listed_and_read(named_client: httpx.Client) -> None:
    response = take(named_client, "before-payment")

    assert response.status_code == 201
    snapshot = response.json()
    assert list(snapshot) == ["name", "scenario", "seed", "clock", "documents", "taken"]
    assert (snapshot["name"], snapshot["scenario"]) == ("before-payment", "documented")
    assert (snapshot["seed"], snapshot["documents"]) == (1, 15)
    assert (snapshot["clock"]["now"], snapshot["clock"]["mode"]) == (
        "2025-08-21T14:30:00Z",
        "frozen",
    )
    assert named_client.get(f"{SNAPSHOTS}/before-payment").json() == snapshot
    assert named_client.get(SNAPSHOTS).json() == {"snapshots": [snapshot]}


def test_they_are_listed_in_the_order_in_which_they_were_taken(own_client: httpx.Client) -> None:
    for name in ("zebra", "Apple", "apple", "0"):
        take(own_client, name)
        own_client.post(LOG, json={"action_type": "LEFT"})

    listed = own_client.get(SNAPSHOTS).json()["snapshots"]
    assert [(snapshot["name"], snapshot["documents"]) for snapshot in listed] == [
        ("zebra", 15),
        ("Apple", 16),
        ("apple", 17),
        ("0", 18),
    ]


def test_taking_one_changes_nothing(own_client: httpx.Client, world: World) -> None:
    before = world(own_client)
    take(own_client, "one")

    assert world(own_client) == before


def test_a_name_that_is_taken_is_a_409_unless_it_is_to_be_replaced(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    take(own_client, "one")
    own_client.post(LOG, json={"action_type": "LEFT"})

    sandbox = own_client.headers["x-mock-sandbox"]
    assert read_problem(take(own_client, "one")) == (
        409,
        f"The sandbox '{sandbox}' has a snapshot 'one' already; "
        "take it with 'replace', or under another name",
    )
    assert read_problem(take(own_client, "one", replace=False))[0] == 409
    assert own_client.get(f"{SNAPSHOTS}/one").json()["documents"] == 15
    assert take(own_client, "one", replace=True).json()["documents"] == 16
    assert take(own_client, "new", replace=True).status_code == 201
    assert names(own_client) == ["one", "new"]


def test_one_too_many_is_a_429_and_others_can_be_replaced(
    start: Callable[..., httpx.Client], read_problem: ReadProblem
) -> None:
    client = start(scenario="documented", max_snapshots=2)
    file = client.get(f"{SNAPSHOTS}/{take(client, 'a').json()['name']}/file").content
    take(client, "b")
    sentence = (
        "The sandbox 'default' has 2 snapshots, which is as many as it may have; delete one, or "
        "start the server with a larger --max-snapshots"
    )

    assert read_problem(take(client, "c")) == (429, sentence)
    assert read_problem(upload(client, "c", file)) == (429, sentence)
    assert take(client, "a", replace=True).status_code == 201
    assert upload(client, "b", file).status_code == 200
    assert names(client) == ["a", "b"]
    # Each sandbox has as many of its own.
    client.post("/__mock__/sandboxes", json={"name": "other"})
    other = client.post(SNAPSHOTS, headers={"X-Mock-Sandbox": "other"}, json={"name": "c"})
    assert other.status_code == 201
    client.delete(f"{SNAPSHOTS}/a")
    assert take(client, "c").status_code == 201


def test_a_server_may_have_none(
    start: Callable[..., httpx.Client], read_problem: ReadProblem
) -> None:
    client = start(scenario="documented", max_snapshots=0)

    assert read_problem(take(client, "a"))[0] == 429
    assert client.get(SNAPSHOTS).json() == {"snapshots": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/request/body"),
        ({"name": ""}, "/request/body/name"),
        ({"name": "a b"}, "/request/body/name"),
        ({"name": "أ"}, "/request/body/name"),
        ({"name": "x" * 65}, "/request/body/name"),
        ({"name": "a", "replace": "yes"}, "/request/body/replace"),
        ({"name": "a", "replace": None}, "/request/body/replace"),
        ({"name": "a", "force": True}, "/request/body"),
        (None, "/request/body"),
    ],
)
def test_what_is_not_in_the_contract_is_a_400_with_its_place(
    own_client: httpx.Client, read_problem: ReadProblem, body: Any, field: str
) -> None:
    response = own_client.post(SNAPSHOTS, headers=JSON, content=json.dumps(body))

    assert read_problem(response)[0] == 400
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert names(own_client) == []


@pytest.mark.parametrize(
    ("method", "suffix"),
    [("GET", ""), ("DELETE", ""), ("POST", "/restore"), ("GET", "/file")],
)
def test_one_that_is_not_there_is_a_404_with_the_nearest(
    own_client: httpx.Client, read_problem: ReadProblem, method: str, suffix: str
) -> None:
    take(own_client, "before-payment")
    response = own_client.request(method, f"{SNAPSHOTS}/before-paiment{suffix}")

    sandbox = own_client.headers["x-mock-sandbox"]
    assert read_problem(response) == (
        404,
        f"The sandbox '{sandbox}' has no snapshot 'before-paiment'; did you mean 'before-payment'?",
    )
    assert read_problem(own_client.request(method, f"{SNAPSHOTS}/a%20b{suffix}"))[0] == 400


def test_those_of_one_sandbox_are_not_there_in_another(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    take(own_client, "one")
    other = {"X-Mock-Sandbox": f"without-{next(_numbers)}"}
    own_client.post("/__mock__/reset", headers=other)

    assert own_client.get(SNAPSHOTS, headers=other).json() == {"snapshots": []}
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/restore"), ("GET", "/file")):
        response = own_client.request(method, f"{SNAPSHOTS}/one{path}", headers=other)
        assert read_problem(response) == (
            404,
            f"The sandbox '{other['X-Mock-Sandbox']}' has no snapshot 'one'; none is known",
        )
    assert names(own_client) == ["one"]


def test_a_document_is_deleted(own_client: httpx.Client, read_problem: ReadProblem) -> None:
    take(own_client, "one")
    take(own_client, "two")

    response = own_client.delete(f"{SNAPSHOTS}/one")
    assert (response.status_code, response.content) == (204, b"")
    assert "content-type" not in response.headers
    assert names(own_client) == ["two"]
    assert read_problem(own_client.delete(f"{SNAPSHOTS}/one"))[0] == 404
    assert restore(own_client, "two").status_code == 200


# Restored


def test_a_restored_world_is_as_it_was(own_client: httpx.Client, world: World) -> None:
    take(own_client, "start")
    before = world(own_client)
    change_everything(own_client)
    take(own_client, "later")
    later = world(own_client)
    assert later != before

    response = restore(own_client, "start")
    assert response.status_code == 200
    assert (response.json()["documents"], response.json()["snapshots"]) == (15, 2)
    assert world(own_client) == before
    restore(own_client, "later")
    assert world(own_client) == later
    # The snapshot stays, and what is written after a restore is not written into it.
    own_client.post(LOG.replace("/1/", "/1/"), json={"action_type": "LEFT"})
    own_client.delete("/__mock__/state/ekran/session/124?cascade=true")
    restore(own_client, "later")
    assert world(own_client) == later
    assert names(own_client) == ["start", "later"]


def test_numbers_go_on_from_where_they_were(own_client: httpx.Client) -> None:
    """What is logged after a restore gets the keys that it would have had."""

    def log_one() -> str:
        own_client.post(LOG, json={"action_type": "LEFT"})
        return str(own_client.get("/__mock__/state/calwe/entry").json()["documents"][-1]["key"])

    assert log_one() == "1/3"
    own_client.delete("/__mock__/state/calwe/entry/1%2F3")
    take(own_client, "one")
    assert log_one() == "1/4"
    restore(own_client, "one")
    assert log_one() == "1/4"


def test_a_restored_clock_goes_on_as_it_did(own_client: httpx.Client) -> None:
    def clock(how: str, body: dict[str, Any]) -> dict[str, Any]:
        own_client.post(f"/__mock__/clock/{how}", json=body)
        take(own_client, "one", replace=True)
        own_client.post("/__mock__/clock/freeze", json={"at": "2001-01-01T00:00:00Z"})
        return dict(restore(own_client, "one").json()["clock"])

    assert clock("freeze", {"at": "2030-01-01T00:00:00Z"})["now"] == "2030-01-01T00:00:00Z"
    real = clock("shift", {"by": 0})
    assert (real["mode"], real["offset"]) == ("real", 0)
    shifted = clock("shift", {"by": "-1d"})
    assert (shifted["mode"], shifted["offset"]) == ("shifted", -86_400)
    own_client.post("/__mock__/clock/freeze", json={"at": "2030-01-01T00:00:00Z"})
    scaled = clock("rate", {"rate": 0.000001})
    assert (scaled["mode"], scaled["rate"]) == ("scaled", 0.000001)
    assert scaled["now"].startswith("2030-01-01T00:00:00")


def test_seed_and_tokens_are_restored_and_so_is_what_a_reset_leads_to(
    own_client: httpx.Client,
) -> None:
    own_client.post("/__mock__/load?seed=7", json={"scenario": "ekran-key-required"})
    take(own_client, "locked")
    own_client.post("/__mock__/load", json={"scenario": "ekran-empty"})
    assert own_client.get("/ekranapi/sessions").json() == []

    assert (
        restore(own_client, "locked").json()["scenario"],
        own_client.get(SNAPSHOTS).status_code,
    ) == (
        "ekran-key-required",
        200,
    )
    refused = own_client.get("/ekranapi/sessions")
    assert (refused.status_code, refused.headers["x-mock-seed"]) == (401, "7")
    own_client.delete("/__mock__/state/calwe/session/1?cascade=true")
    reset = own_client.post("/__mock__/reset").json()
    assert (reset["scenario"], reset["seed"], reset["documents"]) == ("ekran-key-required", 7, 15)


# Carried away and brought


def test_a_file_has_a_document_a_line(own_client: httpx.Client) -> None:
    own_client.post(
        "/__mock__/load",
        json={
            "scenario": {
                "name": "two",
                "description": "d",
                "seed": 4,
                "clock": {"freeze": "2025-08-21T12:00:00Z"},
                "tokens": {"calwe": {"valid": ["سر"]}},
                "apis": {"calwe": {"documents": {"session": [{"id": "9", "status": "PENDING"}]}}},
                "events": [{"trigger": "calwe.enter", "with": {"session": "9"}}],
            }
        },
    )
    take(own_client, "one")
    response = own_client.get(f"{SNAPSHOTS}/one/file")

    assert response.headers["content-type"] == "application/json"
    assert response.text == (
        '{"format":"mockserver-snapshot","version":1,"scenario":"two","seed":4,'
        '"clock":{"now":"2025-08-21T12:00:00Z","rate":0.0,"offset":0.0},'
        '"tokens":{"calwe":{"valid":["سر"]}},"collections":[\n'
        '{"api":"calwe","kind":"entry","owner":"9","last":1,"documents":[\n'
        '{"seq":1,"key":"9/1","body":{"session":"9","at":"2025-08-21T12:00:00+00:00",'
        '"action_type":"ENTERED"}}\n]},\n'
        '{"api":"calwe","kind":"session","owner":"","last":1,"documents":[\n'
        '{"seq":1,"key":"9","body":{"id":"9","status":"IN_PROGRESS"}}\n]}\n]}\n'
    )


def test_a_file_comes_back_byte_for_byte(own_client: httpx.Client, world: World) -> None:
    change_everything(own_client)
    own_client.delete("/__mock__/state/calwe/entry/1%2F1")
    take(own_client, "one")
    before = world(own_client)
    file = own_client.get(f"{SNAPSHOTS}/one/file").content
    own_client.post("/__mock__/load", json={"scenario": "ekran-empty"})

    assert upload(own_client, "brought", file).status_code == 200
    assert own_client.get(f"{SNAPSHOTS}/brought/file").content == file
    restore(own_client, "brought")
    # It has become what a reset leads back to, and so differs from that in nothing.
    after = world(own_client)
    assert {path for path in before if after[path] != before[path]} == {"/__mock__/diff"}
    assert json.loads(after["/__mock__/diff"])["equal"] is True
    own_client.post("/__mock__/reset")
    assert world(own_client) == after
    own_client.post("/__mock__/load", json={"scenario": "documented"})


def test_a_large_world_comes_back_byte_for_byte_on_another_server(
    start: Callable[..., httpx.Client], own_client: httpx.Client
) -> None:
    other = start(scenario="calwe-ten-thousand")
    take(other, "large")
    file = other.get(f"{SNAPSHOTS}/large/file", timeout=60).content

    brought = own_client.put(f"{SNAPSHOTS}/large/file", headers=JSON, content=file, timeout=60)
    assert (brought.status_code, brought.json()["documents"]) == (200, 10_001)
    assert own_client.get(f"{SNAPSHOTS}/large/file", timeout=60).content == file


def test_a_file_takes_the_place_of_a_snapshot(own_client: httpx.Client) -> None:
    take(own_client, "one")
    file = own_client.get(f"{SNAPSHOTS}/one/file").content
    change_everything(own_client)
    take(own_client, "one", replace=True)
    assert own_client.get(f"{SNAPSHOTS}/one").json()["documents"] != 15

    assert upload(own_client, "one", file).json()["documents"] == 15
    assert names(own_client) == ["one"]


def test_a_clock_that_runs_comes_as_it_was_however_often(own_client: httpx.Client) -> None:
    def brought(**clock: Any) -> dict[str, Any]:
        file = {
            "format": "mockserver-snapshot",
            "version": 1,
            "scenario": "s",
            "seed": 0,
            "clock": {"now": "2030-01-01T00:00:00Z", "offset": 0, **clock},
            "tokens": {},
            "collections": [],
        }
        return dict(upload(own_client, "one", file).json()["clock"])

    assert brought(rate=0)["mode"] == "frozen"
    assert brought(rate=1)["mode"] == "real"
    shifted = brought(rate=1, offset=-3_600)
    assert (shifted["mode"], shifted["offset"]) == ("shifted", -3_600)
    # A file is of the moment that it names, also when it comes again and another has run on.
    scaled = brought(rate=1_000_000)
    assert (scaled["mode"], scaled["now"][:7]) == ("scaled", "2030-01")
    restore(own_client, "one")
    time.sleep(1.8)  # 20 days and 20 hours of that clock
    assert own_client.get("/__mock__/clock").json()["now"] > "2030-01-20"
    assert "2030-01-01T00:00:00" < brought(rate=1_000_000)["now"] < "2030-01-20"
    assert restore(own_client, "one").json()["clock"]["now"] < "2030-01-20"


@pytest.fixture
def file(own_client: httpx.Client) -> dict[str, Any]:
    """The file of the documents' world, to be spoilt."""
    take(own_client, "original")
    return dict(own_client.get(f"{SNAPSHOTS}/original/file").json())


def collection(file: dict[str, Any], api: str, kind: str) -> tuple[int, dict[str, Any]]:
    return next(
        (n, item)
        for n, item in enumerate(file["collections"])
        if (item["api"], item["kind"]) == (api, kind)
    )


def faults(response: httpx.Response) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    return [(error["field"], error["reason"]) for error in response.json()["errors"]]


def test_what_belongs_to_nothing_is_refused(own_client: httpx.Client, file: dict[str, Any]) -> None:
    n, session = collection(file, "calwe", "session")
    m, _ = collection(file, "calwe", "entry")
    session["documents"] = []

    response = upload(own_client, "spoilt", file)
    assert faults(response) == [
        (f"collections.{m}.documents.{number}", "there is no session '1' in this scenario")
        for number in (0, 1)
    ]
    assert response.json()["detail"].startswith("2 things are wrong, and nothing was changed: ")
    assert names(own_client) == ["original"]
    assert n > m


def test_unknown_words_are_refused_with_the_nearest(
    own_client: httpx.Client, file: dict[str, Any]
) -> None:
    _, session = collection(file, "ekran", "session")
    _, activity = collection(file, "ekran", "activity")
    session["api"], activity["kind"] = "ekrn", "activities"

    found = faults(upload(own_client, "spoilt", file))
    assert [reason for _, reason in found] == [
        "there is no kind 'activities'; did you mean 'activity'?",
        "there is no API 'ekrn'; did you mean 'ekran'?",
        "there is no session '142' in this scenario",
    ]


def test_two_of_one_sort_are_refused(own_client: httpx.Client, file: dict[str, Any]) -> None:
    n, changes = collection(file, "avaamo", "change")
    first, second, third = changes["documents"]
    second["seq"] = first["seq"]
    third["key"], third["body"] = first["key"], first["body"]
    file["collections"].append(copy.deepcopy(changes))

    assert faults(upload(own_client, "spoilt", file)) == [
        (f"collections.{len(file['collections']) - 1}", "it stands there twice"),
        (
            f"collections.{n}.documents.1",
            "the number 1 stands twice, or is beyond the last one",
        ),
        (f"collections.{n}.documents.2", "there is another change with the key '2202440'"),
    ]


def test_a_number_beyond_the_last_is_refused(
    own_client: httpx.Client, file: dict[str, Any]
) -> None:
    n, entries = collection(file, "calwe", "entry")
    entries["last"] = 1

    assert (
        f"collections.{n}.documents.1",
        "the number 2 stands twice, or is beyond the last one",
    ) in faults(upload(own_client, "spoilt", file))


def test_a_key_that_is_still_to_be_given_is_refused(
    own_client: httpx.Client, file: dict[str, Any]
) -> None:
    n, entries = collection(file, "calwe", "entry")
    entries["documents"][0]["key"] = "1/3"
    entries["documents"][1]["key"] = "7/1"

    assert faults(upload(own_client, "spoilt", file)) == [
        (
            f"collections.{n}.documents.{number}",
            f"its key '{key}' is one that another entry is going to have",
        )
        for number, key in enumerate(("1/3", "7/1"))
    ]
    entries["last"] = 3
    entries["documents"][1]["key"] = "7/0"
    assert upload(own_client, "good", file).status_code == 200
    restore(own_client, "good")
    for _ in range(3):
        assert own_client.post(LOG, json={"action_type": "LEFT"}).status_code == 200


def test_what_stands_in_the_wrong_place_is_refused(
    own_client: httpx.Client, file: dict[str, Any]
) -> None:
    n, changes = collection(file, "avaamo", "change")
    changes["documents"][0]["key"] = "5"
    changes["documents"][1]["body"]["action"] = "create"

    assert faults(upload(own_client, "spoilt", file)) == [
        (f"collections.{n}.documents.0", "its key is '5', and its body says '2202440'"),
        (
            f"collections.{n}.documents.1",
            "it belongs to 'create', and stands with those of 'update'",
        ),
    ]


def test_bodies_are_validated_as_their_kinds_demand(
    own_client: httpx.Client, file: dict[str, Any]
) -> None:
    n, session = collection(file, "calwe", "session")
    session["documents"][0]["body"] = {"id": "1", "status": "ASLEEP", "age": 5}
    m, teams = collection(file, "autozod", "team")
    teams["documents"][0]["body"]["timezone"] = "Mars/Olympus"
    k, changes = collection(file, "avaamo", "change")
    changes["documents"][0]["body"]["dashboard_user"]["id"] = 10**30

    found = faults(upload(own_client, "spoilt", file))
    assert [reason for field, reason in found if field == f"collections.{m}.documents.0"] == [
        "timezone: 'Mars/Olympus' is no time zone; write one like 'Asia/Riyadh'"
    ]
    assert [reason for field, reason in found if field == f"collections.{k}.documents.0"] == [
        "it cannot be stored: Integer exceeds 64-bit range"
    ]
    reasons = [reason for field, reason in found if field == f"collections.{n}.documents.0"]
    assert len(reasons) == 2
    assert any(reason.startswith('status: "ASLEEP" is not one of') for reason in reasons)
    assert any("'age' was unexpected" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("clock", "reason"),
    [
        (
            {"now": "3000-01-01T00:00:00Z", "rate": 0, "offset": 0},
            "'3000-01-01T00:00:00Z' is no moment for a clock; one from 1970 to 2999 is",
        ),
        (
            {"now": "2025-02-31T00:00:00Z", "rate": 60, "offset": 0},
            "'2025-02-31T00:00:00Z' is not a moment; write it like 2025-08-21T14:30:00Z",
        ),
        (
            {"now": "2025-01-01T00:00:00Z", "rate": 1, "offset": -100_000_000_000},
            "'0001-01-01T00:00:00Z' is no moment for a clock; one from 1970 to 2999 is",
        ),
    ],
)
def test_a_moment_out_of_range_is_refused(
    own_client: httpx.Client, file: dict[str, Any], clock: dict[str, Any], reason: str
) -> None:
    assert faults(upload(own_client, "spoilt", {**file, "clock": clock})) == [("clock", reason)]
    assert names(own_client) == ["original"]


def spoilt(file: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """A file with something else at a place."""
    whole = place = copy.deepcopy(file)
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return whole


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["format"], "har", "/request/body/format"),
        (["version"], 2, "/request/body/version"),
        (["version"], 1.5, "/request/body/version"),
        (["scenario"], "", "/request/body/scenario"),
        (["scenario"], "x" * 256, "/request/body/scenario"),
        (["seed"], -1, "/request/body/seed"),
        (["seed"], 2**63, "/request/body/seed"),
        (["seed"], "1", "/request/body/seed"),
        (["extra"], 1, "/request/body"),
        (["clock"], {"now": "2025-01-01"}, "/request/body/clock"),
        (["clock", "rate"], -1, "/request/body/clock/rate"),
        (["clock", "rate"], 1e7, "/request/body/clock/rate"),
        (["clock", "offset"], 1e12, "/request/body/clock/offset"),
        (["clock", "now"], "now", "/request/body/clock/now"),
        (["tokens"], {"calwe": {"valid": [""]}}, "/request/body/tokens/calwe/valid/0"),
        (["tokens"], {"calwe": ["x"]}, "/request/body/tokens/calwe"),
        (["collections"], {}, "/request/body/collections"),
        (["collections", 0, "last"], -1, "/request/body/collections/0/last"),
        (["collections", 0, "last"], 2**62 + 1, "/request/body/collections/0/last"),
        (["collections", 0, "owner"], None, "/request/body/collections/0/owner"),
        (["collections", 0, "more"], 1, "/request/body/collections/0"),
    ],
)
def test_another_shape_is_a_400_with_its_place(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    file: dict[str, Any],
    path: list[Any],
    value: Any,
    field: str,
) -> None:
    response = upload(own_client, "spoilt", spoilt(file, *path, to=value))

    assert read_problem(response)[0] == 400
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert names(own_client) == ["original"]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("seq", 0, "seq: 0 is less than the minimum of 1"),
        ("key", "", 'key: "" is shorter than 1 character'),
        ("body", [], 'body: [] is not of type "object"'),
        ("at", 5, "at: 'at' is not known here; known: 'body', 'key', 'seq'"),
    ],
)
def test_a_document_of_another_shape_is_refused_with_its_place(
    own_client: httpx.Client, file: dict[str, Any], field: str, value: Any, reason: str
) -> None:
    response = upload(
        own_client, "spoilt", spoilt(file, "collections", 0, "documents", 0, field, to=value)
    )

    assert ("collections.0.documents.0", reason) in faults(response)
    assert names(own_client) == ["original"]


def test_of_very_many_breaches_a_hundred_are_shown(
    own_client: httpx.Client, read_problem: ReadProblem, file: dict[str, Any]
) -> None:
    response = upload(
        own_client, "spoilt", spoilt(file, "collections", 0, "documents", to=[{"seq": 1}] * 500)
    )

    assert read_problem(response)[0] == 422
    assert read_problem(response)[1].startswith("1000 things are wrong, and nothing was changed")
    assert len(response.json()["errors"]) == 100


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"format":"mockserver-snapshot"',
        b"[" * 100_000,
        b'{"format":' + b'{"a":' * 900 + b"1" + b"}" * 901,
        b'{"seed":' + b"9" * 5_000 + b"}",
    ],
    ids=["empty", "object", "list", "bytes", "half", "brackets", "deep", "digits"],
)
def test_what_is_no_file_is_a_400(
    own_client: httpx.Client, read_problem: ReadProblem, content: bytes
) -> None:
    assert read_problem(upload(own_client, "spoilt", content))[0] == 400
    assert names(own_client) == []


def test_a_refused_file_leaves_world_and_snapshots_alone(
    own_client: httpx.Client, world: World, file: dict[str, Any]
) -> None:
    change_everything(own_client)
    before = world(own_client)
    kept = own_client.get(f"{SNAPSHOTS}/original/file").content
    for api, kind in (("calwe", "session"), ("autozod", "team"), ("ekran", "session")):
        n, _ = collection(file, api, kind)
        broken = spoilt(file, "collections", n, "documents", to=[])
        assert upload(own_client, "original", broken).status_code == 422

    assert own_client.get(f"{SNAPSHOTS}/original/file").content == kept
    assert world(own_client) == before


# Compared


def diff(client: httpx.Client, **query: Any) -> dict[str, Any]:
    response = client.get("/__mock__/diff", params=query)
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_fresh_world_is_its_scenario(own_client: httpx.Client) -> None:
    assert diff(own_client) == {
        "from": None,
        "to": None,
        "equal": True,
        "world": [],
        "added": 0,
        "removed": 0,
        "changed": 0,
        "documents": [],
    }


def test_differences_are_listed_by_field(own_client: httpx.Client) -> None:
    own_client.post(LOG, json={"action_type": "LEFT"})
    own_client.patch("/__mock__/state/calwe/session/1", json={"coach": None, "status": "PENDING"})
    own_client.delete("/__mock__/state/ekran/activity/124%2F1")
    own_client.post("/__mock__/clock/advance", json={"by": "1h"})

    found = diff(own_client)
    assert found["equal"] is False
    assert found["world"] == [
        {
            "field": "/clock/now",
            "before": "2025-08-21T14:30:00Z",
            "after": "2025-08-21T15:30:00Z",
        }
    ]
    assert (found["added"], found["removed"], found["changed"]) == (1, 1, 1)
    assert found["documents"] == [
        {
            "api": "calwe",
            "kind": "session",
            "key": "1",
            "change": "changed",
            "fields": [
                {"field": "/status", "before": "IN_PROGRESS", "after": "PENDING"},
                {"field": "/coach", "before": "خالد الشمري"},
            ],
        },
        {
            "api": "calwe",
            "kind": "entry",
            "key": "1/3",
            "change": "added",
            "body": {
                "session": "1",
                "at": "2025-08-21T14:30:00+00:00",
                "action_type": "LEFT",
            },
        },
        {
            "api": "ekran",
            "kind": "activity",
            "key": "124/1",
            "change": "removed",
            "body": {"sessionId": 124, "at": "2000-01-23T04:56:07.000+00:00"},
        },
    ]


def test_snapshots_are_compared_with_each_other_and_with_now(own_client: httpx.Client) -> None:
    take(own_client, "one")
    own_client.post(LOG, json={"action_type": "LEFT"})
    take(own_client, "two")
    own_client.post(LOG, json={"action_type": "LEFT"})

    def counted(**query: str) -> tuple[str | None, str | None, int, int]:
        found = diff(own_client, **query)
        return found["from"], found["to"], found["added"], found["removed"]

    assert counted() == (None, None, 2, 0)
    assert counted(**{"from": "one"}) == ("one", None, 2, 0)
    assert counted(**{"from": "two"}) == ("two", None, 1, 0)
    assert counted(**{"from": "one", "to": "two"}) == ("one", "two", 1, 0)
    assert counted(**{"from": "two", "to": "one"}) == ("two", "one", 0, 1)
    assert counted(to="one") == (None, "one", 0, 0)
    assert diff(own_client, **{"from": "one", "to": "one"})["equal"] is True


def test_all_are_counted_and_as_many_shown_as_are_wanted(own_client: httpx.Client) -> None:
    own_client.post("/__mock__/clock/advance", json={"by": "3h"})  # to the moment of the scenario
    own_client.post("/__mock__/load?mode=add", json={"scenario": "ekran-running"})
    assert diff(own_client)["added"] == 7
    for limit in (0, 1, 6, 7, 10_000):
        found = diff(own_client, limit=limit)
        assert (found["added"], len(found["documents"])) == (7, min(limit, 7))


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"from": "oen"}, 404, "has no snapshot 'oen'; did you mean 'one'?"),
        ({"to": "x"}, 404, "has no snapshot 'x'; known: 'one'"),
        ({"from": "a b"}, 400, "/request/query/from"),
        ({"from": ""}, 400, "/request/query/from"),
        ({"limit": -1}, 400, "/request/query/limit: -1 is less than the minimum of 0"),
        ({"limit": 10_001}, 400, "/request/query/limit"),
        ({"limit": "many"}, 400, "/request/query/limit"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    query: dict[str, Any],
    status: int,
    words: str,
) -> None:
    take(own_client, "one")
    found = read_problem(own_client.get("/__mock__/diff", params=query))

    assert found[0] == status
    assert words in found[1]


# While another client reads


def test_a_reader_sees_the_old_world_or_the_new_one_and_never_half(
    own_client: httpx.Client,
) -> None:
    own_client.post("/__mock__/load", json={"scenario": "calwe-one-page-and-one"})
    size = own_client.get("/__mock__/state").json()
    take(own_client, "full")
    own_client.post("/__mock__/load", json={"scenario": "ekran-empty"})
    take(own_client, "empty")
    none = own_client.get("/__mock__/state").json()
    seen: list[Any] = []
    is_over = threading.Event()

    def read() -> None:
        with httpx.Client(
            base_url=own_client.base_url, headers=own_client.headers, timeout=60, verify=False
        ) as reader:
            while not is_over.is_set():
                seen.append(reader.get("/__mock__/state").json())

    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in readers:
        thread.start()
    for n in range(30):
        assert restore(own_client, ("full", "empty")[n % 2]).status_code == 200
    is_over.set()
    for thread in readers:
        thread.join()

    assert size != none
    assert all(found in (size, none) for found in seen)
    assert size in seen
    assert none in seen


def test_a_download_is_validated_without_its_documents_which_may_be_many(
    own_client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A body that was sent before is not validated again.
    own_client.patch("/__mock__/state/calwe/session/1", json={"customer": uuid4().hex})
    take(own_client, "a")
    validated: list[int] = []
    accepts = Schema.accepts

    def count_values(self: Schema, value: Any) -> bool:
        validated.append(len(json.dumps(value)))
        return accepts(self, value)

    monkeypatch.setattr(Schema, "accepts", count_values)
    file = own_client.get(f"{SNAPSHOTS}/a/file")
    assert file.status_code == 200
    assert file.content.count(b'"seq"') == 15
    assert 100 < max(validated) < len(file.content) / 2
