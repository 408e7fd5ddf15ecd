"""The scenarios that come with the package: what a fresh server holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mockserver import apis
from mockserver.api import Api
from mockserver.clock import ClockSetting, parse_moment, to_datetime
from mockserver.files import SCENARIOS
from mockserver.sandbox import Sandboxes, World
from mockserver.scenarios import build_template, find_scenario, load
from mockserver.store import Document, FileStore, Store

NOW = parse_moment("2025-08-21T14:30:00Z")
DAY = 24 * 3600 * 1_000_000
OMAR = "68a6d35049a09719b70539b4"
pytestmark = pytest.mark.usefixtures("only_vendors")

Everything = dict[tuple[str, str], list[Document]]


def _sandboxes(store: Store, name: str = "default", **given: Any) -> Sandboxes:
    served = apis.load()
    scenario = load(find_scenario(name), served)
    generated = given.pop("generated", None)
    scenario.generations = {
        place: calls
        for place, calls in scenario.generations.items()
        if generated in (None, place[0])
    }
    return Sandboxes(store, build_template(scenario, served, **given))


def _everything(path: Path, **given: Any) -> Everything:
    """Every document of a world, by API and kind."""
    found: Everything = {}
    with closing(FileStore(path)) as store:
        sandboxes = _sandboxes(store, **given)
        for api in apis.load().values():
            with sandboxes.open("a", api.name, writing=False) as world:
                found |= {
                    (api.name, kind.name): world.documents.list_all(kind.name) for kind in api.kinds
                }
    return found


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    """Every document of the default world, its clock frozen at 2025-08-21T14:30:00Z."""
    path = tmp_path_factory.mktemp("everything") / "store.sqlite"
    return _everything(path, clock=ClockSetting(freeze=NOW))


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    """The default world, its clock frozen at 2025-08-21T14:30:00Z; read only."""
    with closing(FileStore(tmp_path_factory.mktemp("default") / "store.sqlite")) as store:
        yield _sandboxes(store, clock=ClockSetting(freeze=NOW))


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    """The documents' world; read only."""
    with closing(FileStore(tmp_path_factory.mktemp("documented") / "store.sqlite")) as store:
        yield _sandboxes(store, "documented")


@pytest.fixture
def calwe(default: Sandboxes) -> Iterator[World]:
    with default.open("a", "calwe", writing=False) as world:
        yield world


@pytest.fixture
def autozod(default: Sandboxes) -> Iterator[World]:
    with default.open("a", "autozod", writing=False) as world:
        yield world


@pytest.fixture
def avaamo(default: Sandboxes) -> Iterator[World]:
    with default.open("a", "avaamo", writing=False) as world:
        yield world


@pytest.fixture
def ekran(default: Sandboxes) -> Iterator[World]:
    with default.open("a", "ekran", writing=False) as world:
        yield world


# All of them


def test_two_worlds_of_all_apis_come_with_the_package_beside_the_cases_of_each(
    vendors: tuple[str, ...],
) -> None:
    names = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
    cases = tuple(f"{vendor}-" for vendor in vendors)
    assert [name for name in names if not name.startswith(cases)] == ["default", "documented"]
    assert len(names) > 2


@pytest.mark.parametrize("name", ["default", "documented"])
def test_each_can_be_loaded(name: str, vendors: tuple[str, ...]) -> None:
    scenario = load(find_scenario(name), apis.load())
    assert scenario.name == name
    assert scenario.description
    assert sorted(scenario.documents) == sorted(vendors)


def test_the_documents_world_stands_still_and_the_default_one_does_not(
    documented: Sandboxes,
) -> None:
    with documented.open("a", "calwe", writing=False) as world:
        assert world.clock.is_frozen
        assert world.now == 1_755_786_600_000_000
    served = apis.load()
    template = build_template(load(find_scenario("default"), served), served)
    assert (template.clock.mode, template.seed) == ("real", 42)


# The documents' own responses, in both worlds


@pytest.fixture(params=["documented", "default"])
def either(request: pytest.FixtureRequest) -> Sandboxes:
    sandboxes: Sandboxes = request.getfixturevalue(request.param)
    return sandboxes


def _api(name: str) -> Api:
    return apis.load([name])[name]


