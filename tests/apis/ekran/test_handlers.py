"""Ekran over HTTP: every literal of its document, and what was settled where it is silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

PATH = "/ekranapi/sessions"
SAMPLE = (
    b'[{"clientGuid":"1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",'
    b'"logoutDate":"2000-01-23T04:56:07.000+00:00","loginDate":"2000-01-23T04:56:07.000+00:00",'
    b'"sessionId":124,"userId":61},{"clientGuid":"dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg",'
    b'"logoutDate":"2000-01-23T04:56:07.000+00:00","loginDate":"2000-01-23T04:56:07.000+00:00",'
    b'"sessionId":142,"userId":16}]'
)


def test_without_parameters_there_is_the_sample_answer(documented: httpx.Client) -> None:
    answer = documented.get(PATH)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == SAMPLE


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("start=2000-01-23", SAMPLE),
        ("start=2000-01-23T04:56", SAMPLE),
        ("start=2000-01-23T04:56:06", SAMPLE),
        ("start=2000-01-23T04:56:07", b"[]"),
        ("start=2000-01-23T04:57", b"[]"),
        ("start=2000-01-24", b"[]"),
        ("end=2000-01-23", b"[]"),
        ("end=2000-01-23T04:56", b"[]"),
        ("end=2000-01-23T04:56:07", b"[]"),
        ("end=2000-01-23T04:56:08", SAMPLE),
        ("end=2000-01-23T04:57", SAMPLE),
        ("end=2000-01-24", SAMPLE),
        ("start=2000-01-23&end=2000-01-24", SAMPLE),
        ("start=2000-01-23T04:56:06&end=2000-01-23T04:56:08", SAMPLE),
        ("start=2021-04-01&end=2021-04-01T12:00", b"[]"),
        ("start=2000-01-24&end=2000-01-23", b"[]"),
        ("start=2999-12-31T23:59:59&end=1000-01-01", b"[]"),
        ("start=1000-01-01&end=2999-12-31T23:59:59", SAMPLE),
        ("start=2000-02-29", b"[]"),
    ],
)
def test_bounds_in_the_three_forms_are_strict(
    documented: httpx.Client, query: str, body: bytes
) -> None:
    answer = documented.get(f"{PATH}?{query}")

    assert (answer.status_code, answer.content) == (200, body)


@pytest.mark.parametrize("name", ["start", "end"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "abc",
        "2021-02-31",
        "2021-02-29",
        "2021-13-01",
        "2021-00-10",
        "2021-04-00",
        "2021-4-1",
        "2021-04-01T12",
        "2021-04-01T24:00",
        "2021-04-01T12:60",
        "2021-04-01T12:00:60",
        "2021-04-01T12:00:00.000",
        "2021-04-01T12:00:00Z",
        "2021-04-01T12:00:00%2B03:00",
        "2021-04-01%2012:00",
        "2021-04-01T",
        "2021-04-01%0A",
        "%202021-04-01",
        "01-04-2021",
        "20210401",
        "2021-W13-4",
        "1617235200",
        "0999-01-01",
        "3000-01-01",
        "٢٠٢١-٠٤-٠١",
        "9" * 5000,
    ],
    ids=lambda value: value[:30] or "empty",
)
def test_any_other_form_or_an_impossible_date_is_refused(
    documented: httpx.Client, name: str, value: str
) -> None:
    answer = documented.get(f"{PATH}?{name}={value}")

    assert answer.status_code == 400
    assert answer.text == (
        f'{{"message":"Invalid value of \'{name}\': '
        'use YYYY-MM-DD, YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS"}'
    )


def test_both_bounds_are_complained_of_at_once(documented: httpx.Client) -> None:
    message = documented.get(f"{PATH}?start=x&end=y").json()["message"]

    assert "'start'" in message
    assert "'end'" in message


def test_of_a_repeated_bound_the_last_one_counts(documented: httpx.Client) -> None:
    assert documented.get(f"{PATH}?start=2000-01-24&start=2000-01-23").content == SAMPLE
    assert documented.get(f"{PATH}?start=2000-01-23&start=x").status_code == 400


def test_no_key_is_needed_and_any_key_will_do(documented: httpx.Client) -> None:
    for headers in (
        {},
        {"ApiKey": "anything"},
        {"apikey": "x"},
        {"Authorization": "Bearer invalid"},
    ):
        assert documented.get(PATH, headers=headers).content == SAMPLE


@pytest.mark.parametrize("name", ["ApiKey", "apikey", "APIKEY"])
@pytest.mark.parametrize("query", ["", "?start=x"])
def test_a_key_that_is_refused_is_a_401(documented: httpx.Client, name: str, query: str) -> None:
    answer = documented.get(PATH + query, headers={name: "invalid"})

    assert answer.status_code == 401
    assert answer.content == b'{"message":"Invalid ApiKey"}'


def test_a_blank_key_is_a_key_that_is_refused(documented: httpx.Client) -> None:
    assert documented.get(PATH, headers={"ApiKey": ""}).status_code == 401


def test_a_scenario_can_make_the_key_compulsory(start: Any, tmp_path: Any) -> None:
    scenario = tmp_path / "locked.yaml"
    scenario.write_text(
        "name: locked\ndescription: A key is needed.\nextends: documented\n"
        "tokens: {ekran: {required: true, valid: [good]}}\n",
        encoding="utf-8",
    )
    client = start(scenario=str(scenario))

    assert client.get(PATH, headers={"ApiKey": "good"}).content == SAMPLE
    for headers in ({}, {"ApiKey": ""}, {"ApiKey": "bad"}):
        answer = client.get(PATH, headers=headers)
        assert (answer.status_code, answer.content) == (401, b'{"message":"Invalid ApiKey"}')


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server with four sessions on 2021-04-01, where it is noon now.

    1 from 10:00 to 12:00, active at 10:00, 10:30, 11:30; 2 from 10:00 on, still running, active at
    10:15 and 11:45; 3 from 10:00 to 12:00 without activity; 4 from 9:00 to 9:30, active at 9:10.
    """
    scenario = tmp_path_factory.mktemp("scenarios") / "day.yaml"
    scenario.write_text(
        """
name: day
description: Four sessions of a day.
clock: {freeze: 2021-04-01T12:00:00Z}
apis:
  ekran:
    documents:
      session:
        - {clientGuid: c2, loginDate: 2021-04-01T10:00:00.000+00:00, logoutDate: null,
           sessionId: 2, userId: 5}
        - {clientGuid: c1, loginDate: 2021-04-01T10:00:00.000+00:00,
           logoutDate: 2021-04-01T12:00:00.000+00:00, sessionId: 1, userId: 5}
        - {clientGuid: c3, loginDate: 2021-04-01T10:00:00.000+00:00,
           logoutDate: 2021-04-01T12:00:00.000+00:00, sessionId: 3, userId: 5}
        - {clientGuid: c4, loginDate: 2021-04-01T09:00:00.000+00:00,
           logoutDate: 2021-04-01T09:30:00.000+00:00, sessionId: 4, userId: 5}
      activity:
        - {sessionId: 1, at: 2021-04-01T10:00:00.000+00:00}
        - {sessionId: 1, at: 2021-04-01T10:30:00.000+00:00}
        - {sessionId: 1, at: 2021-04-01T11:30:00.125+00:00}
        - {sessionId: 2, at: 2021-04-01T10:15:00.000+00:00}
        - {sessionId: 2, at: 2021-04-01T11:45:00.000+00:00}
        - {sessionId: 4, at: 2021-04-01T09:10:00.000+00:00}
""",
        encoding="utf-8",
    )
    with (
        run_in_thread(Settings(port=0, scenario=str(scenario))) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield client


def sessions(client: httpx.Client, query: str = "") -> list[tuple[int, str, str | None]]:
    answer = client.get(PATH + query)
    assert answer.status_code == 200, answer.text
    return [(item["sessionId"], item["loginDate"], item["logoutDate"]) for item in answer.json()]


def test_all_sessions_come_by_login_and_then_by_id(day: httpx.Client) -> None:
    assert sessions(day) == [
        (4, "2021-04-01T09:00:00.000+00:00", "2021-04-01T09:30:00.000+00:00"),
        (1, "2021-04-01T10:00:00.000+00:00", "2021-04-01T12:00:00.000+00:00"),
        (2, "2021-04-01T10:00:00.000+00:00", None),
        (3, "2021-04-01T10:00:00.000+00:00", "2021-04-01T12:00:00.000+00:00"),
    ]


def test_a_session_begun_before_start_begins_with_its_first_activity_after_it(
    day: httpx.Client,
) -> None:
    # The third has no activity after the bound that it crosses, and is left out.
    assert sessions(day, "?start=2021-04-01T11:00") == [
        (1, "2021-04-01T11:30:00.125+00:00", "2021-04-01T12:00:00.000+00:00"),
        (2, "2021-04-01T11:45:00.000+00:00", None),
    ]


def test_a_session_finished_after_end_ends_with_its_last_activity_before_it(
    day: httpx.Client,
) -> None:
    assert sessions(day, "?end=2021-04-01T11:00:00") == [
        (4, "2021-04-01T09:00:00.000+00:00", "2021-04-01T09:30:00.000+00:00"),
        (1, "2021-04-01T10:00:00.000+00:00", "2021-04-01T10:30:00.000+00:00"),
        (2, "2021-04-01T10:00:00.000+00:00", "2021-04-01T10:15:00.000+00:00"),
    ]


def test_both_bounds_clip_both_ends(day: httpx.Client) -> None:
    assert sessions(day, "?start=2021-04-01T10:20&end=2021-04-01T11:40") == [
        (1, "2021-04-01T10:30:00.000+00:00", "2021-04-01T11:30:00.125+00:00"),
    ]


def test_a_session_inside_the_range_is_not_clipped(day: httpx.Client) -> None:
    assert sessions(day, "?start=2021-04-01T08:59:59&end=2021-04-01T09:30:01") == [
        (4, "2021-04-01T09:00:00.000+00:00", "2021-04-01T09:30:00.000+00:00"),
    ]


def test_a_day_alone_is_its_midnight(day: httpx.Client) -> None:
    assert len(sessions(day, "?start=2021-04-01")) == 4
    assert sessions(day, "?start=2021-04-02") == []
    assert sessions(day, "?end=2021-04-01") == []
    assert [id for id, *_ in sessions(day, "?end=2021-04-02")] == [4, 1, 2, 3]


def test_a_running_session_is_after_any_start_unless_nothing_happened_since(
    day: httpx.Client,
) -> None:
    assert [id for id, *_ in sessions(day, "?start=2021-04-01T11:44:59")] == [2]
    assert sessions(day, "?start=2021-04-01T11:45") == []
