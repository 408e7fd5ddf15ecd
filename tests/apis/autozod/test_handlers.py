"""Autozod over HTTP: every literal of its document, and what was settled where it is silent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from mockserver.apis.autozod import wire

PATH = "/api/sessionLogs/list"
BEARER = {"Authorization": "Bearer token"}
AGENT = "68a6d35049a09719b70539b4"
SAMPLE = {
    "team_id": "1000",
    "agent_id": AGENT,
    "type": "on_duty",
    "start_date": "21-08-2025",
    "end_date": "21-08-2025",
}
SUMMARY = (
    '"total_active_duration_seconds":18900,"total_active_duration_format":"05:15:00",'
    '"total_session_count":2,"total_inactive_duration_seconds":33300,'
    '"total_inactive_duration_format":"09:15:00","active_percentage":36.21,'
    '"inactive_percentage":63.79'
)
ZEROS = (
    '"total_active_duration_seconds":0,"total_active_duration_format":"00:00:00",'
    '"total_session_count":0,"total_inactive_duration_seconds":0,'
    '"total_inactive_duration_format":"00:00:00","active_percentage":0,"inactive_percentage":0'
)


def get(client: httpx.Client, **changed: str | None) -> httpx.Response:
    query = {name: value for name, value in {**SAMPLE, **changed}.items() if value is not None}
    return client.get(PATH, headers=BEARER, params=query)


def report(summary: str, *days: str) -> str:
    breakdown = ",".join(f'{{"date":{day}}}' for day in days)
    return f'{{"success":true,"data":{{"summary":{{{summary}}},"daily_breakdown":[{breakdown}]}}}}'


Times = tuple[int, int, int]
"""Active and inactive seconds, and the number of sessions."""


def read(client: httpx.Client, first: str, last: str = "", **more: str) -> list[Times]:
    """The summary of a range and its days."""
    response = get(client, start_date=first, end_date=last or first, **more)
    assert response.status_code == 200, response.text
    data = response.json()["data"]
    parts = [data["summary"], *data["daily_breakdown"]]
    times = [
        (
            part["total_active_duration_seconds"],
            part["total_inactive_duration_seconds"],
            part["total_session_count"],
        )
        for part in parts
    ]
    assert [sum(day[n] for day in times[1:]) for n in (0, 1)] == list(times[0][:2])
    return times


@pytest.fixture
def load(load_documents: Any) -> Any:
    """Loads a world with the agent and some duties, each two moments with a slash between them."""

    def load_duties(*duties: str, zone: str = "UTC", **options: Any) -> None:
        spans = [duty.split("/") for duty in duties]
        load_documents(
            team=[{"id": 1000, "name": "Team", "timezone": zone}],
            agent=[{"id": AGENT, "name": "Omar", "team_id": 1000}],
            duty=[{"agent_id": AGENT, "start": it[0], "end": it[1] or None} for it in spans],
            **options,
        )

    return load_duties


def test_the_sample_request_gets_a_response_of_the_sample_s_shape(
    documented: httpx.Client,
) -> None:
    headers = {**BEARER, "Accept": "application/json", "Content-Type": "application/json"}
    # The sample sends a body; whatever it holds is ignored.
    for body in (b"{}", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"start_date":"99-99-9999"}'):
        response = documented.request("GET", PATH, params=SAMPLE, headers=headers, content=body)
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
        assert response.text == report(SUMMARY, f'"21-08-2025",{SUMMARY}')
    assert get(documented, type=None, agent_id=AGENT.upper()).text == response.text


def test_documented_behaviour_alone_leaves_the_days_null(start: Any) -> None:
    response = get(start(scenario="documented", documented_only=True), start_date="20-08-2025")
    assert response.text == (
        '{"success":true,"data":{"summary":{"total_active_duration_seconds":18900,'
        '"total_active_duration_format":"05:15:00","total_session_count":2,'
        '"total_inactive_duration_seconds":119700,"total_inactive_duration_format":"33:15:00",'
        '"active_percentage":13.64,"inactive_percentage":86.36},"daily_breakdown":[null,null]}}'
    )


def test_a_range_includes_both_ends_and_never_the_future(documented: httpx.Client) -> None:
    assert read(documented, "20-08-2025", "22-08-2025") == [
        (18900, 119700, 2),
        (0, 86400, 0),
        (18900, 33300, 2),
        (0, 0, 0),
    ]
    days = ('"30-12-2999",', '"31-12-2999",')
    response = get(documented, start_date="30-12-2999", end_date="31-12-2999")
    assert response.text == report(ZEROS, *(day + ZEROS for day in days))
    year = get(documented, start_date="01-01-2024", end_date="31-12-2024").json()["data"]
    assert year["summary"]["total_inactive_duration_format"] == "8784:00:00"
    assert len(year["daily_breakdown"]) == 366
    assert year["daily_breakdown"][59]["date"] == "29-02-2024"


def test_off_duty_is_what_on_duty_leaves(load: Any, documented: httpx.Client) -> None:
    # Off duty until 8:00, from 11:30 to 12:15, and from 14:00 to the present moment, 14:30.
    assert read(documented, "21-08-2025", type="off_duty")[0] == (33300, 18900, 3)
    load()
    assert read(documented, "20-08-2025", type="off_duty")[0] == (86400, 0, 1)
    load("2025-08-19T00:00:00Z/")
    assert read(documented, "20-08-2025", type="off_duty")[0] == (0, 86400, 0)


@pytest.mark.parametrize(
    "changed", [{"agent_id": "0" * 24}, {"team_id": "1001"}, {"team_id": "9223372036854775807"}]
)
def test_an_unknown_agent_or_team_has_zeros(
    documented: httpx.Client, changed: dict[str, str]
) -> None:
    for type in ("on_duty", "off_duty"):
        response = get(documented, type=type, **changed)
        assert response.text == report(ZEROS, f'"21-08-2025",{ZEROS}')


@pytest.mark.parametrize(
    ("duties", "expected"),
    [  # duties on and around 2025-08-20, a day that has passed
        (["2025-08-19T22:00:00Z/2025-08-20T02:00:00Z"], (7200, 1)),
        (["2025-08-20T22:00:00Z/2025-08-21T02:00:00Z"], (7200, 1)),
        (["2025-08-20T00:00:00Z/2025-08-21T00:00:00Z"], (86400, 1)),
        (["2025-08-19T22:00:00Z/2025-08-20T00:00:00Z"], (0, 0)),
        (["2025-08-21T00:00:00Z/2025-08-21T02:00:00Z"], (0, 0)),
        (["2025-08-19T22:00:00Z/2025-08-20T00:00:01Z"], (1, 1)),
        (["2025-08-20T03:00:00+03:00/2025-08-20T04:00:00+03:00"], (3600, 1)),
        (["2025-08-19T23:00:00Z/"], (86400, 1)),
        # Two that meet are two; time that several share counts once.
        (
            [
                "2025-08-20T08:00:00Z/2025-08-20T09:00:00Z",
                "2025-08-20T09:00:00Z/2025-08-20T10:00:00Z",
            ],
            (7200, 2),
        ),
        (
            [
                "2025-08-20T08:00:00Z/2025-08-20T12:00:00Z",
                "2025-08-20T09:00:00Z/2025-08-20T10:00:00Z",
                "2025-08-20T11:00:00Z/2025-08-20T13:00:00Z",
            ],
            (18000, 3),
        ),
    ],
)
def test_duty_is_clipped_to_the_range(
    load: Any, documented: httpx.Client, duties: list[str], expected: tuple[int, int]
) -> None:
    load(*duties)
    active, count = expected
    times = (active, 86400 - active, count)
    assert read(documented, "20-08-2025") == [times, times]


def test_duty_counts_up_to_now_in_whole_seconds(load: Any, documented: httpx.Client) -> None:
    now = "2025-08-21T14:30:00.999999Z"
    planned = "2025-08-21T15:00:00Z/2025-08-21T16:00:00Z"
    for end in ("", "2025-08-21T16:00:00Z"):
        load(f"2025-08-21T14:00:00Z/{end}", planned, now=now)
        assert read(documented, "21-08-2025")[0] == (1800, 50400, 1)
    load("2025-08-19T23:00:00Z/")
    assert read(documented, "19-08-2025", "21-08-2025") == [
        (142200, 82800, 1),
        (3600, 82800, 1),
        (86400, 0, 1),
        (52200, 0, 1),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "30-03-2025", 23),
        ("Europe/Berlin", "27-10-2024", 25),
        # Cairo skips and repeats the hour at midnight itself.
        ("Africa/Cairo", "25-04-2025", 23),
        ("Africa/Cairo", "31-10-2024", 25),
        ("Africa/Cairo", "01-11-2024", 24),
        # Samoa left out a whole day.
        ("Pacific/Apia", "30-12-2011", 0),
    ],
)
def test_a_day_is_as_long_as_it_was_in_the_team_s_zone(
    load: Any, documented: httpx.Client, zone: str, day: str, hours: int
) -> None:
    load("2011-01-01T00:00:00Z/", zone=zone)
    assert read(documented, day)[0] == (hours * 3600, 0, 1 if hours else 0)


def test_days_are_those_of_the_team(load: Any, documented: httpx.Client) -> None:
    # In Riyadh from 23:00 on the 19th to 01:30 on the 20th; the 21st began 17.5 hours ago.
    load("2025-08-19T20:00:00Z/2025-08-19T22:30:00Z", zone="Asia/Riyadh")
    assert read(documented, "19-08-2025", "21-08-2025") == [
        (9000, 226800, 1),
        (3600, 82800, 1),
        (5400, 81000, 1),
        (0, 63000, 0),
    ]
    # Through the hour that Berlin repeats.
    load("2024-10-27T01:30:00+02:00/2024-10-27T03:30:00+01:00", zone="Europe/Berlin")
    assert read(documented, "27-10-2024")[0] == (10800, 79200, 1)
    load("2025-08-21T14:20:00Z/", zone="Pacific/Kiritimati")
    assert read(documented, "22-08-2025")[0] == (600, 15600, 1)


def test_percentages_have_two_decimals_and_add_up_to_a_hundred() -> None:
    for elapsed in (1, 3, 7, 997, 86_399, 31_622_401):
        for part in range(501):
            summary = wire.format_summary(wire.Account(elapsed * part // 500, elapsed, 1))
            shares = [str(summary[f"{name}_percentage"]) for name in ("active", "inactive")]
            assert sum(Decimal(share) for share in shares) == 100
            assert all(len(share.partition(".")[2]) <= 2 for share in shares)


def refused(client: httpx.Client, **changed: str | None) -> dict[str, list[str]]:
    response = get(client, **changed)
    body = response.json()
    assert (response.status_code, list(body)) == (422, ["success", "error", "message", "data"])
    message = "The given data was invalid."
    assert (body["success"], body["error"], body["message"]) == (False, True, message)
    messages: dict[str, list[str]] = body["data"]
    return messages


TEAM = "The team id must be a positive integer."
AGENT_ID = "The agent id must be 24 hexadecimal digits."
TYPE = "The selected type is invalid."
START = "The start date does not match the format DD-MM-YYYY."
END = START.replace("start", "end")


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("team_id", ["", "abc", "0", "-1", "1.5", "9223372036854775808", "9" * 5000], TEAM),
        ("agent_id", ["", AGENT[1:], f"{AGENT}4", f"{AGENT[1:]}g", f"{AGENT}\n"], AGENT_ID),
        ("type", ["", "ON_DUTY", "lunch"], TYPE),
        ("start_date", ["", "31-02-2025", "29-02-2025", "00-08-2025", "21-13-2025"], START),
        ("start_date", ["2025-08-21", "1-8-2025", "21/08/2025", "21-08-25", "21-08-2025\n"], START),
        ("start_date", ["08-21-2025", "٢١-٠٨-٢٠٢٥"], START),
        ("end_date", ["31-04-2025", "x"], END),
        ("end_date", ["20-08-2025"], "The end date must be a date after or equal to start date."),
        ("end_date", ["22-08-2026", "31-12-2999"], "The range must not be longer than 366 days."),
    ],
)
def test_wrong_parameters_are_refused_by_name(
    documented: httpx.Client, name: str, values: list[str], message: str
) -> None:
    for value in values:
        assert refused(documented, **{name: value}) == {name: [message]}, value


def test_all_wrong_and_missing_parameters_are_refused_at_once(documented: httpx.Client) -> None:
    assert list(refused(documented, **dict.fromkeys(SAMPLE, "x"))) == list(SAMPLE)
    assert documented.get(PATH, headers=BEARER).text == (
        '{"success":false,"error":true,"message":"The given data was invalid.","data":{'
        '"team_id":["The team id field is required."],'
        '"agent_id":["The agent id field is required."],'
        '"start_date":["The start date field is required."],'
        '"end_date":["The end date field is required."]}}'
    )
    # Of a repeated parameter the last one counts.
    query = [*SAMPLE.items(), ("type", "x")]
    assert documented.get(PATH, headers=BEARER, params=query).status_code == 422
    query = [("type", "x"), *SAMPLE.items()]
    assert documented.get(PATH, headers=BEARER, params=query).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        *({"Authorization": value} for value in ("", "Bearer", "Bearer invalid", "Basic dXNlcg==")),
        {"access-token": "token"},
    ],
    ids=str,
)
def test_a_request_without_an_accepted_token_is_unauthenticated(
    documented: httpx.Client, headers: dict[str, str]
) -> None:
    for query in (SAMPLE, {}):
        response = documented.get(PATH, headers=headers, params=query)
        assert (response.status_code, response.text) == (
            401,
            '{"success":false,"message":"Unauthenticated."}',
        )
    assert documented.get(PATH, headers={"AUTHORIZATION": "bearer x"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/api/a%01b", 400, "Bad request."),
        ("GET", "/api/nowhere", 404, "Not found."),
        ("DELETE", PATH, 405, "Method not allowed."),
        ("GET", PATH, 413, "Request body too large."),
    ],
)
def test_refusals_of_the_server_have_the_vendor_s_shape(
    documented: httpx.Client, method: str, path: str, status: int, message: str
) -> None:
    content = b" " * 1_048_577 if status == 413 else None
    response = documented.request(method, path, headers=BEARER, content=content)
    assert response.status_code == status
    assert response.json() == {"success": False, "message": message}
    assert response.headers.get("allow") == ("GET, HEAD, OPTIONS" if status == 405 else None)
