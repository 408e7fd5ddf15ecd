"""The library of scenarios that come with the package: the point of each, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import apis
from mockserver.api import Api
from mockserver.clock import ClockSetting, parse_moment
from mockserver.errors import ScenarioError
from mockserver.files import SCENARIOS
from mockserver.sandbox import Sandboxes
from mockserver.scenarios import Scenario, build_template, load
from mockserver.store import FileStore

Start = Callable[..., httpx.Client]

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(SCENARIOS.glob("*.yaml"))
SCHEMA_LINE = "# yaml-language-server: $schema=schema.json"
GENERAL = ("default", "documented")
BEARER = {"Authorization": "Bearer demo"}


@pytest.fixture
def start(documented_server: str) -> Iterator[Start]:
    """Gives a client of a sandbox of a scenario."""
    with ExitStack() as stack:

        def start(scenario: str) -> httpx.Client:
            headers = {"X-Mock-Sandbox": scenario}
            client = httpx.Client(
                base_url=documented_server, headers=headers, timeout=60, verify=False
            )
            stack.enter_context(client)
            stack.callback(client.delete, f"/__mock__/sandboxes/{scenario}")
            created = client.post(
                "/__mock__/sandboxes", json={"name": scenario, "scenario": scenario}
            )
            assert created.status_code == 201, created.text
            return client

        yield start


@pytest.fixture(scope="module")
def served() -> dict[str, Api]:
    """The vendors, loaded once."""
    return apis.load()


# All of them


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_loads_is_named_like_its_file_and_says_its_point_in_one_sentence(
    path: Path, served: dict[str, Api]
) -> None:
    scenario = load(path, served)
    assert scenario.name == path.stem
    assert re.fullmatch(r"[A-Z][^.!?\n]*\.", scenario.description)
    assert path.read_text(encoding="utf-8").startswith(f"{SCHEMA_LINE}\n")


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.stem != "default"], ids=lambda path: path.stem
)
def test_each_but_the_default_one_stands_still(path: Path, served: dict[str, Api]) -> None:
    assert load(path, served).clock is not None


def test_there_are_enough_of_them() -> None:
    assert len([path for path in FILES if path.stem not in GENERAL]) >= 22


def test_each_belongs_to_an_api(vendors: tuple[str, ...]) -> None:
    others = {path.stem.partition("-")[0] for path in FILES if path.stem not in GENERAL}
    assert others >= set(vendors)
    assert sorted(others - set(apis.names())) == []


def test_each_vendor_has_at_least_four(vendor: str) -> None:
    assert len([path for path in FILES if path.stem.startswith(f"{vendor}-")]) >= 4


def test_the_page_lists_all_of_them_with_their_sentences(served: dict[str, Api]) -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*\.) \|$", page, re.MULTILINE)
    assert sorted(rows) == sorted((path.stem, load(path, served).description) for path in FILES)


@pytest.mark.parametrize("year", [1980, 2025, 2100])
def test_at_another_clock_each_is_whole_or_says_that_its_moments_would_be_in_the_future(
    served: dict[str, Api], year: int
) -> None:
    setting = ClockSetting(freeze=parse_moment(f"{year}-12-01"))
    refused: dict[str, set[bool]] = {}
    for path in FILES:
        if path.stem in ("default", "calwe-ten-thousand"):
            continue  # they are as the others, and large
        try:
            with closing(FileStore()) as store:
                Sandboxes(store, build_template(load(path, served), served, clock=setting))
        except ScenarioError as error:
            refused[path.stem] = {"is in the future" in fault.reason for fault in error.faults}
    assert all(reasons == {True} for reasons in refused.values()), refused
    assert bool(refused) is (year == 1980)


# The default one


@pytest.mark.usefixtures("only_vendors")
def test_the_default_world_has_ids_for_every_use_and_arabic_names(start: Start) -> None:
    client = start("calwe-unknown-session")
    assert client.get("/__mock__/ids").json() == {"ids": []}
    client.post("/__mock__/load", json={"scenario": "default"})
    found = client.get("/__mock__/ids?limit=1000").json()["ids"]
    uses = {(it["api"], it["kind"], it["use"]) for it in found}
    known = {
        (api.name, kind.name, use)
        for api in apis.load().values()
        for kind in api.kinds
        for use in kind.uses
    }
    assert known - uses == {("autozod", "agent", "never on duty")}
    by_hand = {"Omar Nasser", "Donna Miller"}  # of the vendors' documents
    people = {it["name"] for it in found if it["kind"] in ("agent", "session") and it["name"]}
    assert [name for name in people - by_hand if not re.match(r"[\u0600-\u06ff]", name)] == []
    assert len(people) > 80


# Calwe


def _log(client: httpx.Client, id: str, **query: Any) -> dict[str, Any]:
    response = client.get(f"/v1/customer/sessions/{id}/log", params=query, headers=BEARER)
    assert response.status_code == 200, response.text
    paginator: dict[str, Any] = response.json()["data"]
    return paginator


def _enter(client: httpx.Client, id: str, action_type: str = "ENTERED") -> httpx.Response:
    return client.post(
        f"/v1/customer/sessions/{id}/log", json={"action_type": action_type}, headers=BEARER
    )


def _types(client: httpx.Client, id: str) -> list[tuple[str, str]]:
    return [(entry["date"], entry["action_type"]) for entry in _log(client, id)["data"]]


NOT_FOUND = {
    "success": False,
    "message": "لم يتم العثور على الجلسة",
    "data": None,
    "statusCode": 404,
}
ENDED = {
    "success": False,
    "message": "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",
    "data": None,
    "statusCode": 422,
}


def test_calwe_empty(start: Start) -> None:
    page = _log(start(scenario="calwe-empty"), "4001")
    assert page["data"] == []
    assert (page["total"], page["last_page"]) == (0, 1)
    assert (page["from"], page["to"], page["next_page_url"]) == (None, None, None)


def test_calwe_one_page(start: Start) -> None:
    page = _log(start(scenario="calwe-one-page"), "4030")
    assert len(page["data"]) == 30
    assert (page["total"], page["last_page"], page["from"], page["to"]) == (30, 1, 1, 30)
    assert page["next_page_url"] is None
    assert page["data"][0]["date"] == "2:01 PM"
    assert page["data"][-1]["date"] == "2:30 PM"


def test_calwe_one_page_and_one(start: Start) -> None:
    client = start(scenario="calwe-one-page-and-one")
    first, second = _log(client, "4031"), _log(client, "4031", page=2)
    assert (first["total"], first["last_page"], len(first["data"])) == (31, 2, 30)
    assert first["next_page_url"].endswith("/v1/customer/sessions/4031/log?page=2")
    assert (second["from"], second["to"], second["next_page_url"]) == (31, 31, None)
    assert second["data"] == [
        {"text": "Customer entered the session", "date": "2:30 PM", "action_type": "ENTERED"}
    ]


def test_calwe_ten_thousand(start: Start) -> None:
    client = start(scenario="calwe-ten-thousand")
    first, last = _log(client, "4100"), _log(client, "4100", page=10, per_page=1000)
    assert (first["total"], first["last_page"]) == (10000, 334)
    # 9999 times half a minute before 2:30 PM are three days, eleven hours and some minutes.
    assert first["data"][0]["date"] == "3:10 AM"
    assert (last["from"], last["to"], last["last_page"]) == (9001, 10000, 10)
    assert last["data"][-1]["date"] == "2:30 PM"


def test_calwe_completed(start: Start) -> None:
    client = start(scenario="calwe-ended")
    assert _types(client, "4200") == [
        ("1:00 PM", "ENTERED"),
        ("1:44 PM", "LEFT"),
        ("1:45 PM", "ENDED"),
        ("1:45 PM", "SESSION_PERIOD"),
    ]
    refusal = _enter(client, "4200")
    assert (refusal.status_code, refusal.json()) == (422, ENDED)


def test_calwe_cancelled(start: Start) -> None:
    client = start(scenario="calwe-cancelled")
    assert _types(client, "4300") == [
        ("9:00 AM", "ENTERED"),
        ("9:05 AM", "CANCEL_REQUEST"),
        ("9:20 AM", "CANCELLED"),
        ("9:20 AM", "SESSION_PERIOD"),
    ]
    refusal = _enter(client, "4300")
    assert (refusal.status_code, refusal.json()) == (422, ENDED)


def test_calwe_end_requested(start: Start) -> None:
    client = start(scenario="calwe-end-requested")
    assert _types(client, "4400") == [("2:00 PM", "ENTERED")]
    assert _enter(client, "4400", "LEFT").status_code == 200
    assert _enter(client, "4400", "ENDED").status_code == 200
    assert _enter(client, "4400").status_code == 422


def test_calwe_unknown_session(start: Start) -> None:
    client = start(scenario="calwe-unknown-session")
    responses = [
        client.get("/v1/customer/sessions/1/log", headers=BEARER),
        client.get("/v1/coach/sessions/4200/log", headers=BEARER),
        _enter(client, "1"),
    ]
    assert [(response.status_code, response.json()) for response in responses] == [
        (404, NOT_FOUND)
    ] * 3


def test_calwe_expired_token(start: Start) -> None:
    client = start(scenario="calwe-expired-token")
    url = "/v1/customer/sessions/1/log"
    expired = [client.get(url, headers=BEARER), _enter(client, "1")]
    assert [(response.status_code, response.json()) for response in expired] == [
        (
            401,
            {
                "success": False,
                "message": "يجب عليك تسجيل الدخول",
                "data": [],
                "statusCode": 401,
            },
        )
    ] * 2
    renewed = client.get(url, headers={"Authorization": "Bearer renewed-token"})
    assert (renewed.status_code, renewed.json()["data"]["total"]) == (200, 2)


def test_calwe_names(start: Start) -> None:
    client = start(scenario="calwe-names")
    assert [_types(client, id) for id in ("4501", "4502", "4503", "4504")] == [
        [("2:01 PM", "ENTERED")],
        [("2:02 PM", "ENTERED")],
        [("2:03 PM", "ENTERED")],
        [("2:04 PM", "ENTERED")],
    ]
    path = (
        "/v1/customer/sessions/%D8%AC%D9%84%D8%B3%D8%A9-%D9%87%D9%86%D8%AF-"
        "%F0%9F%91%A9%F0%9F%8F%BD%E2%80%8D%F0%9F%8F%AB/log"
    )
    page = client.get(path, headers=BEARER).json()["data"]
    assert page["path"] == str(client.base_url).rstrip("/") + path
    assert _log(client, "جلسة-هند-👩🏽\u200d🏫")["total"] == 1
    # Without its joiner the teacher falls apart into a woman and a school: another id.
    response = client.get("/v1/customer/sessions/جلسة-هند-👩🏽🏫/log", headers=BEARER)
    assert response.status_code == 404


def test_the_names_of_calwe_names_keep_their_joiners(served: dict[str, Api]) -> None:
    scenario = load(SCENARIOS / "calwe-names.yaml", served)
    assert _people(scenario)["4503"] == (
        "هند 🌸 المطيري",
        "أبو سعد 👨\u200d👩\u200d👧\u200d👦",
    )
    assert _people(scenario)["4504"] == ("ماجد ه\u200d العتيبي", "علی\u200cرضا کریمی")


def _people(scenario: Scenario) -> dict[str, tuple[str, str]]:
    bodies = [row.document.body for row in scenario.documents["calwe"]]
    return {body["id"]: (body["customer"], body["coach"]) for body in bodies if "id" in body}


@pytest.mark.parametrize("action_type", ["ENDED", "CANCELLED"])
def test_calwe_before_end(start: Start, action_type: str) -> None:
    client = start(scenario="calwe-before-end")
    before = [("1:30 PM", "ENTERED"), ("1:55 PM", "TEMPORARILY_LEFT"), ("2:05 PM", "ENTERED")]
    assert _types(client, "4600") == before
    assert _enter(client, "4600", action_type).status_code == 200
    closing = [("2:30 PM", action_type), ("2:30 PM", "SESSION_PERIOD")]
    assert _types(client, "4600") == before + closing
    assert _enter(client, "4600").json() == ENDED


# Autozod


def _duty(client: httpx.Client, team: int, first: str, last: str, **query: Any) -> dict[str, Any]:
    """The data of an agent whose id ends in the team's."""
    response = client.get(
        "/api/sessionLogs/list",
        params={
            "team_id": team,
            "agent_id": f"66c5a1f0b3d2e4a5c6f7{team}",
            "start_date": first,
            "end_date": last,
            **query,
        },
        headers=BEARER,
    )
    assert response.status_code == 200, response.text
    data: dict[str, Any] = response.json()["data"]
    return data


