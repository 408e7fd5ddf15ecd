"""A world's time over the control API: what is set is seen at once by every vendor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

ReadProblem = Callable[[httpx.Response], tuple[int, str]]
Eventually = Callable[[Callable[[], bool]], None]

CLOCK = "/__mock__/clock"
LOG = "/v1/customer/sessions/1/log"
CHANGES = "/api/v1/cap/change_logs.json"
DUTY = (
    "/api/sessionLogs/list?team_id=1300&agent_id=66c5a1f0b3d2e4a5c6f71300"
    "&start_date=21-08-2025&end_date=21-08-2025"
)


def set_clock(client: httpx.Client, how: str, **body: Any) -> dict[str, Any]:
    response = client.post(f"{CLOCK}/{how}", json=body) if body else client.post(f"{CLOCK}/{how}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def shown(client: httpx.Client) -> tuple[str, str, float]:
    clock = client.get(CLOCK).json()
    return clock["now"], clock["mode"], clock["rate"]


def moment(clock: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(clock["now"])


def time_of_day(client: httpx.Client) -> str:
    """What Calwe writes under an entry that is logged now."""
    response = client.post(LOG, json={"action_type": "LEFT"})
    assert response.status_code == 200, response.text
    return str(response.json()["data"]["date"])


def test_the_clock_of_a_scenario_is_read(own_client: httpx.Client) -> None:
    clock = own_client.get(CLOCK).json()

    assert list(clock) == ["now", "mode", "rate", "offset"]
    assert clock["now"] == "2025-08-21T14:30:00Z"
    assert (clock["mode"], clock["rate"]) == ("frozen", 0)
    assert clock["offset"] < 0


def test_a_clock_that_is_set_is_what_every_vendor_shows(named_client: httpx.Client) -> None:
    set_clock(named_client, "freeze", at="2031-02-03T04:05:06.789Z")

    assert shown(named_client) == ("2031-02-03T04:05:06.789Z", "frozen", 0)
    assert time_of_day(named_client) == "4:05 AM"
    assert named_client.get(CHANGES).json()["time_token"] == 1927857906.789


def test_a_clock_is_stopped_where_it_is(own_client: httpx.Client) -> None:
    set_clock(own_client, "shift", by=0)
    stopped = set_clock(own_client, "freeze")

    assert (stopped["mode"], stopped["rate"]) == ("frozen", 0)
    assert shown(own_client)[0] == stopped["now"]
    assert shown(own_client)[0] == stopped["now"]
    assert set_clock(own_client, "freeze")["now"] == stopped["now"]


def test_three_hours_later_is_seen_at_once(own_client: httpx.Client) -> None:
    own_client.post("/__mock__/load", json={"scenario": "autozod-on-duty-now"})

    def duty() -> tuple[int, str]:
        summary = own_client.get(DUTY).json()["data"]["summary"]
        return (
            summary["total_active_duration_seconds"],
            summary["total_active_duration_format"],
        )

    assert duty() == (9_000, "02:30:00")
    clock = set_clock(own_client, "advance", by="3h")
    assert (clock["now"], clock["mode"]) == ("2025-08-21T17:30:00Z", "frozen")
    assert duty() == (19_800, "05:30:00")
    set_clock(own_client, "advance", by="-4h 30m")
    assert duty() == (3_600, "01:00:00")
    # Before the agent went on duty there was none.
    set_clock(own_client, "freeze", at="2025-08-21T11:59:59Z")
    assert duty() == (0, "00:00:00")


def test_calwe_and_avaamo_go_with_it(own_client: httpx.Client) -> None:
    assert time_of_day(own_client) == "2:30 PM"
    assert own_client.get(CHANGES).json()["time_token"] == 1755786600.0

    set_clock(own_client, "advance", by=10_800)
    assert time_of_day(own_client) == "5:30 PM"
    assert own_client.get(CHANGES).json()["time_token"] == 1755797400.0

    set_clock(own_client, "advance", by="P1D")
    assert shown(own_client)[0] == "2025-08-22T17:30:00Z"
    assert time_of_day(own_client) == "5:30 PM"
    assert own_client.get(CHANGES).json()["time_token"] == 1755883800.0


def test_what_a_event_does_happens_when_the_clock_says(own_client: httpx.Client) -> None:
    own_client.post("/__mock__/load", json={"scenario": "ekran-running"})

    def logout(id: int, end: str) -> list[str | None]:
        sessions = own_client.get("/ekranapi/sessions", params={"end": end}).json()
        return [item["logoutDate"] for item in sessions if item["sessionId"] == id]

    assert logout(732, "2025-08-21T17:00") == ["2025-08-21T16:20:00.000+00:00"]
    assert logout(733, "2025-08-21T20:00") == []

    set_clock(own_client, "advance", by="1h")  # it is half past six
    triggered = own_client.post("/__mock__/events/ekran.act", json={"with": {"session": 733}})
    assert triggered.json()["at"] == "2025-08-21T18:30:00Z"
    assert logout(733, "2025-08-21T20:00") == ["2025-08-21T18:30:00.000+00:00"]

    set_clock(own_client, "advance", by="1h")
    own_client.post("/__mock__/events/ekran.log_out", json={"with": {"session": 733}})
    sessions = own_client.get("/ekranapi/sessions").json()
    assert [(item["sessionId"], item["logoutDate"]) for item in sessions] == [
        (731, "2025-08-21T12:00:00.000+00:00"),
        (732, None),
        (733, "2025-08-21T19:30:00.000+00:00"),
    ]


def test_at_rate_600_a_minute_passes_in_a_tenth_of_a_second(
    own_client: httpx.Client, eventually: Eventually
) -> None:
    set_clock(own_client, "freeze", at="2025-08-21T12:00:00Z")
    clock = set_clock(own_client, "rate", rate=600)
    assert (clock["mode"], clock["rate"]) == ("scaled", 600)

    # It goes on from what it showed, and gets to the next minute long before this test gives up.
    tokens: list[float] = []

    def is_a_minute_later() -> bool:
        tokens.append(own_client.get(CHANGES).json()["time_token"])
        return tokens[-1] >= 1755777660

    eventually(is_a_minute_later)
    assert tokens[0] >= 1755777600
    assert tokens == sorted(tokens)
    assert time_of_day(own_client) != "12:00 PM"

    # Stopped, it stands where it had come to.
    stopped = set_clock(own_client, "freeze")
    assert moment(stopped) >= datetime(2025, 8, 21, 12, 1, tzinfo=UTC)
    assert shown(own_client)[0] == stopped["now"]


def test_a_rate_that_changes_goes_on_from_what_is_shown(own_client: httpx.Client) -> None:
    set_clock(own_client, "freeze", at="2025-08-21T12:00:00Z")
    set_clock(own_client, "rate", rate=0.000001)
    set_clock(own_client, "rate", rate=0.5)
    clock = set_clock(own_client, "rate", rate=0.000001)

    noon = datetime(2025, 8, 21, 12, tzinfo=UTC)
    assert noon < moment(clock) < noon + timedelta(minutes=5)


def test_a_clock_that_ran_faster_runs_on_at_a_second_a_second(own_client: httpx.Client) -> None:
    set_clock(own_client, "freeze", at="2025-08-21T12:00:00Z")
    set_clock(own_client, "rate", rate=1000)
    clock = set_clock(own_client, "rate", rate=1)

    assert (clock["mode"], clock["rate"]) == ("shifted", 1)
    assert moment(clock) > datetime(2025, 8, 21, 12, tzinfo=UTC)
    assert set_clock(own_client, "shift", by=0)["mode"] == "real"


def test_a_clock_that_stands_still_goes_on_where_it_stood(own_client: httpx.Client) -> None:
    clock = set_clock(own_client, "unfreeze")

    assert (clock["mode"], clock["rate"]) == ("shifted", 1)
    later = own_client.get(CLOCK).json()
    stood = datetime(2025, 8, 21, 14, 30, tzinfo=UTC)
    assert stood <= moment(clock) <= moment(later) < stood + timedelta(minutes=5)
    assert later["offset"] == clock["offset"]


def test_letting_a_clock_run_that_runs_changes_nothing(own_client: httpx.Client) -> None:
    for how, body, mode in (
        ("shift", {"by": 0}, "real"),
        ("shift", {"by": "-1d"}, "shifted"),
        ("rate", {"rate": 0.5}, "scaled"),
    ):
        before = set_clock(own_client, how, **body)
        after = set_clock(own_client, "unfreeze")
        assert (after["mode"], after["rate"]) == (mode, before["rate"])


@pytest.mark.parametrize(
    ("by", "seconds"),
    [
        (0, 0),
        (90, 90),
        (-1.5, -1.5),
        ("90", 90),
        ("-1d", -86_400),
        ("1w", 604_800),
        ("1d 2h 5s", 93_605),
        ("+2h", 7_200),
        ("PT3H", 10_800),
        ("-P1DT12H", -129_600),
        ("0.25s", 0.25),
    ],
)
def test_a_clock_runs_as_far_from_the_machine_s_as_is_said(
    own_client: httpx.Client, by: float | str, seconds: float
) -> None:
    clock = set_clock(own_client, "shift", by=by)

    assert clock["offset"] == seconds
    assert clock["mode"] == ("shifted" if seconds else "real")
    assert own_client.get(CLOCK).json()["offset"] == seconds


def test_a_shifted_clock_that_is_put_forward_is_shifted_further(own_client: httpx.Client) -> None:
    set_clock(own_client, "shift", by="1h")
    clock = set_clock(own_client, "advance", by="30m")

    assert (clock["mode"], clock["offset"]) == ("shifted", 5_400)
    assert set_clock(own_client, "advance", by="-90m")["mode"] == "real"


@pytest.mark.parametrize(
    ("at", "now"),
    [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("2999-12-31T23:59:59.999999Z", "2999-12-31T23:59:59.999999Z"),
        ("2025-08-21", "2025-08-21T00:00:00Z"),
        ("2025-08-21T14:30", "2025-08-21T14:30:00Z"),
        ("2025-08-21T17:30:00+03:00", "2025-08-21T14:30:00Z"),
        ("2025-08-21T14:30:00.120Z", "2025-08-21T14:30:00.12Z"),
        ("20250821T143000Z", "2025-08-21T14:30:00Z"),
    ],
)
def test_a_moment_is_read_as_iso_8601_and_without_a_zone_as_utc(
    own_client: httpx.Client, at: str, now: str
) -> None:
    assert own_client.post(f"{CLOCK}/freeze", json={"at": at}).json()["now"] == now


@pytest.mark.parametrize(
    ("at", "now"),
    [
        ("now", "2025-08-21T14:30:00Z"),
        ("-1d 3h", "2025-08-20T11:30:00Z"),
        ("tomorrow 08:00 Asia/Riyadh", "2025-08-22T05:00:00Z"),
    ],
)
def test_a_relative_moment_is_relative_to_what_the_clock_shows(
    own_client: httpx.Client, at: str, now: str
) -> None:
    assert own_client.post(f"{CLOCK}/freeze", json={"at": at}).json()["now"] == now


@pytest.mark.parametrize(
    ("how", "body", "status", "sentence"),
    [
        (
            "freeze",
            {"at": "2025-02-31T00:00:00Z"},
            422,
            "'2025-02-31T00:00:00Z' is not a moment; write it like 2025-08-21T14:30:00Z, "
            "-1d 3h, now or today 09:00 Asia/Riyadh",
        ),
        (
            "freeze",
            {"at": "3000-01-01T00:00:00Z"},
            422,
            "'3000-01-01T00:00:00Z' is no moment for a clock; one from 1970 to 2999 is",
        ),
        (
            "freeze",
            {"at": "1969-12-31T23:59:59Z"},
            422,
            "'1969-12-31T23:59:59Z' is no moment for a clock; one from 1970 to 2999 is",
        ),
        (
            "advance",
            {"by": "soon"},
            422,
            "'soon' is no duration; write seconds, or something like 3h, -30m or 1d 2h 5s",
        ),
        (
            "advance",
            {"by": "-100000000000"},
            422,
            "'0001-01-01T00:00:00Z' is no moment for a clock; one from 1970 to 2999 is",
        ),
        (
            "shift",
            {"by": "999999999999"},
            422,
            "'999999999999' is too long for a duration",
        ),
    ],
)
def test_what_is_no_time_is_refused_in_a_sentence_and_changes_nothing(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    how: str,
    body: dict[str, Any],
    status: int,
    sentence: str,
) -> None:
    assert read_problem(own_client.post(f"{CLOCK}/{how}", json=body)) == (status, sentence)
    assert shown(own_client) == ("2025-08-21T14:30:00Z", "frozen", 0)


@pytest.mark.parametrize(
    ("how", "body", "field"),
    [
        ("freeze", {"at": None}, "/request/body/at"),
        ("freeze", {"at": 5}, "/request/body/at"),
        ("freeze", {"at": ""}, "/request/body/at"),
        ("freeze", {"until": "2025-08-21"}, "/request/body"),
        ("freeze", [], "/request/body"),
        ("advance", {}, "/request/body"),
        ("advance", {"by": True}, "/request/body/by"),
        ("advance", {"by": ""}, "/request/body/by"),
        ("advance", {"by": 1e300}, "/request/body/by"),
        ("advance", {"by": 10**400}, "/request/body"),
        ("advance", {"by": "1" * 65}, "/request/body/by"),
        ("shift", {"by": ["1h"]}, "/request/body/by"),
        ("rate", {"rate": 0}, "/request/body/rate"),
        ("rate", {"rate": -1}, "/request/body/rate"),
        ("rate", {"rate": 1_000_001}, "/request/body/rate"),
        ("rate", {"rate": "60"}, "/request/body/rate"),
    ],
)
def test_what_is_not_in_the_contract_is_a_400_with_its_place(
    own_client: httpx.Client, read_problem: ReadProblem, how: str, body: Any, field: str
) -> None:
    response = own_client.post(f"{CLOCK}/{how}", json=body)

    assert read_problem(response)[0] == 400
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert shown(own_client) == ("2025-08-21T14:30:00Z", "frozen", 0)


@pytest.mark.parametrize("how", ["advance", "shift", "rate"])
def test_a_change_without_its_body_is_a_400(
    own_client: httpx.Client, read_problem: ReadProblem, how: str
) -> None:
    assert read_problem(own_client.post(f"{CLOCK}/{how}")) == (
        400,
        "The request is not what the contract says: /request/body: the body is missing",
    )


def test_each_sandbox_has_a_clock_of_its_own(own_client: httpx.Client) -> None:
    others = [{"X-Mock-Sandbox": f"clock-{n}"} for n in range(3)]
    for n, other in enumerate(others):
        at = {"at": f"2030-01-0{n + 1}T00:00:00Z"}
        own_client.post(f"{CLOCK}/freeze", headers=other, json=at)

    assert [own_client.get(CLOCK, headers=other).json()["now"] for other in others] == [
        "2030-01-01T00:00:00Z",
        "2030-01-02T00:00:00Z",
        "2030-01-03T00:00:00Z",
    ]
    assert own_client.get(CLOCK).json()["now"] == "2025-08-21T14:30:00Z"


def test_the_clock_at_its_end_stands_there(
    own_client: httpx.Client, read_problem: ReadProblem, eventually: Eventually
) -> None:
    set_clock(own_client, "freeze", at="2999-12-31T23:59:00Z")
    set_clock(own_client, "rate", rate=1_000)
    eventually(lambda: shown(own_client)[0] == "2999-12-31T23:59:59.999999Z")

    # It has run out of moments, and every vendor still responses.
    assert shown(own_client) == ("2999-12-31T23:59:59.999999Z", "scaled", 1_000)
    assert time_of_day(own_client) == "11:59 PM"
    assert own_client.get(CHANGES).json()["time_token"] == 32503679999.999999
    assert read_problem(own_client.post(f"{CLOCK}/advance", json={"by": 1}))[0] == 422
    assert set_clock(own_client, "freeze")["now"] == "2999-12-31T23:59:59.999999Z"
    assert set_clock(own_client, "advance", by="-1s")["now"] == "2999-12-31T23:59:58.999999Z"


def test_a_real_clock_shows_the_machine_s_time(start: Callable[..., httpx.Client]) -> None:
    client = start()
    shown = client.get(CLOCK).json()

    assert (shown["mode"], shown["rate"], shown["offset"]) == ("real", 1, 0)
    sandbox = client.get("/__mock__/sandboxes/default").json()
    made = datetime.fromisoformat(sandbox["created"])
    assert timedelta() <= datetime.fromisoformat(shown["now"]) - made < timedelta(minutes=5)
