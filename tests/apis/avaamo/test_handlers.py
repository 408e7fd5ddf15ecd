"""Avaamo over HTTP: every literal of its document, and what was settled where it is silent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

PATH = "/api/v1/cap/change_logs.json"
TOKEN = {"access-token": "token"}
DONNA = '{"id":739,"display_name":"Donna Miller","email":"donna@avaamo.com"}'
SAMPLE_ENTRY = (
    '{"id":2202442,"resource":{"id":739,"type":"User"},"action":"update",'
    '"changelog":"Donna Miller updated User Donna Miller status from \'offline\' to \'active",'
    f'"timestamp":1699264790,"dashboard_user":{DONNA}}}'
)
TIME = "must be a UNIX epoch timestamp, a number from 0 to 9000000000000000"
PAGE = "page must be an integer from 1"
PER_PAGE = "per_page must be an integer from 1 to 100"
ACTIONS = "actions must be a comma-separated list of update, create, destroy"
ALL = [8, 7, 6, 5, 4, 3, 2, 1]


def get(client: httpx.Client, query: str = "") -> httpx.Response:
    return client.get(PATH + query, headers=TOKEN)


def ids(client: httpx.Client, query: str = "") -> list[int]:
    response = get(client, query)
    assert response.status_code == 200, response.text
    return [entry["id"] for entry in response.json()["entries"]]


def counts(client: httpx.Client, query: str) -> tuple[int, int, int, int]:
    body = get(client, query).json()
    return (body["current_page"], body["per_page"], body["total_entries"], body["total_pages"])


def test_the_sample_request_gets_the_sample_response(documented: httpx.Client) -> None:
    headers = {**TOKEN, "Content-Type": "application/json"}
    response = documented.get(f"{PATH}?per_page=1", headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.text == (
        '{"current_page":1,"per_page":1,"total_entries":3,"total_pages":3,'
        f'"time_token":1755786600.0,"entries":[{SAMPLE_ENTRY}]}}'
    )
    assert get(documented).text == (
        '{"current_page":1,"per_page":25,"total_entries":3,"total_pages":1,'
        f'"time_token":1755786600.0,"entries":[{SAMPLE_ENTRY},'
        '{"id":2202441,"resource":{"id":739,"type":"User"},"action":"update",'
        "\"changelog\":\"Donna Miller updated User Donna Miller status from 'active' to 'offline'\""
        f',"timestamp":1699203590,"dashboard_user":{DONNA}}},'
        '{"id":2202440,"resource":{"id":739,"type":"User"},"action":"update",'
        "\"changelog\":\"Donna Miller updated User Donna Miller status from 'offline' to 'active'\""
        f',"timestamp":1699178390,"dashboard_user":{DONNA}}}]}}'
    )


def test_the_other_examples_of_the_document_find_nothing_here(documented: httpx.Client) -> None:
    assert get(documented, "?start_time=1579149424&end_time=1579149436&actions=update").text == (
        '{"current_page":1,"per_page":25,"total_entries":0,"total_pages":1,'
        '"time_token":1755786600.0,"entries":[]}'
    )
    assert counts(documented, "?page=5&per_page=2") == (5, 2, 3, 2)
    assert ids(documented, "?page=5&per_page=2") == []
    # The path of the Node snippet belongs to another API.
    assert documented.get("/api/v2/outreach/change_logs", headers=TOKEN).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        *((f"start_time=1699203590{zeros}", 2) for zeros in ("", "000", "000000", ".0")),
        ("start_time=1.69920359e9", 2),
        ("start_time=0", 3),
        *((f"start_time={bound}", 1) for bound in ("1699203590.5", "1699203591", "1699203590001")),
        ("start_time=1699203590000001", 1),
        *((f"end_time=1699203590{zeros}", 2) for zeros in ("", "000", "000000")),
        ("end_time=1699203589.999999", 1),
        ("end_time=1699178389", 0),
        ("start_time=1699203590&end_time=1699203590000", 1),
        ("start_time=1699264790&end_time=1699178390", 0),
        ("start_time=99999999999", 0),  # seconds: the year 5138
        ("start_time=100000000000", 3),  # milliseconds: 1973
        ("start_time=99999999999999", 0),  # milliseconds: the year 5138
        ("start_time=100000000000000", 3),  # microseconds: 1973
        ("start_time=9000000000000000", 0),
    ],
)
def test_bounds_are_inclusive_and_their_size_tells_their_unit(
    documented: httpx.Client, query: str, found: int
) -> None:
    assert len(ids(documented, f"?{query}")) == counts(documented, f"?{query}")[2] == found


def test_without_an_upper_bound_the_present_moment_is_the_bound(start: Any) -> None:
    client = start(scenario="documented")
    client.post("/__mock__/clock/freeze", json={"at": "2023-11-05T16:59:50.774479Z"})
    assert ids(client) == [2202441, 2202440]
    assert ids(client, "?start_time=1699203590") == [2202441]
    assert '"time_token":1699203590.774479,' in get(client).text


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (
            "start_time",
            [
                "1e400",
                "-1e400",
                "nan",
                "NaN",
                "inf",
                "-Infinity",
                "-1",
                "abc",
                "0x10",
                "1_000",
                "2023-11-05",
            ],
            f"start_time {TIME}",
        ),
        ("end_time", ["", "9000000000000001", "9" * 5000, "١٦٩٩", "nan"], f"end_time {TIME}"),
        ("page", ["0", "-1", "abc", "1.5", "", "9223372036854775808", "9" * 5000], PAGE),
        ("per_page", ["0", "-1", "abc", "1.5", "", "101", "1001"], PER_PAGE),
        ("actions", ["", ",", "bogus", "Update", "update,", "update;create", "%00"], ACTIONS),
    ],
)
def test_wrong_parameters_are_refused_by_name(
    documented: httpx.Client, name: str, values: list[str], message: str
) -> None:
    for value in values:
        response = get(documented, f"?{name}={value}")
        assert (response.status_code, response.json()) == (400, {"error": message}), value


def test_all_wrong_parameters_are_refused_at_once(documented: httpx.Client) -> None:
    assert get(documented, "?page=0&per_page=101&actions=x&start_time=x&end_time=x").json() == {
        "error": f"start_time {TIME}; end_time {TIME}; {PAGE}; {PER_PAGE}; {ACTIONS}"
    }


def test_of_a_repeated_parameter_the_last_one_counts(documented: httpx.Client) -> None:
    assert counts(documented, "?per_page=7&per_page=100")[1] == 100
    assert get(documented, "?per_page=7&per_page=0").status_code == 400
    assert ids(documented, "?actions=update&actions=create") == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"access-token": ""},
        {"access-token": "invalid"},
        {"Authorization": "Bearer token"},
        {"ApiKey": "token"},
        {"access_token": "token"},
    ],
    ids=str,
)
def test_a_request_without_an_accepted_token_is_unauthenticated(
    documented: httpx.Client, headers: dict[str, str]
) -> None:
    for query in ("", "?per_page=0"):
        response = documented.get(PATH + query, headers=headers)
        assert (response.status_code, response.text) == (401, '{"error":"Invalid access token"}')
    assert documented.get(PATH, headers={"ACCESS-TOKEN": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/api/v1/a%01b", 400, "The path has a control character"),
        ("GET", "/api/v1/nowhere", 404, "Not found"),
        ("DELETE", PATH, 405, "Method not allowed"),
    ],
)
def test_refusals_of_the_server_have_the_vendor_s_shape(
    documented: httpx.Client, method: str, path: str, status: int, message: str
) -> None:
    response = documented.request(method, path, headers=TOKEN)
    assert (response.status_code, response.json()) == (status, {"error": message})
    assert response.headers.get("allow") == ("GET, HEAD, OPTIONS" if status == 405 else None)


@pytest.fixture
def eight(load_documents: Any, documented: httpx.Client) -> httpx.Client:
    """A client of a world with eight changes, 1 to 8, a second apart from 1700000001 on.

    The last two are in the same second. The odd ones are updates, 2 and 6 create, 4 and 8 destroy.
    """
    actions = ("update", "create", "update", "destroy")
    user = {"id": 739, "display_name": "Donna Miller", "email": "donna@avaamo.com"}
    changes = [
        {
            "id": id,
            "resource": {"id": 1, "type": "Team"},
            "action": actions[(id - 1) % 4],
            "changelog": "Donna Miller changed Team Billing",
            "timestamp": 1700000000 + min(id, 7),
            "dashboard_user": user,
        }
        for id in (3, 1, 2, 8, 7, 6, 5, 4)
    ]
    load_documents(change=changes)
    return documented


def test_the_newest_comes_first_and_in_one_second_the_greatest_id(eight: httpx.Client) -> None:
    assert ids(eight) == ALL
    assert [ids(eight, f"?per_page=3&page={page}") for page in (1, 2, 3, 4)] == [
        ALL[:3],
        ALL[3:6],
        ALL[6:],
        [],
    ]
    assert counts(eight, "?per_page=3") == (1, 3, 8, 3)
    last = "?page=9223372036854775807&per_page=100"
    assert counts(eight, last) == (9223372036854775807, 100, 8, 1)
    assert ids(eight, last) == ids(eight, f"{last}&end_time=1755786600") == []


def test_an_upper_bound_alone_yields_the_latest_five(eight: httpx.Client) -> None:
    bound = "?end_time=1700000007"
    assert ids(eight, bound) == ALL[:5]
    assert ids(eight, "?end_time=1700000006") == [6, 5, 4, 3, 2]
    assert ids(eight, "?end_time=1700000003") == [3, 2, 1]
    assert counts(eight, f"{bound}&per_page=2&page=3") == (3, 2, 5, 3)
    assert ids(eight, f"{bound}&per_page=2&page=3") == [4]
    assert ids(eight, f"{bound}&per_page=2&page=4") == []
    # The actions are filtered before the five are taken.
    assert ids(eight, f"{bound}&actions=create") == [6, 2]
    assert ids(eight, f"{bound}&actions=update,create") == [7, 6, 5, 3, 2]
    # A lower bound lifts the limit.
    assert ids(eight, f"{bound}&start_time=0") == ALL
    assert ids(eight, "?start_time=1700000002") == ALL[:7]


@pytest.mark.parametrize(
    ("actions", "found"),
    [
        ("update", [7, 5, 3, 1]),
        ("create", [6, 2]),
        ("destroy", [8, 4]),
        ("create,update", [7, 6, 5, 3, 2, 1]),
        ("create,create", [6, 2]),
        ("create%2Cdestroy", [8, 6, 4, 2]),
        ("update,create,destroy", ALL),
    ],
)
def test_actions_are_filtered(eight: httpx.Client, actions: str, found: list[int]) -> None:
    assert ids(eight, f"?actions={actions}") == found
    assert counts(eight, f"?actions={actions}")[2] == len(found)
