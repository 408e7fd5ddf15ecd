"""The documents of a world over the control API: listed, read, put, changed, deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import httpx
import pytest

from mockserver.server.control.documents import _merge_patch as merge_patch

ReadProblem = Callable[[httpx.Response], tuple[int, str]]
Check = Callable[[httpx.Client], None]
World = Callable[[httpx.Client], dict[str, bytes]]

STATE = "/__mock__/state"
LOG = "/v1/customer/sessions/1/log"
JSON = {"Content-Type": "application/json"}
ENTRY = {"session": "1", "at": "2025-08-21T09:00:00Z", "action_type": "CANCEL_REQUEST"}
AGENT = "68a6d35049a09719b70539b4"


def listed(client: httpx.Client, path: str, **query: Any) -> tuple[int, list[str]]:
    """How many there are in all, and the keys of those on the page."""
    response = client.get(f"{STATE}/{path}", params=query)
    assert response.status_code == 200, response.text
    body = response.json()
    return body["total"], [document["key"] for document in body["documents"]]


def sizes(client: httpx.Client) -> dict[str, int]:
    kinds = client.get(STATE).json()["kinds"]
    return {f"{kind['api']}/{kind['kind']}": kind["size"] for kind in kinds}


def add_sessions(client: httpx.Client, number: int) -> None:
    sessions = [
        {"id": str(n), "status": "PENDING", "customer": f"c{n % 3}"}
        for n in range(100, 100 + number)
    ]
    scenario = {
        "name": "more",
        "description": "d",
        "apis": {"calwe": {"documents": {"session": sessions}}},
    }
    response = client.post("/__mock__/load?mode=add", json={"scenario": scenario})
    assert response.status_code == 200, response.text


# Listed


def test_the_kinds_are_listed_with_their_parents_and_sizes(own_client: httpx.Client) -> None:
    kinds = own_client.get(STATE).json()["kinds"]

    assert [(kind["api"], kind["kind"], kind["parent"], kind["size"]) for kind in kinds] == [
        ("autozod", "team", None, 1),
        ("autozod", "agent", "team", 1),
        ("autozod", "duty", "agent", 2),
        ("avaamo", "change", None, 3),
        ("avaamo", "agent", None, 1),
        ("avaamo", "resource", None, 0),
        ("calwe", "session", None, 1),
        ("calwe", "entry", "session", 2),
        ("ekran", "session", None, 2),
        ("ekran", "activity", "session", 2),
    ]


def test_apis_that_are_not_served_have_documents_too(start: Callable[..., httpx.Client]) -> None:
    client = start(scenario="documented", only=("calwe",))

    assert sizes(client)["ekran/session"] == 2
    assert listed(client, "ekran/session") == (2, ["124", "142"])


def test_a_document_has_all_its_fields(own_client: httpx.Client) -> None:
    response = own_client.get(f"{STATE}/ekran/session/124")

    assert response.json() == {
        "api": "ekran",
        "kind": "session",
        "key": "124",
        "owner": "",
        "at": "2000-01-23T04:56:07Z",
        "until": "2000-01-23T04:56:07Z",
        "body": {
            "clientGuid": "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",
            "logoutDate": "2000-01-23T04:56:07.000+00:00",
            "loginDate": "2000-01-23T04:56:07.000+00:00",
            "sessionId": 124,
            "userId": 61,
        },
    }
    duty = own_client.get(f"{STATE}/autozod/duty/{AGENT}%2F2").json()
    assert (duty["key"], duty["owner"]) == (f"{AGENT}/2", AGENT)
    assert (duty["at"], duty["until"]) == ("2025-08-21T12:15:00Z", "2025-08-21T14:00:00Z")
    session = own_client.get(f"{STATE}/calwe/session/1").json()
    assert (session["at"], session["until"]) == (None, None)


def test_they_are_listed_in_the_order_in_which_they_came(own_client: httpx.Client) -> None:
    assert listed(own_client, "calwe/entry") == (2, ["1/1", "1/2"])
    own_client.post(LOG, json={"action_type": "LEFT"})
    own_client.put(f"{STATE}/calwe/entry/mine", json=ENTRY)

    # Though it is of an earlier moment, it came last.
    assert listed(own_client, "calwe/entry") == (4, ["1/1", "1/2", "1/3", "mine"])


def test_a_page_has_at_most_per_page_documents(own_client: httpx.Client) -> None:
    add_sessions(own_client, 119)

    assert listed(own_client, "calwe/session")[0] == 120
    assert len(listed(own_client, "calwe/session")[1]) == 50
    assert listed(own_client, "calwe/session", per_page=3) == (120, ["1", "100", "101"])
    assert listed(own_client, "calwe/session", per_page=3, page=2) == (120, ["102", "103", "104"])
    assert len(listed(own_client, "calwe/session", per_page=1000)[1]) == 120
    assert listed(own_client, "calwe/session", per_page=50, page=3)[1][-1] == "218"
    assert listed(own_client, "calwe/session", page=4) == (120, [])


@pytest.mark.parametrize("page", [2**31, 2**53 + 1, 2**63 - 1])
def test_a_page_however_far_is_empty(own_client: httpx.Client, page: int) -> None:
    for more in ({}, {"where": "status=IN_PROGRESS"}, {"owner": "1"}):
        response = own_client.get(
            f"{STATE}/calwe/session", params={"page": page, "per_page": 1000, **more}
        )
        assert response.status_code == 200
        assert response.json()["documents"] == []
        assert response.json()["page"] == page


def test_those_of_one_owner_are_listed(own_client: httpx.Client) -> None:
    add_sessions(own_client, 2)
    own_client.put(f"{STATE}/calwe/entry/mine", json={**ENTRY, "session": "100"})

    assert listed(own_client, "calwe/entry", owner="100") == (1, ["mine"])
    assert listed(own_client, "calwe/entry", owner="1") == (2, ["1/1", "1/2"])
    assert listed(own_client, "calwe/entry", owner="nobody") == (0, [])
    assert listed(own_client, "calwe/entry", owner="1", per_page=1, page=2) == (2, ["1/2"])


@pytest.mark.parametrize(
    ("path", "where", "keys"),
    [
        ("avaamo/change", ["id=2202441"], ["2202441"]),
        ("avaamo/change", ["timestamp=1699178390"], ["2202440"]),
        ("avaamo/change", ["action=update", "id=2202442"], ["2202442"]),
        ("avaamo/change", ["action=update", "action=create"], []),
        ("avaamo/change", ['resource={"id":739,"type":"User"}'], ["2202440", "2202441", "2202442"]),
        ("calwe/session", ["customer=سارة العتيبي"], ["1"]),
        ("calwe/session", ["status="], []),
        ("calwe/session", ["status=in_progress"], []),
        ("calwe/session", ["text=null"], []),
        ("calwe/session", ["=x"], None),
        ("calwe/session", ["status"], None),
        ("calwe/session", [""], None),
        ("calwe/entry", ["text=Customer temporarily left the session"], ["1/2"]),
        ("calwe/entry", ["at=2025-08-20T14:30:00Z"], ["1/1"]),
        ("ekran/session", ["userId=61"], ["124"]),
        ("ekran/session", ["userId=61.0"], []),
        ("ekran/session", ["logoutDate=null"], []),
    ],
)
def test_a_filter_wants_the_value_of_a_field(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    path: str,
    where: list[str],
    keys: list[str] | None,
) -> None:
    response = own_client.get(f"{STATE}/{path}", params={"where": where})

    if keys is None:
        assert read_problem(response)[0] == 400
        assert response.json()["errors"][0]["field"] == "/request/query/where/0"
    else:
        assert [document["key"] for document in response.json()["documents"]] == keys
        assert response.json()["total"] == len(keys)


def test_a_null_is_a_value_and_an_absent_field_is_none(own_client: httpx.Client) -> None:
    own_client.post("/__mock__/events/ekran.log_in", json={"with": {"user": 5}})

    assert listed(own_client, "ekran/session", where="logoutDate=null") == (1, ["143"])
    assert listed(own_client, "ekran/session", where="nothing=null") == (0, [])


def test_an_equals_sign_belongs_to_the_value(own_client: httpx.Client) -> None:
    own_client.patch(f"{STATE}/calwe/session/1", json={"coach": "a=b=c"})

    assert listed(own_client, "calwe/session", where="coach=a=b=c") == (1, ["1"])


def test_a_filter_is_paged_as_everything_is(own_client: httpx.Client) -> None:
    add_sessions(own_client, 30)

    assert listed(own_client, "calwe/session", where="customer=c0", per_page=4) == (
        10,
        ["102", "105", "108", "111"],
    )
    assert listed(own_client, "calwe/session", where="customer=c0", per_page=4, page=3) == (
        10,
        ["126", "129"],
    )
    assert listed(own_client, "calwe/session", where="customer=c0", page=9) == (10, [])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1.5", "page"),
        ("page=one", "page"),
        ("page=9223372036854775808", "page"),
        ("page=" + "9" * 399, "page"),
        ("page=" + "9" * 500, "page"),
        ("per_page=0", "per_page"),
        ("per_page=1001", "per_page"),
        ("owner=", "owner"),
    ],
)
def test_a_query_that_is_not_in_the_contract_is_a_400(
    own_client: httpx.Client, read_problem: ReadProblem, query: str, field: str
) -> None:
    response = own_client.get(f"{STATE}/calwe/session?{query}")

    assert read_problem(response)[0] == 400
    assert [error["field"] for error in response.json()["errors"]] == [f"/request/query/{field}"]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("calw/session", "There is no API 'calw'; did you mean 'calwe'?"),
        ("control/session", "There is no API 'control'; known: 'autozod', 'avaamo', 'calwe', "),
        ("calwe/sesion", "The API 'calwe' has no kind 'sesion'; did you mean 'session'?"),
        ("calwe/zzz", "The API 'calwe' has no kind 'zzz'; known: 'entry', 'session'"),
        ("CALWE/session", "There is no API 'CALWE'; known: "),
        ("calwe/سارة", "The API 'calwe' has no kind 'سارة'; known: "),
    ],
)
def test_what_is_not_there_is_a_404_with_the_nearest(
    own_client: httpx.Client, read_problem: ReadProblem, path: str, sentence: str
) -> None:
    for method, key, body in (
        ("GET", "", None),
        ("GET", "/1", None),
        ("PUT", "/1", {}),
        ("PATCH", "/1", {}),
        ("DELETE", "/1", None),
    ):
        response = own_client.request(method, f"{STATE}/{path}{key}", json=body)
        status, detail = read_problem(response)
        assert (method, status) == (method, 404)
        assert detail.startswith(sentence)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_document_that_is_not_there_is_a_404(
    own_client: httpx.Client, read_problem: ReadProblem, method: str
) -> None:
    body = None if method != "PATCH" else {}

    assert read_problem(own_client.request(method, f"{STATE}/calwe/session/2", json=body)) == (
        404,
        "There is no session '2'; list them to see which there are",
    )


# Put


def test_a_new_document_is_put(own_client: httpx.Client) -> None:
    response = own_client.put(f"{STATE}/calwe/session/2", json={"id": "2", "status": "PENDING"})

    assert response.status_code == 200
    assert response.json()["body"] == {"id": "2", "status": "PENDING"}
    assert own_client.get("/v1/customer/sessions/2/log").json()["data"]["total"] == 0
    assert listed(own_client, "calwe/session") == (2, ["1", "2"])


def test_one_that_is_there_is_put_in_its_own_place(own_client: httpx.Client) -> None:
    add_sessions(own_client, 1)
    own_client.put(f"{STATE}/calwe/session/1", json={"id": "1", "status": "COMPLETED"})

    assert listed(own_client, "calwe/session") == (2, ["1", "100"])
    assert own_client.get(f"{STATE}/calwe/session/1").json()["body"] == {
        "id": "1",
        "status": "COMPLETED",
    }
    assert own_client.post(LOG, json={"action_type": "LEFT"}).status_code == 422


def test_one_that_moves_to_another_owner_comes_last_there(own_client: httpx.Client) -> None:
    add_sessions(own_client, 1)
    own_client.put(f"{STATE}/calwe/entry/mine", json={**ENTRY, "session": "100"})
    moved = own_client.patch(f"{STATE}/calwe/entry/1%2F1", json={"session": "100"})

    assert (moved.json()["key"], moved.json()["owner"]) == ("1/1", "100")
    assert listed(own_client, "calwe/entry", owner="1") == (1, ["1/2"])
    assert listed(own_client, "calwe/entry", owner="100") == (2, ["mine", "1/1"])
    assert own_client.get(LOG).json()["data"]["total"] == 1
    assert own_client.get("/v1/customer/sessions/100/log").json()["data"]["total"] == 2


def test_the_moments_of_what_is_put_are_those_of_its_body(own_client: httpx.Client) -> None:
    own_client.put(f"{STATE}/calwe/entry/mine", json=ENTRY)

    # By its moment it stands between those of yesterday and that of now.
    own_client.post(LOG, json={"action_type": "LEFT"})
    dates = [entry["date"] for entry in own_client.get(LOG).json()["data"]["data"]]
    assert dates == ["2:30 PM", "2:35 PM", "9:00 AM", "2:30 PM"]
    own_client.patch(f"{STATE}/calwe/entry/mine", json={"at": "2025-08-19T08:00:00Z"})
    dates = [entry["date"] for entry in own_client.get(LOG).json()["data"]["data"]]
    assert dates == ["8:00 AM", "2:30 PM", "2:35 PM", "2:30 PM"]


KEYS = [
    "a/b",
    "/a",
    "a/",
    "//",
    "a//b",
    ".",
    "..",
    "../x",
    "%2F",
    "%",
    "%00",
    "?",
    "a?b=c",
    "#",
    "a#b",
    "a b",
    " ",
    "+",
    "a;b",
    "a,b",
    "أحمد/سارة",
    "😀",
    "é",
    "e\u0301",
    "\u2028",
    "\ufffd",
    "'",
    '"',
    "\\",
    "{key}",
    "<key>",
    "x" * 3_000,
]


def test_a_key_may_have_any_sign_in_it(own_client: httpx.Client) -> None:
    paths = {
        key: f"{STATE}/calwe/entry/{''.join(f'%{byte:02X}' for byte in key.encode())}"
        for key in KEYS
    }
    for key, path in paths.items():
        put = own_client.put(path, json=ENTRY)
        assert put.status_code == 200, put.text
        assert put.json()["key"] == key
        assert own_client.get(path).json() == put.json()

    assert listed(own_client, "calwe/entry") == (2 + len(KEYS), ["1/1", "1/2", *KEYS])
    for key, path in paths.items():
        patched = own_client.patch(path, json={"action_type": "LEFT"}).json()
        assert (patched["key"], patched["body"]["action_type"]) == (key, "LEFT")
        assert own_client.delete(path).status_code == 204
        assert (key, own_client.get(path).status_code) == (key, 404)
    assert listed(own_client, "calwe/entry") == (2, ["1/1", "1/2"])


@pytest.mark.parametrize("key", ["%00", "a%0Ab", "%0A", "%7F", "%1F"])
def test_a_key_with_a_control_character_is_a_400(
    own_client: httpx.Client, read_problem: ReadProblem, key: str
) -> None:
    assert read_problem(own_client.put(f"{STATE}/calwe/entry/{key}", json=ENTRY)) == (
        400,
        "The path has a control character",
    )


def test_an_empty_key_is_a_400(own_client: httpx.Client, read_problem: ReadProblem) -> None:
    for method in ("GET", "PUT", "DELETE"):
        response = own_client.request(method, f"{STATE}/calwe/entry/", json=ENTRY)
        assert read_problem(response)[0] == 400
        assert "/request/path/key" in read_problem(response)[1]


def test_a_key_that_the_body_has_must_be_the_path_s(
    own_client: httpx.Client, read_problem: ReadProblem, check_unchanged: Check
) -> None:
    assert read_problem(
        own_client.put(f"{STATE}/calwe/session/2", json={"id": "3", "status": "PENDING"})
    ) == (
        422,
        "The key in the path is '2', and the body's is '3'",
    )
    assert read_problem(own_client.patch(f"{STATE}/calwe/session/1", json={"id": "2"})) == (
        422,
        "The key in the path is '1', and the body's is '2'",
    )
    check_unchanged(own_client)


def test_a_key_that_is_still_to_be_given_is_refused(
    own_client: httpx.Client, read_problem: ReadProblem, world: World
) -> None:
    before = world(own_client)
    add_sessions(own_client, 1)
    for key, owner in (("1/4", "1"), ("1/999", "1"), ("100/1", "1"), ("nobody/7", "1")):
        path = f"{STATE}/calwe/entry/{key.replace('/', '%2F')}"
        of, _, number = key.partition("/")
        assert read_problem(own_client.put(path, json={**ENTRY, "session": owner})) == (
            422,
            f"'{key}' is the key that the entry {number} of '{of}' is going to have; "
            "choose one that does not end in a slash and a number",
        )
    own_client.delete(f"{STATE}/calwe/session/100")
    assert world(own_client) == {**before}


def test_the_next_key_can_be_put_and_the_others_go_on_from_it(own_client: httpx.Client) -> None:
    assert own_client.put(f"{STATE}/calwe/entry/1%2F3", json=ENTRY).status_code == 200
    for _ in range(3):
        assert own_client.post(LOG, json={"action_type": "LEFT"}).status_code == 200
    assert listed(own_client, "calwe/entry")[1] == ["1/1", "1/2", "1/3", "1/4", "1/5", "1/6"]

    # One that was deleted can come back, and looks like none that is to come.
    own_client.delete(f"{STATE}/calwe/entry/1%2F2")
    assert own_client.put(f"{STATE}/calwe/entry/1%2F2", json=ENTRY).status_code == 200
    for key in ("1%2F04", "1%2F%2B4", "1%2F0", "1%2F4x", "4", "1%2F99999999999999999999"):
        assert own_client.put(f"{STATE}/calwe/entry/{key}", json=ENTRY).status_code == 200
    assert own_client.post(LOG, json={"action_type": "ENDED"}).status_code == 200


def test_what_it_belongs_to_must_be_there(
    own_client: httpx.Client, read_problem: ReadProblem, check_unchanged: Check
) -> None:
    assert read_problem(
        own_client.put(f"{STATE}/calwe/entry/x", json={**ENTRY, "session": "9"})
    ) == (
        422,
        "There is no session '9' for it to belong to",
    )
    assert read_problem(own_client.patch(f"{STATE}/calwe/entry/1%2F1", json={"session": "9"})) == (
        422,
        "There is no session '9' for it to belong to",
    )
    check_unchanged(own_client)


def test_it_must_lie_inside_what_it_belongs_to(
    own_client: httpx.Client, read_problem: ReadProblem, check_unchanged: Check
) -> None:
    activity = {"sessionId": 124, "at": "2025-08-21T09:00:00Z"}

    assert read_problem(own_client.put(f"{STATE}/ekran/activity/x", json=activity)) == (
        422,
        "It lies outside its session '124'",
    )
    body = own_client.get(f"{STATE}/ekran/session/124").json()["body"]
    late = "2000-01-23T05:00:00.000+00:00"
    for moved in ({"loginDate": late, "logoutDate": late}, {"loginDate": late, "logoutDate": None}):
        assert read_problem(
            own_client.put(f"{STATE}/ekran/session/124", json={**body, **moved})
        ) == (
            422,
            "Its activity '124/1' would lie outside it; move that first",
        )
    check_unchanged(own_client)
    # A session that grows has room for more.
    grown = {**body, "logoutDate": None}
    assert own_client.put(f"{STATE}/ekran/session/124", json=grown).status_code == 200
    assert own_client.put(f"{STATE}/ekran/activity/x", json=activity).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("calwe/session/2", {}, ['/: "id" is a required', '/: "status" is a required']),
        ("calwe/session/2", {"id": "2", "status": "ASLEEP"}, ["/status:"]),
        ("calwe/session/2", {"id": "2", "status": "PENDING", "x": 1}, ["'x' was unexpected"]),
        ("calwe/session/2", {"id": 2, "status": "PENDING"}, ["/id: 2 is not of type"]),
        ("calwe/session/2", {"id": "a/b", "status": "PENDING"}, ["/id:"]),
        ("calwe/entry/x", {**ENTRY, "at": "2016-12-31T23:59:60Z"}, ["/at:"]),
        ("autozod/team/5", {"id": 5, "name": "x", "timezone": "Mars/X"}, ["is no time zone"]),
        (
            "autozod/duty/x",
            {"agent_id": AGENT, "start": "2025-08-21T10:00:00Z", "end": "2025-08-21T09:00:00Z"},
            ["/end: '2025-08-21T09:00:00Z' is before the start"],
        ),
        ("autozod/team/5", {"id": 2**63, "name": "x", "timezone": "UTC"}, ["/id: "]),
        (
            "avaamo/change/5",
            {
                "id": 5,
                "resource": {"id": 10**40, "type": "User"},
                "action": "update",
                "changelog": "c",
                "timestamp": 1,
                "dashboard_user": {"id": 1, "display_name": "x", "email": "x"},
            },
            ["/: it cannot be stored: Integer exceeds 64-bit range"],
        ),
    ],
)
def test_a_body_is_validated_as_its_kind_demands(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    path: str,
    body: dict[str, Any],
    words: list[str],
) -> None:
    before = sizes(own_client)
    status, detail = read_problem(own_client.put(f"{STATE}/{path}", json=body))

    assert status == 422
    kind, key = path.split("/")[1:]
    assert detail.startswith(f"The {kind} '{key}' is not right: ")
    assert all(word in detail for word in words), detail
    assert sizes(own_client) == before


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'{"id": "\\ud800"}', 400),
        (b'{"id": 1e999}', 400),
        (b'{"id": ' + b"9" * 5_000 + b"}", 400),
        (b'{"id": ' + b"9" * 4_000 + b"}", 400),
        (b'{"id": 123456789012345678901234567890}', 422),
        (b"[" * 100_000, 400),
        (b'{"a":' * 1_000 + b"1" + b"}" * 1_000, 422),
        (b'{"a":' * 500 + b"1" + b"}" * 500, 422),
        (b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", 422),
    ],
)
def test_a_hostile_body_is_refused_and_nothing_worse(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    check_unchanged: Check,
    content: bytes,
    status: int,
) -> None:
    path = f"{STATE}/calwe/session/1"
    for method in ("PUT", "PATCH"):
        response = own_client.request(method, path, headers=JSON, content=content)
        assert read_problem(response)[0] == status
    check_unchanged(own_client)


def test_odd_and_long_texts_come_back_as_they_were(own_client: httpx.Client) -> None:
    body = own_client.get(f"{STATE}/avaamo/change/2202440").json()["body"]
    body["changelog"] = "a\x00b\u2028😀" + "ض" * 300_000

    assert own_client.put(f"{STATE}/avaamo/change/2202440", json=body).status_code == 200
    assert own_client.get(f"{STATE}/avaamo/change/2202440").json()["body"] == body
    entries = own_client.get("/api/v1/cap/change_logs.json").json()["entries"]
    assert entries[-1] == body


# Changed


def test_a_patch_changes_the_fields_that_it_has(own_client: httpx.Client) -> None:
    response = own_client.patch(
        f"{STATE}/calwe/session/1",
        headers={"Content-Type": "application/merge-patch+json"},
        content=json.dumps({"status": "PENDING", "coach": None}),
    )

    assert response.status_code == 200
    assert response.json()["body"] == {"id": "1", "status": "PENDING", "customer": "سارة العتيبي"}
    assert own_client.get(f"{STATE}/calwe/session/1").json() == response.json()
    assert own_client.get(f"{STATE}/calwe/entry").json()["total"] == 2


def test_objects_inside_are_merged(own_client: httpx.Client) -> None:
    patch = {"resource": {"type": "Team"}, "dashboard_user": {"email": "d@x.example"}}
    body = own_client.patch(f"{STATE}/avaamo/change/2202440", json=patch).json()["body"]

    assert body["resource"] == {"id": 739, "type": "Team"}
    assert body["dashboard_user"] == {
        "id": 739,
        "display_name": "Donna Miller",
        "email": "d@x.example",
    }


def test_a_patch_of_nothing_changes_nothing(
    own_client: httpx.Client, check_unchanged: Check
) -> None:
    assert own_client.patch(f"{STATE}/calwe/session/1", json={}).status_code == 200
    assert own_client.patch(f"{STATE}/calwe/session/1", json={"nothing": None}).status_code == 200
    check_unchanged(own_client)


@pytest.mark.parametrize(
    ("path", "patch", "words"),
    [
        ("calwe/session/1", {"status": None}, '/: "status" is a required property'),
        ("calwe/session/1", {"id": None}, '/: "id" is a required property'),
        ("calwe/session/1", {"status": "OVER"}, "/status: "),
        ("avaamo/change/2202440", {"resource": None}, '/: "resource" is a required'),
        ("avaamo/change/2202440", {"resource": {"id": None}}, '/resource: "id" is a req'),
        ("avaamo/change/2202440", {"resource": 5}, "/resource: 5 is not of type"),
        ("ekran/session/124", {"logoutDate": None}, '/: "logoutDate" is a required'),
        ("autozod/duty/" + AGENT + "%2F1", {"end": None}, '/: "end" is a required'),
    ],
)
def test_a_patch_that_breaks_the_whole_is_a_422_and_changes_nothing(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    check_unchanged: Check,
    path: str,
    patch: dict[str, Any],
    words: str,
) -> None:
    status, detail = read_problem(own_client.patch(f"{STATE}/{path}", json=patch))

    assert status == 422
    assert words in detail
    check_unchanged(own_client)


@pytest.mark.parametrize("content_type", ["text/plain", "application/json-patch+json", ""])
def test_another_content_type_is_a_415(
    own_client: httpx.Client, read_problem: ReadProblem, content_type: str
) -> None:
    for method in ("PUT", "PATCH"):
        response = own_client.request(
            method,
            f"{STATE}/calwe/session/1",
            headers={"Content-Type": content_type},
            content=b'{"id": "1", "status": "PENDING"}',
        )
        assert read_problem(response)[0] == 415


def test_a_put_takes_no_merge_patch(own_client: httpx.Client, read_problem: ReadProblem) -> None:
    headers = {"Content-Type": "application/merge-patch+json"}
    response = own_client.put(f"{STATE}/calwe/session/1", headers=headers, content=b"{}")

    assert read_problem(response)[0] == 415


# Deleted


def test_a_document_is_deleted(own_client: httpx.Client, read_problem: ReadProblem) -> None:
    response = own_client.delete(f"{STATE}/calwe/entry/1%2F1")

    assert (response.status_code, response.content) == (204, b"")
    assert "content-type" not in response.headers
    assert listed(own_client, "calwe/entry") == (1, ["1/2"])
    assert own_client.get(LOG).json()["data"]["total"] == 1
    assert read_problem(own_client.delete(f"{STATE}/calwe/entry/1%2F1"))[0] == 404


def test_one_that_others_belong_to_is_a_409_that_counts_them(
    own_client: httpx.Client, read_problem: ReadProblem, check_unchanged: Check
) -> None:
    assert read_problem(own_client.delete(f"{STATE}/calwe/session/1")) == (
        409,
        "The session '1' has 2 of the kind 'entry'; delete those first, or say cascade=true",
    )
    assert read_problem(own_client.delete(f"{STATE}/calwe/session/1?cascade=false"))[0] == 409
    check_unchanged(own_client)


def test_a_cascade_deletes_what_belongs_to_it(own_client: httpx.Client) -> None:
    add_sessions(own_client, 1)
    own_client.put(f"{STATE}/calwe/entry/mine", json={**ENTRY, "session": "100"})

    assert own_client.delete(f"{STATE}/calwe/session/1?cascade=true").status_code == 204
    assert listed(own_client, "calwe/session") == (1, ["100"])
    assert listed(own_client, "calwe/entry") == (1, ["mine"])
    assert own_client.get(LOG).status_code == 404


def test_a_cascade_goes_all_the_way_down(own_client: httpx.Client) -> None:
    assert own_client.delete(f"{STATE}/autozod/team/1000?cascade=true").status_code == 204

    assert {name: size for name, size in sizes(own_client).items() if "autozod" in name} == {
        "autozod/team": 0,
        "autozod/agent": 0,
        "autozod/duty": 0,
    }
    # What is left can be carried away and brought, because nothing in it belongs to nothing.
    own_client.post("/__mock__/snapshots", json={"name": "one"})
    file = own_client.get("/__mock__/snapshots/one/file").content
    brought = own_client.put("/__mock__/snapshots/two/file", headers=JSON, content=file)
    assert brought.status_code == 200


def test_a_parent_that_comes_back_has_no_children_and_goes_on_counting(
    own_client: httpx.Client,
) -> None:
    own_client.delete(f"{STATE}/calwe/session/1?cascade=true")
    own_client.put(f"{STATE}/calwe/session/1", json={"id": "1", "status": "PENDING"})

    assert own_client.get(LOG).json()["data"]["total"] == 0
    own_client.post(LOG, json={"action_type": "LEFT"})
    assert listed(own_client, "calwe/entry") == (1, ["1/3"])


@pytest.mark.parametrize("cascade", ["yes", "1", "True", ""])
def test_a_cascade_is_true_or_false(
    own_client: httpx.Client, read_problem: ReadProblem, cascade: str
) -> None:
    response = own_client.delete(f"{STATE}/calwe/entry/1%2F1?cascade={cascade}")

    assert read_problem(response)[0] == 400
    assert listed(own_client, "calwe/entry")[0] == 2


def test_what_is_done_in_one_sandbox_is_seen_in_no_other(own_client: httpx.Client) -> None:
    other = {"X-Mock-Sandbox": "state-other"}
    own_client.post("/__mock__/reset", headers=other)
    own_client.delete(f"{STATE}/calwe/session/1?cascade=true")

    found = own_client.get(f"{STATE}/calwe/session", headers=other).json()
    assert found["total"] == 1
    assert sizes(own_client)["calwe/session"] == 0


@pytest.mark.parametrize(
    ("value", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": [1]}, {}, {"a": [1]}),
        ({"a": False, "b": 0}, {"a": None, "b": ""}, {"b": ""}),
        ("text", {"a": 1}, {"a": 1}),
        (None, {"a": {"b": None}}, {"a": {}}),
    ],
)
def test_a_patch_says_what_is_to_be_different(
    value: Any, patch: dict[str, Any], result: dict[str, Any]
) -> None:
    before = deepcopy((value, patch))

    assert merge_patch(value, patch) == result
    assert (value, patch) == before


def test_fields_keep_their_places_and_new_ones_come_last() -> None:
    value = {"c": 1, "b": {"y": 1, "x": 2}, "a": 3}

    result = merge_patch(value, {"z": 0, "a": 4, "b": {"w": 3, "x": 5}})
    assert list(result) == ["c", "b", "a", "z"]
    assert list(result["b"]) == ["y", "x", "w"]


def test_ids_are_listed_by_what_they_are_good_for(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    found = own_client.get("/__mock__/ids").json()["ids"]
    assert {
        "api": "autozod",
        "kind": "agent",
        "key": "68a6d35049a09719b70539b4",
        "owner": "1000",
        "name": "Omar Nasser",
        "use": "hours in the last week",
    } in found
    own_client.post("/__mock__/clock/advance", json={"by": "8d"})
    of_agents = own_client.get("/__mock__/ids", params={"kind": "agent", "api": "autozod"})
    assert of_agents.json() == {"ids": []}  # there is none on duty, and this one has had duty
    own_client.post("/__mock__/events/calwe.end", json={"with": {"session": "1"}})
    of_sessions = own_client.get("/__mock__/ids", params={"api": "calwe"}).json()["ids"]
    assert [(it["key"], it["use"]) for it in of_sessions] == [
        ("1", "COMPLETED: has ended, refuses entries")
    ]
    for params, sentence in (
        ({"api": "calw"}, "There is no API 'calw'; did you mean 'calwe'?"),
        ({"kind": "sesion"}, "There is no kind 'sesion'; did you mean 'session'?"),
    ):
        assert read_problem(own_client.get("/__mock__/ids", params=params)) == (404, sentence)


def test_a_moment_of_a_document_may_be_relative_to_the_clock_of_the_sandbox(
    own_client: httpx.Client,
) -> None:
    body = {"session": "1", "at": "-1h", "action_type": "LEFT"}
    said = own_client.put(f"{STATE}/calwe/entry/1%2F3", json=body).json()
    assert said["body"]["at"] == "2025-08-21T13:30:00Z"
    patched = own_client.patch(f"{STATE}/ekran/session/124", json={"logoutDate": "now"}).json()
    assert patched["body"]["logoutDate"] == "2025-08-21T14:30:00.000+00:00"
    # ISO 8601 in another form than the field has is written as the field has it.
    patched = own_client.patch(
        f"{STATE}/ekran/session/124", json={"logoutDate": "2025-08-21T17:00:00+03:00"}
    ).json()
    assert patched["body"]["logoutDate"] == "2025-08-21T14:00:00.000+00:00"


# Searched, sorted, within a time


def test_documents_are_searched_in_keys_and_bodies(own_client: httpx.Client) -> None:
    own_client.put(
        f"{STATE}/calwe/session/5", json={"id": "5", "status": "PENDING", "coach": 'a "b" %'}
    )
    own_client.put(
        f"{STATE}/calwe/session/6", json={"id": "6", "status": "PENDING", "coach": "نورة"}
    )

    for text in ('"B"', 'b" %', 'A "'):
        assert listed(own_client, "calwe/session", search=text) == (1, ["5"]), text
    assert listed(own_client, "calwe/session", search="نور") == (1, ["6"])
    assert listed(own_client, "calwe/session", search="_%_") == (0, [])
    assert listed(own_client, "calwe/session", search="ENDING", page=2, per_page=1)[0] >= 2


def test_documents_are_sorted_by_a_column_or_a_field_in_both_directions(
    own_client: httpx.Client,
) -> None:
    zones = {"10": "B", "9": "a", "100": "A"}
    for key, name in zones.items():
        body = {"id": int(key), "name": name, "timezone": "Asia/Riyadh"}
        assert own_client.put(f"{STATE}/autozod/team/{key}", json=body).status_code == 200
    wanted = {"search": "Riyadh"}

    def keys(sort: str) -> list[str]:
        found = listed(own_client, "autozod/team", sort=sort, **wanted)[1]
        return [key for key in found if key in zones]

    assert keys("key") == keys("/id") == ["9", "10", "100"]
    assert keys("-key") == keys("-/id") == ["100", "10", "9"]
    assert keys("/name") == ["100", "10", "9"]
    assert keys("-/name") == ["9", "10", "100"]
    assert keys("/nowhere") == ["9", "10", "100"]
    total, first = listed(own_client, "autozod/team", sort="-key", page=1, per_page=2)
    assert (total, len(first)) == (4, 2)
    assert listed(own_client, "autozod/team", sort="-key", page=3, per_page=2) == (4, [])


def test_a_field_that_no_sort_can_name_is_refused(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    status, detail = read_problem(
        own_client.get(f"{STATE}/autozod/team", params={"sort": '/a") --'})
    )
    assert status == 400
    assert "sort" in detail


def test_documents_of_a_time_are_those_that_lie_in_it_at_least_in_part(
    own_client: httpx.Client,
) -> None:
    agent = {"id": AGENT, "name": "x", "team_id": 1}
    own_client.put(f"{STATE}/autozod/agent/{AGENT}", json=agent)
    days = [("01", "02"), ("03", "04"), ("05", None)]
    made = []
    for start, end in days:
        body = {
            "agent_id": AGENT,
            "start": f"2001-01-{start}T00:00:00Z",
            "end": end and f"2001-01-{end}T00:00:00Z",
        }
        response = own_client.post(f"{STATE}/autozod/duty", json=body)
        assert response.status_code == 201, response.text
        made.append(response.json()["key"])

    def within(**bounds: str) -> list[str]:
        found = listed(own_client, "autozod/duty", sort="at", owner=AGENT, per_page=1000, **bounds)
        return [key for key in found[1] if key in made]

    assert within(since="2001-01-01T12:00:00Z", before="2001-01-03T00:00:00Z") == made[:1]
    assert within(since="2001-01-02T00:00:00Z", before="2001-01-03T00:00:01Z") == made[1:2]
    assert within(since="2002-01-01T00:00:00Z") == made[2:]
    assert within(before="2001-01-05T00:00:00Z") == made[:2]


# Created, and the kind that says how


def test_a_document_is_created_with_the_key_of_its_body_or_an_assigned_one(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    new = {"id": "n", "status": "PENDING"}
    response = own_client.post(f"{STATE}/calwe/session", json=new)
    assert (response.status_code, response.json()["key"]) == (201, "n")
    assert read_problem(own_client.post(f"{STATE}/calwe/session", json=new)) == (
        409,
        "There is a session 'n' already; change that one",
    )
    entries = [
        own_client.post(f"{STATE}/calwe/entry", json={**ENTRY, "session": "n"}) for _ in "ab"
    ]
    assert [it.json()["key"] for it in entries] == ["n/1", "n/2"]
    status, detail = read_problem(
        own_client.post(f"{STATE}/calwe/entry", json={**ENTRY, "session": "none"})
    )
    assert (status, detail) == (422, "There is no session 'none' for it to belong to")


def test_every_field_that_is_wrong_is_named(own_client: httpx.Client) -> None:
    for method, path in (("POST", "calwe/entry"), ("PUT", "calwe/entry/1%2F1")):
        body = {"session": "1", "at": "soon", "action_type": "NOPE"}
        response = own_client.request(method, f"{STATE}/{path}", json=body)
        assert response.status_code == 422
        assert [it["field"] for it in response.json()["errors"]] == [
            "/request/body/action_type",
            "/request/body/at",
        ]


def test_a_kind_says_what_its_documents_look_like(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    duty = own_client.get("/__mock__/kinds/autozod/duty").json()
    assert {name: duty[name] for name in ("parent", "label", "moments", "interval")} == {
        "parent": "agent",
        "label": None,
        "moments": ["end", "start"],
        "interval": True,
    }
    assert duty["schema"]["required"] == ["agent_id", "start", "end"]
    change = own_client.get("/__mock__/kinds/avaamo/change").json()
    assert change["schema"]["allOf"][0] == {"$ref": "#/definitions/avaamo/Entry"}
    assert "action" in change["schema"]["definitions"]["avaamo"]["Entry"]["properties"]
    assert read_problem(own_client.get("/__mock__/kinds/calwe/nope"))[0] == 404