def test_calwe_responds_as_in_its_document(either: Sandboxes) -> None:
    with either.open("a", "calwe", writing=False, url="http://example.com/path") as world:
        response = _api("calwe").handlers["list_session_logs"](world, id="1", page=1, per_page=30)
    assert response["data"]["data"] == [
        {"text": "Customer entered the session", "date": "2:30 PM", "action_type": "ENTERED"},
        {
            "text": "Customer temporarily left the session",
            "date": "2:35 PM",
            "action_type": "LEFT",
        },
    ]
    assert (response["data"]["total"], response["data"]["last_page"]) == (2, 1)


def test_avaamo_knows_the_documents_entry(either: Sandboxes) -> None:
    with either.open("a", "avaamo", writing=False) as world:
        entry = world.documents.get("change", "2202442")
        agent = world.documents.get("agent", "739")
    assert entry.body == {
        "id": 2202442,
        "resource": {"id": 739, "type": "User"},
        "action": "update",
        "changelog": "Donna Miller updated User Donna Miller status from 'offline' to 'active",
        "timestamp": 1699264790,
        "dashboard_user": {"id": 739, "display_name": "Donna Miller", "email": "donna@avaamo.com"},
    }
    assert agent.body["status"] == "active"


def test_avaamo_responds_as_in_its_document(documented: Sandboxes) -> None:
    with documented.open("a", "avaamo", writing=False) as world:
        response = _api("avaamo").handlers["list_change_logs"](world, page=1, per_page=1)
    assert [response[key] for key in ("current_page", "per_page", "total_entries")] == [1, 1, 3]
    assert response["total_pages"] == 3
    assert [entry["id"] for entry in response["entries"]] == [2202442]


def test_ekran_responds_as_in_its_document(documented: Sandboxes) -> None:
    with documented.open("a", "ekran", writing=False) as world:
        response = _api("ekran").handlers["list_sessions"](world)
    moment = "2000-01-23T04:56:07.000+00:00"
    assert response == [
        {
            "clientGuid": "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",
            "logoutDate": moment,
            "loginDate": moment,
            "sessionId": 124,
            "userId": 61,
        },
        {
            "clientGuid": "dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg",
            "logoutDate": moment,
            "loginDate": moment,
            "sessionId": 142,
            "userId": 16,
        },
    ]


def test_autozod_knows_the_documents_agent(either: Sandboxes) -> None:
    with either.open("a", "autozod", writing=False) as world:
        response = _api("autozod").handlers["list_agent_session_logs"](
            world,
            team_id=1000,
            agent_id=OMAR,
            type="on_duty",
            start_date="21-08-2025",
            end_date="21-08-2025",
        )
    assert response["data"]["summary"] == {
        "total_active_duration_seconds": 18_900,
        "total_active_duration_format": "05:15:00",
        "total_session_count": 2,
        "total_inactive_duration_seconds": 33_300,
        "total_inactive_duration_format": "09:15:00",
        "active_percentage": 36.21,
        "inactive_percentage": 63.79,
    }
    assert [day["date"] for day in response["data"]["daily_breakdown"]] == ["21-08-2025"]


# The default world: Calwe


def test_there_are_sessions_in_all_five_statuses(calwe: World) -> None:
    statuses = Counter(item.body["status"] for item in calwe.documents.list_all("session"))
    assert sum(statuses.values()) >= 40
    assert sorted(statuses) == [
        "CANCELLED",
        "COMPLETED",
        "END-REQUEST-PENDING",
        "IN_PROGRESS",
        "PENDING",
    ]
    assert min(statuses.values()) >= 5


def test_logs_have_the_lengths_at_which_pages_break(calwe: World) -> None:
    sizes = calwe.documents.get_sizes("entry")
    lengths = [sizes.get(item.key, 0) for item in calwe.documents.list_all("session")]
    assert {0, 1, 2, 30, 31, 200} <= set(lengths)
    assert max(lengths) == 200
    assert len(set(lengths)) > 10


def test_people_have_arabic_names(calwe: World) -> None:
    names = [
        item.body[role]
        for item in calwe.documents.list_all("session")
        for role in ("customer", "coach")
    ]
    assert len(names) >= 80
    assert all(any("\u0600" <= letter <= "\u06ff" for letter in name) for name in names)
    assert len(set(names)) > 30


def test_every_log_ends_before_now_and_lies_in_the_order_of_time(calwe: World) -> None:
    for session in calwe.documents.list_all("session"):
        moments = [entry.at for entry in calwe.documents.list_by_owner("entry", session.key)]
        assert moments == sorted(moments)
        assert all(moment <= NOW for moment in moments)


