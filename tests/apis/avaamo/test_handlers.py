"""Avaamo over HTTP: every literal of its document, and what was settled where it is silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

PATH = "/api/v1/cap/change_logs.json"
TOKEN = {"access-token": "token"}
DONNA = '{"id":739,"display_name":"Donna Miller","email":"donna@avaamo.com"}'
SAMPLE_ENTRY = (
    '{"id":2202442,"resource":{"id":739,"type":"User"},"action":"update",'
    '"changelog":"Donna Miller updated User Donna Miller status from \'offline\' to \'active",'
    f'"timestamp":1699264790,"dashboard_user":{DONNA}}}'
)


def get(client: httpx.Client, query: str = "") -> httpx.Response:
    return client.get(PATH + query, headers=TOKEN)


def ids(client: httpx.Client, query: str = "") -> list[int]:
    answer = get(client, query)
    assert answer.status_code == 200, answer.text
    return [entry["id"] for entry in answer.json()["entries"]]


def counts(client: httpx.Client, query: str) -> tuple[int, int, int, int]:
    """What an answer says of itself: current_page, per_page, total_entries, total_pages."""
    answer = get(client, query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return (body["current_page"], body["per_page"], body["total_entries"], body["total_pages"])


def test_the_sample_request_gets_the_sample_answer(documented: httpx.Client) -> None:
    answer = documented.get(
        f"{PATH}?per_page=1", headers={**TOKEN, "Content-Type": "application/json"}
    )

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == (
        '{"current_page":1,"per_page":1,"total_entries":3,"total_pages":3,'
        f'"time_token":1755786600.0,"entries":[{SAMPLE_ENTRY}]}}'
    )


def test_the_newest_change_comes_first(documented: httpx.Client) -> None:
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


def test_the_document_s_example_of_a_period_finds_nothing_here(documented: httpx.Client) -> None:
    answer = get(documented, "?start_time=1579149424&end_time=1579149436&actions=update")

    assert answer.text == (
        '{"current_page":1,"per_page":25,"total_entries":0,"total_pages":1,'
        '"time_token":1755786600.0,"entries":[]}'
    )


def test_the_document_s_example_of_pagination_is_past_the_end(documented: httpx.Client) -> None:
    assert counts(documented, "?page=5&per_page=2") == (5, 2, 3, 2)
    assert ids(documented, "?page=5&per_page=2") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("start_time=1699203590", [2202442, 2202441]),
        ("start_time=1699203590000", [2202442, 2202441]),
        ("start_time=1699203590000000", [2202442, 2202441]),
        ("start_time=1699203590.0", [2202442, 2202441]),
        ("start_time=1699203590.5", [2202442]),
        ("start_time=1699203591", [2202442]),
        ("start_time=1699203590001", [2202442]),
        ("start_time=1699203590000001", [2202442]),
        ("start_time=1.69920359e9", [2202442, 2202441]),
        ("start_time=0", [2202442, 2202441, 2202440]),
        ("end_time=1699203590", [2202441, 2202440]),
        ("end_time=1699203590000", [2202441, 2202440]),
        ("end_time=1699203590000000", [2202441, 2202440]),
        ("end_time=1699203589.999999", [2202440]),
        ("end_time=1699178389", []),
        ("start_time=1699203590&end_time=1699203590", [2202441]),
        ("start_time=1699203590&end_time=1699203590000", [2202441]),
        ("start_time=1699264790&end_time=1699178390", []),
    ],
)
def test_bounds_are_inclusive_in_any_unit(
    documented: httpx.Client, query: str, found: list[int]
) -> None:
    assert ids(documented, f"?{query}") == found


@pytest.mark.parametrize(
    ("start_time", "total"),
    [
        ("99999999999", 0),  # seconds: the year 5138
        ("100000000000", 3),  # milliseconds: 1973
        ("99999999999999", 0),  # milliseconds: the year 5138
        ("100000000000000", 3),  # microseconds: 1973
        ("9000000000000000", 0),
    ],
)
def test_the_unit_of_a_bound_is_read_off_its_size(
    documented: httpx.Client, start_time: str, total: int
) -> None:
    assert counts(documented, f"?start_time={start_time}")[2] == total


@pytest.mark.parametrize("name", ["start_time", "end_time"])
@pytest.mark.parametrize(
    "value",
    [
        "1e400",
        "-1e400",
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "-1",
        "abc",
        "",
        "0x10",
        "1_000",
        "1699203590Z",
        "2023-11-05",
        "9000000000000001",
        "9" * 5000,
        "1" + "0" * 399,
        "١٦٩٩",
    ],
    ids=lambda value: value[:20] or "empty",
)
def test_a_bound_that_is_no_number_within_reason_is_refused(
    documented: httpx.Client, name: str, value: str
) -> None:
    answer = get(documented, f"?{name}={value}")

    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert name in answer.json()["error"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=abc", "page"),
        ("page=1.5", "page"),
        ("page=", "page"),
        ("page=9223372036854775808", "page"),
        (f"page={'9' * 5000}", "page"),
        ("per_page=0", "per_page"),
        ("per_page=-1", "per_page"),
        ("per_page=abc", "per_page"),
        ("per_page=1.5", "per_page"),
        ("per_page=", "per_page"),
        ("per_page=101", "per_page"),
        ("per_page=1001", "per_page"),
        ("actions=", "actions"),
        ("actions=,", "actions"),
        ("actions=bogus", "actions"),
        ("actions=Update", "actions"),
        ("actions=update,", "actions"),
        ("actions=update,bogus", "actions"),
        ("actions=update;create", "actions"),
        ("actions=%00", "actions"),
    ],
    ids=lambda value: value[:40],
)
def test_a_parameter_out_of_bounds_is_refused_by_name(
    documented: httpx.Client, query: str, name: str
) -> None:
    answer = get(documented, f"?{query}")

    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"].startswith(f"{name} must be ")


def test_everything_wrong_is_said_at_once(documented: httpx.Client) -> None:
    error = get(documented, "?page=0&per_page=101&actions=x&start_time=x&end_time=x").json()[
        "error"
    ]

    for name in ("page", "per_page", "actions", "start_time", "end_time"):
        assert f"{name} must be " in error


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            "start_time=x",
            "start_time must be a UNIX epoch timestamp, a number from 0 to 9000000000000000",
        ),
        (
            "end_time=-1",
            "end_time must be a UNIX epoch timestamp, a number from 0 to 9000000000000000",
        ),
        ("page=0", "page must be an integer from 1"),
        ("per_page=101", "per_page must be an integer from 1 to 100"),
        ("actions=x", "actions must be a comma-separated list of update, create, destroy"),
    ],
)
def test_the_complaints_are_those_of_the_contract_s_examples(
    documented: httpx.Client, query: str, error: str
) -> None:
    assert get(documented, f"?{query}").json() == {"error": error}


@pytest.mark.parametrize("per_page", [1, 25, 100])
def test_per_page_is_taken_up_to_100(documented: httpx.Client, per_page: int) -> None:
    assert counts(documented, f"?per_page={per_page}")[1] == per_page


def test_the_greatest_page_is_empty(documented: httpx.Client) -> None:
    greatest = "?page=9223372036854775807&per_page=100"

    assert counts(documented, greatest) == (9223372036854775807, 100, 3, 1)
    assert ids(documented, greatest) == []
    assert ids(documented, f"{greatest}&end_time=1755786600") == []


def test_of_a_repeated_parameter_the_last_one_counts(documented: httpx.Client) -> None:
    assert counts(documented, "?per_page=7&per_page=9")[1] == 9
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
)
def test_without_a_good_access_token_nothing_is_told(
    documented: httpx.Client, headers: dict[str, str]
) -> None:
    for query in ("", "?per_page=0"):
        answer = documented.get(PATH + query, headers=headers)
        assert answer.status_code == 401
        assert answer.content == b'{"error":"Invalid access token"}'


@pytest.mark.parametrize("name", ["access-token", "Access-Token", "ACCESS-TOKEN"])
def test_the_header_s_name_is_read_in_any_case(documented: httpx.Client, name: str) -> None:
    assert documented.get(PATH, headers={name: "x"}).status_code == 200


def test_the_path_of_the_node_snippet_belongs_to_another_api(documented: httpx.Client) -> None:
    assert documented.get("/api/v2/outreach/change_logs", headers=TOKEN).status_code == 404


def test_without_an_upper_bound_the_present_moment_is_the_bound(start: Any) -> None:
    client = start(scenario="documented", freeze_at=1699203590_000000)

    assert ids(client) == [2202441, 2202440]
    assert ids(client, "?start_time=1699203590") == [2202441]
    assert get(client).json()["time_token"] == 1699203590


def test_the_time_token_is_in_seconds_with_a_fraction(start: Any) -> None:
    client = start(scenario="documented", freeze_at=1699347493_774479)

    assert '"time_token":1699347493.774479,' in get(client).text


def _entry(id: int, action: str, timestamp: int) -> str:
    return (
        f"        - {{id: {id}, resource: {{id: 1, type: Team}}, action: {action},"
        f" changelog: Donna Miller {action}d Team Billing, timestamp: {timestamp},"
        " dashboard_user: {id: 739, display_name: Donna Miller, email: donna@avaamo.com}}\n"
    )


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server with eight changes, 1 to 8, a second apart from 1700000001 on.

    The last two are in the same second; the odd ones are updates, 2 and 6 create, 4 and 8 destroy.
    """
    scenario = tmp_path_factory.mktemp("scenarios") / "eight.yaml"
    entries = [
        _entry(1, "update", 1700000001),
        _entry(2, "create", 1700000002),
        _entry(3, "update", 1700000003),
        _entry(4, "destroy", 1700000004),
        _entry(5, "update", 1700000005),
        _entry(6, "create", 1700000006),
        _entry(7, "update", 1700000007),
        _entry(8, "destroy", 1700000007),
    ]
    scenario.write_text(
        "name: eight\ndescription: Eight changes.\nclock: {freeze: 2025-08-21T14:30:00Z}\n"
        "apis:\n  avaamo:\n    documents:\n      change:\n" + "".join(entries),
        encoding="utf-8",
    )
    with (
        run_in_thread(Settings(port=0, scenario=str(scenario))) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield client


def test_in_the_same_second_the_higher_id_comes_first(eight: httpx.Client) -> None:
    assert ids(eight) == [8, 7, 6, 5, 4, 3, 2, 1]


def test_an_upper_bound_alone_yields_the_latest_five(eight: httpx.Client) -> None:
    assert ids(eight, "?end_time=1700000007") == [8, 7, 6, 5, 4]
    assert ids(eight, "?end_time=1700000006") == [6, 5, 4, 3, 2]
    assert ids(eight, "?end_time=1700000003") == [3, 2, 1]
    assert counts(eight, "?end_time=1700000007") == (1, 25, 5, 1)


def test_the_latest_five_are_paged_like_any_list(eight: httpx.Client) -> None:
    assert counts(eight, "?end_time=1700000007&per_page=2&page=3") == (3, 2, 5, 3)
    assert ids(eight, "?end_time=1700000007&per_page=2&page=3") == [4]
    assert ids(eight, "?end_time=1700000007&per_page=2&page=4") == []


def test_the_latest_five_are_taken_of_the_actions_asked_for(eight: httpx.Client) -> None:
    assert ids(eight, "?end_time=1700000007&actions=create") == [6, 2]
    assert ids(eight, "?end_time=1700000007&actions=update,create") == [7, 6, 5, 3, 2]


def test_a_lower_bound_lifts_the_limit_of_five(eight: httpx.Client) -> None:
    assert ids(eight, "?start_time=0&end_time=1700000007") == [8, 7, 6, 5, 4, 3, 2, 1]
    assert ids(eight, "?start_time=1700000002") == [8, 7, 6, 5, 4, 3, 2]


@pytest.mark.parametrize(
    ("actions", "found"),
    [
        ("update", [7, 5, 3, 1]),
        ("create", [6, 2]),
        ("destroy", [8, 4]),
        ("update,create", [7, 6, 5, 3, 2, 1]),
        ("create,update", [7, 6, 5, 3, 2, 1]),
        ("create,create", [6, 2]),
        ("update,create,destroy", [8, 7, 6, 5, 4, 3, 2, 1]),
        ("create%2Cdestroy", [8, 6, 4, 2]),
    ],
)
def test_actions_are_filtered(eight: httpx.Client, actions: str, found: list[int]) -> None:
    assert ids(eight, f"?actions={actions}") == found
    assert counts(eight, f"?actions={actions}")[2] == len(found)


def test_the_pages_put_together_are_the_changelog(eight: httpx.Client) -> None:
    assert counts(eight, "?per_page=3") == (1, 3, 8, 3)
    assert [ids(eight, f"?per_page=3&page={page}") for page in (1, 2, 3, 4)] == [
        [8, 7, 6],
        [5, 4, 3],
        [2, 1],
        [],
    ]