def _times(account: dict[str, Any]) -> tuple[int, int, int]:
    """Seconds on duty, seconds off it, and how many sessions."""
    return (
        account["total_active_duration_seconds"],
        account["total_inactive_duration_seconds"],
        account["total_session_count"],
    )


def _days(data: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    return {day["date"]: _times(day) for day in data["daily_breakdown"]}


def test_autozod_midnight(start: Start) -> None:
    data = _duty(start(scenario="autozod-midnight"), 1100, "18-08-2025", "21-08-2025")
    assert _days(data) == {
        "18-08-2025": (0, 86400, 0),
        "19-08-2025": (7200, 79200, 1),
        "20-08-2025": (10800, 75600, 1),
        "21-08-2025": (9000, 54000, 1),  # 17:30 in Riyadh: 63000 seconds have elapsed
    }
    assert _times(data["summary"]) == (27000, 295200, 2)


def test_autozod_daylight_saving_berlin(start: Start) -> None:
    client = start(scenario="autozod-daylight-saving-berlin")
    short = _duty(client, 1200, "30-03-2025", "30-03-2025")["summary"]
    long = _duty(client, 1200, "26-10-2025", "26-10-2025")["summary"]
    assert _times(short) == (12600, 82800 - 12600, 1)
    assert _times(long) == (19800, 90000 - 19800, 1)
    assert short["total_active_duration_format"] == "03:30:00"
    assert long["total_active_duration_format"] == "05:30:00"
    assert short["total_inactive_duration_format"] == "19:30:00"
    assert long["total_inactive_duration_format"] == "19:30:00"


def test_autozod_daylight_saving_cairo(start: Start) -> None:
    client = start(scenario="autozod-daylight-saving-cairo")
    assert _days(_duty(client, 1210, "24-04-2025", "25-04-2025")) == {
        "24-04-2025": (7200, 86400 - 7200, 1),
        "25-04-2025": (3600, 82800 - 3600, 1),
    }
    assert _days(_duty(client, 1210, "30-10-2025", "31-10-2025")) == {
        "30-10-2025": (10800, 90000 - 10800, 1),
        "31-10-2025": (7200, 86400 - 7200, 1),
    }


def test_autozod_on_duty_now(start: Start) -> None:
    client = start(scenario="autozod-on-duty-now")
    summary = _duty(client, 1300, "21-08-2025", "21-08-2025")["summary"]
    assert summary == {
        "total_active_duration_seconds": 9000,
        "total_active_duration_format": "02:30:00",
        "total_session_count": 1,
        "total_inactive_duration_seconds": 43200,
        "total_inactive_duration_format": "12:00:00",
        "active_percentage": 17.24,
        "inactive_percentage": 82.76,
    }
    # A day that has yet to come adds nothing.
    assert _duty(client, 1300, "21-08-2025", "22-08-2025")["summary"] == summary


def test_autozod_never_on_duty(start: Start) -> None:
    client = start(scenario="autozod-never-on-duty")
    on_duty = _duty(client, 1400, "21-08-2025", "21-08-2025")["summary"]
    off_duty = _duty(client, 1400, "21-08-2025", "21-08-2025", type="off_duty")["summary"]
    assert _times(on_duty) == (0, 52200, 0)
    assert (on_duty["active_percentage"], on_duty["inactive_percentage"]) == (0, 100)
    assert _times(off_duty) == (52200, 0, 1)


def test_autozod_two_hundred_duties(start: Start) -> None:
    client = start(scenario="autozod-two-hundred-duties")
    data = _duty(client, 1500, "20-08-2025", "20-08-2025")
    assert _times(data["summary"]) == (24000, 62400, 200)
    assert _days(data) == {"20-08-2025": (24000, 62400, 200)}
    days = _duty(client, 1500, "19-08-2025", "21-08-2025")["daily_breakdown"]
    assert [day["total_session_count"] for day in days] == [0, 200, 0]


def test_autozod_far_from_utc(start: Start) -> None:
    client = start(scenario="autozod-far-from-utc")
    assert _days(_duty(client, 1600, "20-08-2025", "21-08-2025")) == {
        "20-08-2025": (2700, 83700, 1),
        "21-08-2025": (4500, 72900 - 4500, 1),  # it is a quarter past eight in the evening
    }
    assert _days(_duty(client, 1601, "21-08-2025", "22-08-2025")) == {
        "21-08-2025": (7200, 79200, 1),
        "22-08-2025": (7200, 9000 - 7200, 1),  # it is half past two at night
    }


def test_autozod_expired_token(start: Start) -> None:
    client = start(scenario="autozod-expired-token")
    url = (
        "/api/sessionLogs/list?team_id=1000&agent_id=68a6d35049a09719b70539b4"
        "&type=on_duty&start_date=21-08-2025&end_date=21-08-2025"
    )
    expired = client.get(url, headers=BEARER)
    renewed = client.get(url, headers={"Authorization": "Bearer renewed-token"})
    assert expired.status_code == 401
    assert expired.json() == {"success": False, "message": "Unauthenticated."}
    assert renewed.status_code == 200
    assert renewed.json()["data"]["summary"]["total_active_duration_seconds"] == 18900


# Avaamo


def _changes(client: httpx.Client, **query: Any) -> dict[str, Any]:
    response = client.get(
        "/api/v1/cap/change_logs.json", params=query, headers={"access-token": "demo"}
    )
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


def _ids(page: dict[str, Any]) -> list[int]:
    return [entry["id"] for entry in page["entries"]]


def test_avaamo_equal_timestamps(start: Start) -> None:
    client = start(scenario="avaamo-equal-timestamps")
    page = _changes(client)
    assert _ids(page) == [100, 99, 10, 9, 101]
    assert [entry["timestamp"] for entry in page["entries"]] == [1755781200] * 4 + [1755781199]
    assert _ids(_changes(client, per_page=1, page=3)) == [10]


def test_avaamo_five_before(start: Start) -> None:
    client = start(scenario="avaamo-five-before")
    latest = [2202455, 2202454, 2202453, 2202452, 2202451]
    page = _changes(client, end_time=1755734400)
    assert (page["total_entries"], page["total_pages"], _ids(page)) == (5, 1, latest)
    assert _ids(_changes(client, end_time=1755734400000)) == latest
    assert _ids(_changes(client, end_time=1755734399)) == latest[1:]
    # Two more are let in, and five it stays.
    assert _ids(_changes(client, end_time=1755741600)) == [2202457, 2202456, *latest[:3]]
    assert _changes(client)["total_entries"] == 7


def test_avaamo_all_actions(start: Start) -> None:
    client = start(scenario="avaamo-all-actions")
    entries = _changes(client)["entries"]
    assert [entry["changelog"] for entry in entries] == [
        "Ana Petrović destroyed QuickResponse Welcome",
        "Ana Petrović updated QuickResponse Greeting name from 'Greeting' to 'Welcome'",
        "Ana Petrović created QuickResponse Greeting",
        "Ana Petrović destroyed RoutingRule Holidays",
        "Ana Petrović updated RoutingRule Weekend name from 'Weekend' to 'Holidays'",
        "Ana Petrović created RoutingRule Weekend",
        "Ana Petrović destroyed Team Key accounts",
        "Ana Petrović updated Team Sales name from 'Sales' to 'Key accounts'",
        "Ana Petrović created Team Sales",
        "Ana Petrović updated User Ana Petrović status from 'offline' to 'active'",
    ]
    assert _ids(_changes(client, actions="create")) == [8, 5, 2]
    assert _ids(_changes(client, actions="update")) == [9, 6, 3, 1]
    assert _ids(_changes(client, actions="destroy")) == [10, 7, 4]
    assert _changes(client, actions="create,destroy")["total_entries"] == 6


def test_avaamo_empty(start: Start) -> None:
    assert _changes(start(scenario="avaamo-empty")) == {
        "current_page": 1,
        "per_page": 25,
        "total_entries": 0,
        "total_pages": 1,
        "time_token": 1755786600.0,
        "entries": [],
    }


def test_avaamo_long_texts(start: Start) -> None:
    arabic, english = (
        entry["changelog"] for entry in _changes(start(scenario="avaamo-long-texts"))["entries"]
    )
    assert len(english.encode()) == len(arabic.encode()) == 5000
    assert english.startswith(
        "Lars Nyström updated QuickResponse Refund policy text from 'Ask us.'"
    )
    assert english.endswith("We are glad to help.'")
    assert "سياسة الاسترجاع" in arabic
    assert len(arabic) < 3000


def test_avaamo_names(start: Start) -> None:
    entries = _changes(start(scenario="avaamo-names"), start_time=1755766800)["entries"]
    names = [
        "陳美玲",
        "Siobhán O'Brien",
        "Sam 👩🏽\u200d💻 Müller-Łukaszewicz",
        "Priya 🌟 Raman",
        "אורי כהן",
        "مريم الزهراني",
    ]
    assert [entry["dashboard_user"]["display_name"] for entry in entries] == names
    assert [entry["changelog"] for entry in entries] == [
        f"{name} updated User {name} status from 'offline' to 'active'" for name in names
    ]
    assert [entry["id"] for entry in entries] == [
        2202606,
        2202605,
        2202604,
        2202603,
        2202602,
        2202601,
    ]


def test_avaamo_expired_token(start: Start) -> None:
    client = start(scenario="avaamo-expired-token")
    url = "/api/v1/cap/change_logs.json?per_page=1"
    expired = client.get(url, headers={"access-token": "demo"})
    renewed = client.get(url, headers={"access-token": "renewed-token"})
    assert (expired.status_code, expired.json()) == (401, {"error": "Invalid access token"})
    assert (renewed.status_code, _ids(renewed.json())) == (200, [2202442])


# Ekran

MORNING = "2025-08-21T08:00"
EVENING = "2025-08-21T17:00"


def _sessions(client: httpx.Client, **query: str) -> list[tuple[int, str, str | None]]:
    """Of each session its id, login and logout."""
    response = client.get("/ekranapi/sessions", params=query)
    assert response.status_code == 200, response.text
    return [(item["sessionId"], item["loginDate"], item["logoutDate"]) for item in response.json()]


def test_ekran_crosses_bounds(start: Start) -> None:
    client = start(scenario="ekran-crosses-bounds")
    assert _sessions(client, start=MORNING, end=EVENING) == [
        (702, "2025-08-21T08:20:00.000+00:00", "2025-08-21T12:00:00.000+00:00"),
        (701, "2025-08-21T09:12:45.500+00:00", "2025-08-21T16:40:05.125+00:00"),
        (703, "2025-08-21T15:00:00.000+00:00", "2025-08-21T16:30:00.000+00:00"),
    ]
    assert _sessions(client, start=MORNING) == [
        (702, "2025-08-21T08:20:00.000+00:00", "2025-08-21T12:00:00.000+00:00"),
        (701, "2025-08-21T09:12:45.500+00:00", "2025-08-22T01:00:00.000+00:00"),
        (703, "2025-08-21T15:00:00.000+00:00", "2025-08-21T19:00:00.000+00:00"),
    ]
    assert _sessions(client, end=EVENING) == [
        (701, "2025-08-20T22:15:30.250+00:00", "2025-08-21T16:40:05.125+00:00"),
        (702, "2025-08-21T07:30:00.000+00:00", "2025-08-21T12:00:00.000+00:00"),
        (703, "2025-08-21T15:00:00.000+00:00", "2025-08-21T16:30:00.000+00:00"),
    ]


def test_ekran_touches_bounds(start: Start) -> None:
    client = start(scenario="ekran-touches-bounds")
    whole = (713, "2025-08-21T08:00:00.000+00:00", "2025-08-21T17:00:00.000+00:00")
    assert _sessions(client, start=MORNING, end=EVENING) == [whole]
    assert _sessions(client, start=MORNING) == [
        whole,
        (712, "2025-08-21T17:00:00.000+00:00", "2025-08-21T18:30:00.000+00:00"),
    ]
    assert _sessions(client, end=EVENING) == [
        (711, "2025-08-21T06:00:00.000+00:00", "2025-08-21T08:00:00.000+00:00"),
        (714, "2025-08-21T07:00:00.000+00:00", "2025-08-21T09:00:00.000+00:00"),
        whole,
    ]
    assert len(_sessions(client)) == 4


def test_ekran_without_activity(start: Start) -> None:
    client = start(scenario="ekran-without-activity")
    inside = (721, "2025-08-21T09:00:00.000+00:00", "2025-08-21T10:00:00.000+00:00")
    assert _sessions(client, start=MORNING, end=EVENING) == [inside]
    assert [id for id, _, _ in _sessions(client, start=MORNING)] == [721, 723]
    assert [id for id, _, _ in _sessions(client, end=EVENING)] == [722, 721]
    assert [id for id, _, _ in _sessions(client)] == [722, 721, 723]


def test_ekran_running(start: Start) -> None:
    client = start(scenario="ekran-running")
    finished = (731, "2025-08-21T08:00:00.000+00:00", "2025-08-21T12:00:00.000+00:00")
    assert _sessions(client) == [
        finished,
        (732, "2025-08-21T09:00:00.000+00:00", None),
        (733, "2025-08-21T10:00:00.000+00:00", None),
    ]
    assert _sessions(client, end=EVENING) == [
        finished,
        (732, "2025-08-21T09:00:00.000+00:00", "2025-08-21T16:20:00.000+00:00"),
    ]
    # However late: what is running is not yet finished. It shows from its first activity after.
    assert _sessions(client, start=EVENING) == [(732, "2025-08-21T17:10:00.000+00:00", None)]


def test_ekran_key_required(start: Start) -> None:
    client = start(scenario="ekran-key-required")
    refused = [
        client.get("/ekranapi/sessions"),
        client.get("/ekranapi/sessions", headers={"ApiKey": "another-key"}),
    ]
    accepted = client.get("/ekranapi/sessions", headers={"ApiKey": "monitoring-key"})
    assert [(response.status_code, response.json()) for response in refused] == [
        (401, {"message": "Invalid ApiKey"})
    ] * 2
    assert accepted.status_code == 200
    assert [session["sessionId"] for session in accepted.json()] == [124, 142]


def test_ekran_empty(start: Start) -> None:
    client = start(scenario="ekran-empty")
    assert _sessions(client) == []
    assert _sessions(client, start=MORNING, end=EVENING) == []
