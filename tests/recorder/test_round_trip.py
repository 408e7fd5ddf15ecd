"""A session with one mock, recorded and loaded into another: the same reads get the same bodies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import yaml

from mockserver.files import SCENARIOS
from mockserver.recorder import RecordedScenario

Record = Callable[..., RecordedScenario]
Load = Callable[[str], httpx.Client]

CALWE = (
    "/v1/customer/sessions/1/log",
    "/v1/customer/sessions/2/log",
    "/v1/customer/sessions/3/log",
    "/v1/customer/sessions/3/log?page=2",
    "/v1/coach/sessions/6/log?page=3&per_page=20",
    "/v1/customer/sessions/5/log",
    "/v1/customer/sessions/4/log?page=99",
    "/v1/customer/sessions/7/log",
    "/v1/customer/sessions/nobody/log",
)
AVAAMO = (
    "/api/v1/cap/change_logs.json",
    "/api/v1/cap/change_logs.json?page=3",
    "/api/v1/cap/change_logs.json?actions=create&per_page=3",
    "/api/v1/cap/change_logs.json?actions=destroy,create&page=2&per_page=5",
    "/api/v1/cap/change_logs.json?end_time=1755000000",
    "/api/v1/cap/change_logs.json?start_time=1754000000&end_time=1755000000",
    "/api/v1/cap/change_logs.json?start_time=1755700000&page=9",
    "/api/v1/cap/change_logs.json?start_time=1900000000",
)
EKRAN = (
    "/ekranapi/sessions",
    "/ekranapi/sessions?start=2025-08-10",
    "/ekranapi/sessions?start=2025-08-10&end=2025-08-12T10:00",
    "/ekranapi/sessions?end=2025-08-15T12:00:30",
    "/ekranapi/sessions?start=2030-01-01",
)


def _list_reports(client: httpx.Client) -> Iterator[str]:
    agents = client.get("/__mock__/state/autozod/agent").json()["documents"]
    for agent in (it["body"] for it in agents[:5]):
        for first, last in (("21", "21"), ("01", "21"), ("10", "25"), ("28", "30")):
            for duty in ("on_duty", "off_duty"):
                yield (
                    f"/api/sessionLogs/list?team_id={agent['team_id']}&agent_id={agent['id']}"
                    f"&type={duty}&start_date={first}-08-2025&end_date={last}-08-2025"
                )
    yield (
        "/api/sessionLogs/list?team_id=1000&agent_id=ffffffffffffffffffffffff&type=on_duty"
        "&start_date=01-08-2025&end_date=02-08-2025"
    )


LEFT_OUT = ("expired-token", "key-required", "ten-thousand")
CASES = {
    path.stem: re.findall(r"GET (?:and POST )?(/\S+?)[.,:;]?(?=\s)", path.read_text("utf-8"))
    for path in sorted(SCENARIOS.glob("*-*.yaml"))
    if not path.stem.endswith(LEFT_OUT)
}


@pytest.mark.parametrize("case", CASES)
def test_a_case_with_an_edge_is_recorded(
    session: Any, record: Record, load: Load, case: str
) -> None:
    session.client.post("/__mock__/load", json={"scenario": case}).raise_for_status()
    now = session.client.get("/__mock__/clock").json()["now"]
    recorded = {path: session.send("GET", path) for path in CASES[case]}
    assert recorded

    scenario = record(*({**entry, "_moment": now} for entry in session.entries))
    loaded = load(scenario.text)

    base, other = (str(it.base_url).rstrip("/") for it in (session.client, loaded))
    assert scenario.replay.different == []
    for path, before in recorded.items():
        if "avaamo" not in case:  # the others show no personal data
            assert loaded.get(path).text.replace(other, base) == before.text


def test_a_frozen_clock_and_the_zones_of_teams_follow_from_the_days(
    session: Any, record: Record
) -> None:
    for path in _list_reports(session.client):
        session.send("GET", path)
    late = ({**entry, "startedDateTime": "2026-11-29T09:00:00Z"} for entry in session.entries)
    text = record(*late).text
    assert "clock: {freeze: 2025-08-21T14:30:00Z}" in text
    assert "- {id: 1000, name: Team 1000, timezone: UTC}" in text
    assert "- {id: 1001, name: Team 1001, timezone: Asia/Riyadh}" in text


def test_a_clock_that_runs_is_that_of_each_response(session: Any, record: Record) -> None:
    for path in AVAAMO:
        session.send("GET", path)
        session.client.post("/__mock__/clock/advance", json={"by": "90s"}).raise_for_status()
    moments = (f"2025-08-21T18:{n:02}:00Z" for n in range(60))  # of the recorder, which is wrong
    entries = zip(session.entries, moments, strict=False)
    scenario = record(*({**entry, "startedDateTime": at} for entry, at in entries))
    assert [*scenario.replay.sentences] == [
        "1 of the 8 different reads get the body that was recorded",
        "Reads that get it at the moment at which they were sent: 7",
    ]
    assert "clock: {freeze: 2025-08-21T14:40:30Z}" in scenario.text


def test_reports_without_days_are_recorded(
    start: Callable[..., httpx.Client], record: Record, make_session: Callable[..., Any]
) -> None:
    session = make_session(start(scenario="documented", documented_only=True))
    session.send(
        "GET",
        "/api/sessionLogs/list?team_id=1000&agent_id=68a6d35049a09719b70539b4"
        "&start_date=20-08-2025&end_date=21-08-2025",
    )
    scenario = record(*session.entries)
    assert scenario.counts == {"autozod": {"team": 1, "agent": 1, "duty": 2}}


@pytest.mark.parametrize("api", ["autozod", "avaamo", "calwe", "ekran"])
def test_the_same_reads_get_the_same_bodies(
    session: Any, record: Record, load: Load, api: str
) -> None:
    reads = {
        "autozod": [*_list_reports(session.client)],
        "avaamo": AVAAMO,
        "calwe": CALWE,
        "ekran": EKRAN,
    }
    if api == "calwe":
        session.send("POST", "/v1/customer/sessions/2/log", {"action_type": "CANCEL_REQUEST"})
        session.send("POST", "/v1/customer/sessions/7/log", {"action_type": "ENDED"})
    recorded = {path: session.send("GET", path) for path in reads[api]}

    scenario = record(*session.entries, keeps_personal_data=True)
    loaded = load(scenario.text)

    base, other = (str(it.base_url).rstrip("/") for it in (session.client, loaded))
    for path, before in recorded.items():
        after = loaded.get(path)
        assert after.status_code == before.status_code, path
        assert after.text.replace(other, base) == before.text, path
    assert list(scenario.replay.sentences) == [
        f"{len(recorded)} of the {len(recorded)} different reads get the body that was recorded"
    ]
    assert scenario.counts.keys() == {api}


def test_all_apis_are_in_one_scenario_without_personal_data(
    session: Any, record: Record, load: Load
) -> None:
    reads = [*_list_reports(session.client), *AVAAMO, *CALWE, *EKRAN]
    recorded = {path: session.send("GET", path) for path in reads}

    scenario = record(*session.entries)
    loaded = load(scenario.text)

    assert list(scenario.counts) == ["autozod", "avaamo", "calwe", "ekran"]
    people = {
        text
        for response in recorded.values()
        if isinstance(response.json(), dict)
        for entry in response.json().get("entries", ())
        for text in (entry["dashboard_user"]["display_name"], entry["dashboard_user"]["email"])
    }
    assert len(people) > 10
    assert [text for text in people if text in scenario.text] == []
    changes = loaded.get(AVAAMO[0]).json()
    before = recorded[AVAAMO[0]].json()
    assert [it["id"] for it in changes["entries"]] == [it["id"] for it in before["entries"]]
    assert changes["time_token"] == before["time_token"]
    first = changes["entries"][0]
    assert first["changelog"].startswith(first["dashboard_user"]["display_name"])


def test_the_scenario_sets_the_clock_and_says_so(session: Any, record: Record) -> None:
    session.send("GET", AVAAMO[0])
    text = record(*session.entries).text
    assert "clock: {freeze: 2025-08-21T14:30:00Z}  # the moment of the recording" in text
    data = yaml.load(text, Loader=yaml.BaseLoader)
    assert data["name"] == "case"
    assert data["description"] == "The world behind 1 exchange with avaamo."