# Autozod


def test_there_are_agents_in_three_teams_beside_the_documented_one(autozod: World) -> None:
    teams = {item.body["id"]: item.body["timezone"] for item in autozod.documents.list_all("team")}
    agents = Counter(item.body["team_id"] for item in autozod.documents.list_all("agent"))
    assert agents.pop(1000) == 1
    assert sum(agents.values()) == 25
    assert len(agents) == 3
    assert set(agents) < set(teams)
    assert any(teams[team] != "UTC" for team in agents)


def test_there_are_two_months_of_duty(autozod: World) -> None:
    duties = [item for item in autozod.documents.list_all("duty") if item.owner != OMAR]
    days = {item.at // DAY for item in duties}
    assert min(days) == (NOW - 60 * DAY) // DAY
    assert len(days) >= 58


def test_some_duty_is_running_and_some_crosses_its_teams_midnight(autozod: World) -> None:
    zones = {item.body["id"]: item.body["timezone"] for item in autozod.documents.list_all("team")}
    teams = {item.key: item.body["team_id"] for item in autozod.documents.list_all("agent")}
    duties = autozod.documents.list_all("duty")
    running = [item for item in duties if item.until is None]
    assert len(running) == 1
    crossing = 0
    for item in duties:
        zone = ZoneInfo(zones[teams[item.owner]])
        begin = to_datetime(item.at).astimezone(zone).date()
        end = to_datetime((item.until or NOW) - 1).astimezone(zone).date()
        crossing += end - begin == timedelta(days=1)
    assert crossing >= 1


# Avaamo


def test_there_are_four_hundred_entries_over_sixty_days(avaamo: World) -> None:
    changes = [item for item in avaamo.documents.list_all("change") if item.body["id"] > 2202442]
    assert len(changes) == 400
    assert changes[0].at < NOW - 58 * DAY
    assert changes[0].at >= NOW - 60 * DAY - 1_000_000
    assert NOW - 2 * DAY < changes[-1].at <= NOW
    assert {item.body["action"] for item in changes} == {"update", "create", "destroy"}
    assert avaamo.documents.get_size("agent") == 13


def test_the_newest_entry_is_not_the_documents(avaamo: World) -> None:
    (newest,) = avaamo.documents.list_newest("change", ["update", "create", "destroy"], NOW, 1)
    assert newest.body["id"] == 2202842


# Ekran


def test_there_are_three_hundred_sessions_with_activities_some_running(ekran: World) -> None:
    sessions = [
        item for item in ekran.documents.list_all("session") if item.key not in ("124", "142")
    ]
    activities = ekran.documents.get_sizes("activity")
    assert len(sessions) == 300
    assert sum(item.until is None for item in sessions) == 5
    assert sum(activities.get(item.key, 0) > 0 for item in sessions) == 270
    assert sum(activities.values()) > 1000
    assert len({item.body["userId"] for item in sessions}) == 25


# The same again


def test_the_same_seed_and_clock_give_the_same_documents_in_another_store(
    tmp_path: Path, everything: Everything
) -> None:
    assert _everything(tmp_path / "other.sqlite", clock=ClockSetting(freeze=NOW)) == everything
    assert len(everything["ekran", "session"]) == 302


def test_another_seed_gives_other_documents_in_every_api(
    tmp_path: Path, everything: Everything
) -> None:
    other = _everything(tmp_path / "other.sqlite", clock=ClockSetting(freeze=NOW), seed=43)
    for key in [
        ("calwe", "session"),
        ("calwe", "entry"),
        ("autozod", "agent"),
        ("autozod", "duty"),
        ("avaamo", "agent"),
        ("avaamo", "change"),
        ("ekran", "session"),
        ("ekran", "activity"),
    ]:
        assert everything[key] != other[key]


def test_a_generator_alone_gives_the_same_as_with_the_others(
    tmp_path: Path, everything: Everything, vendors: tuple[str, ...], vendor: str
) -> None:
    path = tmp_path / "alone.sqlite"
    alone = _everything(path, clock=ClockSetting(freeze=NOW), generated=vendor)
    same = {
        api
        for api in vendors
        if all(everything[key] == alone[key] for key in alone if key[0] == api)
    }
    assert same == {vendor}
