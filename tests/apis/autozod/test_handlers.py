"""Autozod over HTTP: every literal of its document, and what was settled where it is silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

PATH = "/api/sessionLogs/list"
BEARER = {"Authorization": "Bearer token"}
SAMPLE = {
    "team_id": "1000",
    "agent_id": "68a6d35049a09719b70539b4",
    "type": "on_duty",
    "start_date": "21-08-2025",
    "end_date": "21-08-2025",
}
ZEROS = {
    "total_active_duration_seconds": 0,
    "total_active_duration_format": "00:00:00",
    "total_session_count": 0,
    "total_inactive_duration_seconds": 0,
    "total_inactive_duration_format": "00:00:00",
    "active_percentage": 0,
    "inactive_percentage": 0,
}


def get(client: httpx.Client, **changed: str | None) -> httpx.Response:
    query = {name: value for name, value in {**SAMPLE, **changed}.items() if value is not None}
    return client.get(PATH, headers=BEARER, params=query)


def data(client: httpx.Client, **changed: str | None) -> dict[str, Any]:
    answer = get(client, **changed)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def refusal(client: httpx.Client, **changed: str | None) -> dict[str, list[str]]:
    answer = get(client, **changed)
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert list(body) == ["success", "error", "message", "data"]
    assert body["success"] is False
    assert body["error"] is True
    assert body["message"] == "The given data was invalid."
    complaints: dict[str, list[str]] = body["data"]
    assert all(len(lines) == 1 and lines[0] for lines in complaints.values())
    return complaints


def test_the_sample_request_gets_an_answer_of_the_sample_s_shape(documented: httpx.Client) -> None:
    seven = (
        '"total_active_duration_seconds":18900,"total_active_duration_format":"05:15:00",'
        '"total_session_count":2,"total_inactive_duration_seconds":33300,'
        '"total_inactive_duration_format":"09:15:00","active_percentage":36.21,'
        '"inactive_percentage":63.79'
    )
    answer = documented.request(
        "GET",
        PATH + "?team_id=1000&agent_id=68a6d35049a09719b70539b4&type=on_duty"
        "&start_date=21-08-2025&end_date=21-08-2025",
        headers={**BEARER, "Accept": "application/json", "Content-Type": "application/json"},
        content=b"{}",
    )

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == (
        f'{{"success":true,"data":{{"summary":{{{seven}}},'
        f'"daily_breakdown":[{{"date":"21-08-2025",{seven}}}]}}}}'
    )


def test_documented_behaviour_alone_leaves_the_days_null(start: Any) -> None:
    client = start(scenario="documented", documented_only=True)

    answer = get(client, start_date="20-08-2025")

    assert answer.text == (
        '{"success":true,"data":{"summary":{"total_active_duration_seconds":18900,'
        '"total_active_duration_format":"05:15:00","total_session_count":2,'
        '"total_inactive_duration_seconds":119700,"total_inactive_duration_format":"33:15:00",'
        '"active_percentage":13.64,"inactive_percentage":86.36},"daily_breakdown":[null,null]}}'
    )


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("application/json", b"{"),
        ("application/json", b"[1,2"),
        ("application/json", b"\xff\xfe\x00garbage"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"team_id":1,"start_date":"99-99-9999"}'),
        ("text/plain", b"garbage"),
        ("nonsense", b"garbage"),
    ],
)
def test_a_body_is_ignored_whatever_it_holds(
    documented: httpx.Client, content_type: str, body: bytes
) -> None:
    answer = documented.request(
        "GET",
        PATH,
        params=SAMPLE,
        headers={**BEARER, "Content-Type": content_type},
        content=body,
    )

    assert answer.status_code == 200
    assert answer.json()["data"]["summary"]["total_active_duration_seconds"] == 18900


def test_the_type_is_on_duty_unless_said_otherwise(documented: httpx.Client) -> None:
    assert get(documented, type=None).content == get(documented, type="on_duty").content


def test_off_duty_swaps_what_is_counted(documented: httpx.Client) -> None:
    # Off duty until 8:00, from 11:30 to 12:15, and from 14:00 to the present moment, 14:30.
    assert data(documented, type="off_duty")["summary"] == {
        "total_active_duration_seconds": 33300,
        "total_active_duration_format": "09:15:00",
        "total_session_count": 3,
        "total_inactive_duration_seconds": 18900,
        "total_inactive_duration_format": "05:15:00",
        "active_percentage": 63.79,
        "inactive_percentage": 36.21,
    }


def test_the_range_includes_both_ends_and_never_the_future(documented: httpx.Client) -> None:
    found = data(documented, start_date="20-08-2025", end_date="22-08-2025")

    assert found["summary"]["total_inactive_duration_seconds"] == 119700
    assert [day["date"] for day in found["daily_breakdown"]] == [
        "20-08-2025",
        "21-08-2025",
        "22-08-2025",
    ]
    idle, busy, future = found["daily_breakdown"]
    assert (idle["total_inactive_duration_seconds"], idle["inactive_percentage"]) == (86400, 100)
    assert (idle["total_inactive_duration_format"], idle["active_percentage"]) == ("24:00:00", 0)
    assert (busy["total_active_duration_seconds"], busy["total_session_count"]) == (18900, 2)
    assert future == {"date": "22-08-2025", **ZEROS}


def test_a_range_wholly_in_the_future_has_zeros(documented: httpx.Client) -> None:
    found = data(documented, start_date="30-12-2999", end_date="31-12-2999")

    assert found["summary"] == ZEROS
    assert found["daily_breakdown"] == [
        {"date": "30-12-2999", **ZEROS},
        {"date": "31-12-2999", **ZEROS},
    ]


def test_hours_run_on_past_a_day_and_take_more_digits(documented: httpx.Client) -> None:
    found = data(documented, start_date="01-01-2024", end_date="31-12-2024")

    assert found["summary"]["total_inactive_duration_seconds"] == 31622400
    assert found["summary"]["total_inactive_duration_format"] == "8784:00:00"
    assert len(found["daily_breakdown"]) == 366
    assert found["daily_breakdown"][59]["date"] == "29-02-2024"


@pytest.mark.parametrize(
    "changed",
    [
        {"agent_id": "000000000000000000000000"},
        {"team_id": "1001"},
        {"team_id": "9223372036854775807"},
    ],
    ids=["unknown agent", "unknown team", "greatest team"],
)
def test_an_unknown_agent_or_team_has_zeros(
    documented: httpx.Client, changed: dict[str, str]
) -> None:
    zeros = (
        '"total_active_duration_seconds":0,"total_active_duration_format":"00:00:00",'
        '"total_session_count":0,"total_inactive_duration_seconds":0,'
        '"total_inactive_duration_format":"00:00:00","active_percentage":0,"inactive_percentage":0'
    )
    answer = get(documented, **changed)

    assert answer.status_code == 200
    assert answer.text == (
        f'{{"success":true,"data":{{"summary":{{{zeros}}},'
        f'"daily_breakdown":[{{"date":"21-08-2025",{zeros}}}]}}}}'
    )


def test_an_agent_s_id_may_be_in_upper_case(documented: httpx.Client) -> None:
    upper = get(documented, agent_id="68A6D35049A09719B70539B4")

    assert upper.content == get(documented).content


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"team_id": None}, ["team_id"]),
        ({"team_id": ""}, ["team_id"]),
        ({"team_id": "abc"}, ["team_id"]),
        ({"team_id": "0"}, ["team_id"]),
        ({"team_id": "-1"}, ["team_id"]),
        ({"team_id": "1.5"}, ["team_id"]),
        ({"team_id": "9223372036854775808"}, ["team_id"]),
        ({"team_id": "9" * 5000}, ["team_id"]),
        ({"agent_id": None}, ["agent_id"]),
        ({"agent_id": ""}, ["agent_id"]),
        ({"agent_id": "68a6d35049a09719b70539b"}, ["agent_id"]),
        ({"agent_id": "68a6d35049a09719b70539b44"}, ["agent_id"]),
        ({"agent_id": "68a6d35049a09719b70539bg"}, ["agent_id"]),
        ({"agent_id": "68a6d35049a09719b70539b4\n"}, ["agent_id"]),
        ({"type": ""}, ["type"]),
        ({"type": "ON_DUTY"}, ["type"]),
        ({"type": "lunch"}, ["type"]),
        ({"start_date": None}, ["start_date"]),
        ({"end_date": None}, ["end_date"]),
        ({"start_date": ""}, ["start_date"]),
        ({"start_date": "31-02-2025"}, ["start_date"]),
        ({"start_date": "29-02-2025"}, ["start_date"]),
        ({"start_date": "00-08-2025"}, ["start_date"]),
        ({"start_date": "21-13-2025"}, ["start_date"]),
        ({"start_date": "08-21-2025"}, ["start_date"]),
        ({"start_date": "2025-08-21"}, ["start_date"]),
        ({"start_date": "1-8-2025"}, ["start_date"]),
        ({"start_date": "21/08/2025"}, ["start_date"]),
        ({"start_date": "21-08-25"}, ["start_date"]),
        ({"start_date": "٢١-٠٨-٢٠٢٥"}, ["start_date"]),
        ({"start_date": "21-08-2025\n"}, ["start_date"]),
        ({"end_date": "31-04-2025"}, ["end_date"]),
        ({"end_date": "20-08-2025"}, ["end_date"]),
        ({"start_date": "01-01-2024", "end_date": "01-01-2025"}, ["end_date"]),
        ({"start_date": "01-01-1000", "end_date": "31-12-2999"}, ["end_date"]),
        ({"start_date": "x", "end_date": "x"}, ["start_date", "end_date"]),
        ({"team_id": "x", "agent_id": "x", "type": "x"}, ["team_id", "agent_id", "type"]),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_wrong_is_said_by_parameter(
    documented: httpx.Client, changed: dict[str, str | None], fields: list[str]
) -> None:
    assert list(refusal(documented, **changed)) == fields


def test_a_request_without_parameters_is_told_which_are_missing(documented: httpx.Client) -> None:
    answer = documented.get(PATH, headers=BEARER)

    assert answer.status_code == 422
    assert answer.text == (
        '{"success":false,"error":true,"message":"The given data was invalid.","data":{'
        '"team_id":["The team id field is required."],'
        '"agent_id":["The agent id field is required."],'
        '"start_date":["The start date field is required."],'
        '"end_date":["The end date field is required."]}}'
    )


@pytest.mark.parametrize(
    ("changed", "complaints"),
    [
        (
            {"start_date": "31-02-2025"},
            {"start_date": ["The start date does not match the format DD-MM-YYYY."]},
        ),
        ({"type": "lunch"}, {"type": ["The selected type is invalid."]}),
        (
            {"end_date": "20-08-2025"},
            {"end_date": ["The end date must be a date after or equal to start date."]},
        ),
        (
            {"start_date": "01-01-2024", "end_date": "01-01-2025"},
            {"end_date": ["The range must not be longer than 366 days."]},
        ),
    ],
)
def test_the_complaints_are_those_of_the_contract_s_examples(
    documented: httpx.Client, changed: dict[str, str], complaints: dict[str, list[str]]
) -> None:
    assert refusal(documented, **changed) == complaints


def test_of_a_repeated_parameter_the_last_one_counts(documented: httpx.Client) -> None:
    def ask(*types: str) -> httpx.Response:
        query = [*SAMPLE.items(), *(("type", type) for type in types)]
        return documented.get(PATH, headers=BEARER, params=query)

    assert ask("off_duty", "on_duty").content == get(documented).content
    assert ask("on_duty", "x").status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer invalid"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"access-token": "token"},
    ],
)
def test_without_a_good_bearer_token_nothing_is_told(
    documented: httpx.Client, headers: dict[str, str]
) -> None:
    for query in (SAMPLE, {}):
        answer = documented.get(PATH, headers=headers, params=query)
        assert answer.status_code == 401
        assert answer.content == b'{"success":false,"message":"Unauthenticated."}'


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_names_of_header_and_scheme_are_read_in_any_case(
    documented: httpx.Client, name: str, scheme: str
) -> None:
    answer = documented.get(PATH, headers={name: f"{scheme} x"}, params=SAMPLE)

    assert answer.status_code == 200


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server where it is 2025-08-21T14:30:00Z, with a team in Riyadh (UTC+3)."""
    scenario = tmp_path_factory.mktemp("scenarios") / "teams.yaml"
    scenario.write_text(
        """
name: teams
description: A team in Riyadh, and duty that crosses days.
clock: {freeze: 2025-08-21T14:30:00Z}
apis:
  autozod:
    documents:
      team:
        - {id: 7, name: Riyadh, timezone: Asia/Riyadh}
        - {id: 8, name: UTC, timezone: UTC}
      agent:
        - {id: aaaaaaaaaaaaaaaaaaaaaaaa, name: Across, team_id: 7}
        - {id: bbbbbbbbbbbbbbbbbbbbbbbb, name: Running, team_id: 8}
      duty:
        # In Riyadh from 23:00 on the 19th to 01:30 on the 20th.
        - {agent_id: aaaaaaaaaaaaaaaaaaaaaaaa,
           start: 2025-08-19T20:00:00Z, end: 2025-08-19T22:30:00Z}
        - {agent_id: bbbbbbbbbbbbbbbbbbbbbbbb, start: 2025-08-20T23:00:00Z, end: null}
""",
        encoding="utf-8",
    )
    with (
        run_in_thread(Settings(port=0, scenario=str(scenario))) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield client


def test_days_are_the_team_s_days(teams: httpx.Client) -> None:
    found = data(
        teams,
        team_id="7",
        agent_id="aaaaaaaaaaaaaaaaaaaaaaaa",
        start_date="19-08-2025",
        end_date="21-08-2025",
    )

    # The 21st began in Riyadh at 21:00 UTC the day before, 17 hours and a half ago.
    assert [
        (
            day["total_active_duration_format"],
            day["total_inactive_duration_format"],
            day["total_session_count"],
        )
        for day in found["daily_breakdown"]
    ] == [("01:00:00", "23:00:00", 1), ("01:30:00", "22:30:00", 1), ("00:00:00", "17:30:00", 0)]
    assert found["summary"]["total_active_duration_seconds"] == 9000
    assert found["summary"]["total_session_count"] == 1


def test_a_running_session_counts_up_to_now_and_is_clipped_to_the_range(
    teams: httpx.Client,
) -> None:
    summary = data(teams, team_id="8", agent_id="bbbbbbbbbbbbbbbbbbbbbbbb")["summary"]

    assert summary == {
        "total_active_duration_seconds": 52200,
        "total_active_duration_format": "14:30:00",
        "total_session_count": 1,
        "total_inactive_duration_seconds": 0,
        "total_inactive_duration_format": "00:00:00",
        "active_percentage": 100,
        "inactive_percentage": 0,
    }


def test_an_agent_of_another_team_has_zeros(teams: httpx.Client) -> None:
    assert data(teams, team_id="7", agent_id="bbbbbbbbbbbbbbbbbbbbbbbb")["summary"] == ZEROS
