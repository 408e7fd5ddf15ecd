"""Ekran over HTTP: every literal of its document, and what was settled where it is silent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

PATH = "/ekranapi/sessions"
SAMPLE = (
    '[{"clientGuid":"1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",'
    '"logoutDate":"2000-01-23T04:56:07.000+00:00","loginDate":"2000-01-23T04:56:07.000+00:00",'
    '"sessionId":124,"userId":61},{"clientGuid":"dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg",'
    '"logoutDate":"2000-01-23T04:56:07.000+00:00","loginDate":"2000-01-23T04:56:07.000+00:00",'
    '"sessionId":142,"userId":16}]'
)
INVALID = (
    '{"message":"Invalid value of %s: use YYYY-MM-DD, YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS"}'
)
UNAUTHENTICATED = '{"message":"Invalid ApiKey"}'


@pytest.fixture
def load(load_documents: Any) -> Any:
    """Loads a world of sessions on 2025-08-20: id, login, logout or "", times of activities."""

    def load_sessions(*sessions: tuple[int, str, str, str]) -> None:
        load_documents(
            session=[
                {
                    "clientGuid": "guid",
                    "loginDate": _format(login),
                    "logoutDate": _format(logout) if logout else None,
                    "sessionId": id,
                    "userId": 1,
                }
                for id, login, logout, _ in sessions
            ],
            activity=[
                {"sessionId": id, "at": _format(time)}
                for id, _, _, activities in sessions
                for time in activities.split()
            ],
        )

    return load_sessions


def _format(time: str) -> str:
    return f"2025-08-20T{time + ':00' if len(time) == 5 else time}.000+00:00"


def find(client: httpx.Client, start: str = "", end: str = "") -> list[str]:
    """The sessions that touch a range, as `id login logout`, with `:00` left out."""
    bounds = {"start": start, "end": end}
    params = {name: f"2025-08-20T{time}" for name, time in bounds.items() if time}
    response = client.get(PATH, params=params)
    assert response.status_code == 200, response.text
    return [
        " ".join(
            [
                str(item["sessionId"]),
                *(_shorten(item[f"{name}Date"]) for name in ("login", "logout")),
            ]
        )
        for item in response.json()
    ]


def _shorten(moment: str | None) -> str:
    if moment is None:
        return "running"
    assert moment.startswith("2025-08-20T") and moment.endswith(":00.000+00:00")
    return moment[11:16]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        *((f"start={bound}", True) for bound in ("2000-01-23", "2000-01-23T04:56")),
        ("start=2000-01-23T04:56:06", True),
        *((f"start={bound}", False) for bound in ("2000-01-23T04:56:07", "2000-01-23T04:57")),
        *((f"start={bound}", False) for bound in ("2000-01-24", "2000-02-29")),
        *((f"end={bound}", False) for bound in ("2000-01-23", "2000-01-23T04:56:07")),
        *((f"end={bound}", True) for bound in ("2000-01-23T04:56:08", "2000-01-23T04:57")),
        ("start=2000-01-23T04:56:06&end=2000-01-23T04:56:08", True),
        ("start=2021-04-01&end=2021-04-01T12:00", False),
        ("start=2999-12-31T23:59:59&end=1000-01-01", False),
        ("start=1000-01-01&end=2999-12-31T23:59:59", True),
        ("start=2000-01-24&start=2000-01-23", True),  # of a repeated parameter the last one counts
    ],
)
def test_the_sample_response_within_strict_bounds(
    documented: httpx.Client, query: str, is_found: bool
) -> None:
    response = documented.get(f"{PATH}?{query}")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.text == (SAMPLE if is_found else "[]")


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            "abc",
            "20210401",
            "2021-W13-4",
            "1617235200",
            "01-04-2021",
            "٢٠٢١-٠٤-٠١",
            "9" * 5000,
        ),
        *("2021-02-31", "2021-02-29", "2021-13-01", "2021-00-10", "2021-04-00", "2021-4-1"),
        *("2021-04-01T12", "2021-04-01T24:00", "2021-04-01T12:60", "2021-04-01T12:00:60"),
        *("2021-04-01T12:00:00.000", "2021-04-01T12:00:00Z", "2021-04-01T12:00:00%2B03:00"),
        *("2021-04-01%2012:00", "2021-04-01T", "2021-04-01%0A", "%202021-04-01"),
        *("0999-01-01", "3000-01-01"),
    ],
    ids=lambda value: value[:30] or "empty",
)
def test_any_other_form_or_an_impossible_date_is_refused(
    documented: httpx.Client, value: str
) -> None:
    for name in ("start", "end"):
        response = documented.get(f"{PATH}?{name}={value}")
        assert (response.status_code, response.text) == (400, INVALID % f"'{name}'")


def test_both_wrong_bounds_are_refused_at_once(documented: httpx.Client) -> None:
    assert documented.get(f"{PATH}?start=x&end=y").text == INVALID % "'start' and 'end'"


def test_a_key_is_optional_but_must_be_accepted(documented: httpx.Client) -> None:
    for headers in ({}, {"ApiKey": "any"}, {"apikey": "x"}, {"Authorization": "Bearer invalid"}):
        assert documented.get(PATH, headers=headers).text == SAMPLE
    for name, value in (("ApiKey", "invalid"), ("APIKEY", "invalid"), ("ApiKey", "")):
        for query in ("", "?start=x"):
            response = documented.get(PATH + query, headers={name: value})
            assert (response.status_code, response.text) == (401, UNAUTHENTICATED)


def test_a_scenario_can_make_the_key_compulsory(documented: httpx.Client) -> None:
    scenario = {"name": "locked", "description": "A key.", "extends": "documented"}
    tokens = {"ekran": {"required": True, "valid": ["good"]}}
    documented.post("/__mock__/load", json={"scenario": {**scenario, "tokens": tokens}})
    assert documented.get(PATH, headers={"ApiKey": "good"}).text == SAMPLE
    for headers in ({}, {"ApiKey": ""}, {"ApiKey": "bad"}):
        response = documented.get(PATH, headers=headers)
        assert (response.status_code, response.text) == (401, UNAUTHENTICATED)


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/ekranapi/a%01b", 400, "The path has a control character"),
        ("GET", "/ekranapi/nowhere", 404, "Not found"),
        ("DELETE", PATH, 405, "Method not allowed"),
    ],
)
def test_refusals_of_the_server_have_the_vendor_s_shape(
    documented: httpx.Client, method: str, path: str, status: int, message: str
) -> None:
    response = documented.request(method, path)
    assert (response.status_code, response.json()) == (status, {"message": message})
    assert response.headers.get("allow") == ("GET, HEAD, OPTIONS" if status == 405 else None)


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        (("", ""), "1 08:00 09:00"),
        (("08:00", ""), "1 08:00 09:00"),  # begun at the bound is not begun before it
        (("08:00:01", ""), "1 08:10 09:00"),  # its first activity after the bound
        (("08:10", ""), "1 08:50 09:00"),  # the bound itself is not after it
        (("08:50", ""), ""),  # it crosses the bound, and has no activity after it
        (("09:00", ""), ""),  # finished at the bound is not finished after it
        (("", "09:00"), "1 08:00 09:00"),
        (("", "08:59:59"), "1 08:00 08:50"),  # its last activity before the bound
        (("", "08:50"), "1 08:00 08:10"),  # the bound itself is not before it
        (("", "08:10"), ""),  # it crosses the bound, and has no activity before it
        (("", "08:00"), ""),  # started at the bound is not started before it
        (("08:00", "09:00"), "1 08:00 09:00"),  # exactly the range
        (("08:05", "08:55"), "1 08:10 08:50"),
        (("08:05", "08:20"), "1 08:10 08:10"),  # one activity is both ends
        (("08:10", "08:50"), ""),  # activities at the bounds are not inside
        (("08:30", "08:30"), ""),
        (("08:55", "08:05"), ""),
    ],
)
def test_a_session_is_clipped_to_the_activities_in_the_range(
    load: Any, documented: httpx.Client, bounds: tuple[str, str], found: str
) -> None:
    load((1, "08:00", "09:00", "08:10 08:50"), (2, "03:00", "04:00", "03:30"))
    inside = [session for session in find(documented, *bounds) if session[0] == "1"]
    assert inside == ([found] if found else [])
    assert find(documented) == ["2 03:00 04:00", "1 08:00 09:00"]  # stored as they were


def test_running_sessions_are_after_any_start(load: Any, documented: httpx.Client) -> None:
    load((1, "08:00", "", "08:10 12:00"), (2, "08:00", "", "08:10"), (3, "08:00", "", ""))
    assert find(documented) == ["1 08:00 running", "2 08:00 running", "3 08:00 running"]
    assert find(documented, start="11:00") == ["1 12:00 running"]
    assert find(documented, end="11:00") == ["1 08:00 08:10", "2 08:00 08:10"]
    assert find(documented, end="23:00") == ["1 08:00 12:00", "2 08:00 08:10"]


def test_both_bounds_select_what_overlaps_them_by_the_clipped_login(
    load: Any,
    documented: httpx.Client,
) -> None:
    load(
        (1, "06:00", "07:00", "06:30"),  # before
        (2, "07:00", "09:00", "07:30 08:30"),  # begins before
        (10, "08:30", "09:30", ""),  # inside, without an activity
        (9, "08:30", "09:30", ""),  # ids are compared as numbers
        (4, "09:00", "11:00", "09:10 10:30"),  # ends after
        (5, "07:00", "11:00", "07:10 08:40 09:40 10:40"),  # both
        (6, "07:00", "11:00", "07:10 10:40"),  # without an activity inside
        (7, "11:00", "12:00", "11:30"),  # after
        (8, "09:50", "", "09:55 13:00"),  # running
        (3, "09:00", "09:00", ""),  # of no length
    )
    assert find(documented, "08:00", "10:00") == [
        "2 08:30 09:00",
        "9 08:30 09:30",
        "10 08:30 09:30",
        "5 08:40 09:40",
        "3 09:00 09:00",
        "4 09:00 09:10",
        "8 09:50 09:55",
    ]
