"""What moves the console, and the entry that each move leaves in the changelog."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.apis.avaamo import api, events, model
from mockserver.clock import parse_moment
from mockserver.errors import EventError
from mockserver.sandbox import World


@pytest.fixture
def console(world: World) -> World:
    """A world in which Donna Miller is offline and nothing was ever changed."""
    agent = {
        "id": 739,
        "display_name": "Donna Miller",
        "email": "donna@avaamo.com",
        "status": "offline",
    }
    world.documents.append(model.AGENT.document(agent))
    return world


def _log(world: World) -> list[dict[str, Any]]:
    found, _ = model.page_changes(world, ("update", "create", "destroy"), None, None, 0, 100)
    return found


def _texts(world: World) -> list[str]:
    return [change["changelog"] for change in reversed(_log(world))]


def _names(world: World, type: str) -> list[str]:
    return [item.body["name"] for item in world.documents.list_by_owner("resource", type)]


def test_a_status_is_set_and_logged_as_in_the_documents_sample(console: World) -> None:
    events.set_agent_status(console, 739, "active")
    assert _log(console) == [
        {
            "id": 1,
            "resource": {"id": 739, "type": "User"},
            "action": "update",
            "changelog": "Donna Miller updated User Donna Miller status from 'offline' to 'active'",
            "timestamp": 1_755_786_600,
            "dashboard_user": {
                "id": 739,
                "display_name": "Donna Miller",
                "email": "donna@avaamo.com",
            },
        }
    ]
    assert console.documents.get("agent", "739").body["status"] == "active"


def test_the_next_status_is_logged_from_the_last(console: World) -> None:
    for status in ("active", "busy", "offline"):
        events.set_agent_status(console, 739, status)
    assert _texts(console) == [
        "Donna Miller updated User Donna Miller status from 'offline' to 'active'",
        "Donna Miller updated User Donna Miller status from 'active' to 'busy'",
        "Donna Miller updated User Donna Miller status from 'busy' to 'offline'",
    ]
    assert [change["id"] for change in _log(console)] == [3, 2, 1]


def test_a_event_logs_at_the_worlds_moment(console: World) -> None:
    events.set_agent_status(
        console.freeze_at(parse_moment("2025-08-20T00:00:01.9Z")), 739, "active"
    )
    assert _log(console)[0]["timestamp"] == 1_755_648_001


def test_an_unknown_status_is_refused_with_the_nearest_and_logs_nothing(console: World) -> None:
    with pytest.raises(EventError) as raised:
        events.set_agent_status(console, 739, "actve")
    assert str(raised.value) == "'actve' is no status; did you mean 'active'?"
    assert _log(console) == []


def test_an_unknown_agent_sets_no_status(console: World) -> None:
    with pytest.raises(EventError) as raised:
        events.set_agent_status(console, 740, "active")
    assert str(raised.value) == "there is no agent 740"


@pytest.mark.parametrize(
    ("trigger", "type"),
    [
        (events.change_team, "Team"),
        (events.change_routing_rule, "RoutingRule"),
        (events.change_quick_response, "QuickResponse"),
    ],
)
def test_what_a_supervisor_configures_is_created_updated_and_destroyed(
    console: World, trigger: Any, type: str
) -> None:
    trigger(console, "create", "Billing", 739)
    assert _names(console, type) == ["Billing"]
    trigger(console, "update", "Billing", 739, new_name="Accounts")
    assert _names(console, type) == ["Accounts"]
    trigger(console, "destroy", "Accounts", 739)
    assert _names(console, type) == []
    assert _texts(console) == [
        f"Donna Miller created {type} Billing",
        f"Donna Miller updated {type} Billing name from 'Billing' to 'Accounts'",
        f"Donna Miller destroyed {type} Accounts",
    ]
    log = _log(console)
    assert [change["action"] for change in log] == ["destroy", "update", "create"]
    assert [change["resource"] for change in log] == [{"id": 1, "type": type}] * 3
    assert {change["dashboard_user"]["id"] for change in log} == {739}


def test_types_do_not_share_their_names_but_their_ids(console: World) -> None:
    events.change_team(console, "create", "Billing", 739)
    events.change_routing_rule(console, "create", "Billing", 739)
    assert [change["resource"] for change in _log(console)] == [
        {"id": 2, "type": "RoutingRule"},
        {"id": 1, "type": "Team"},
    ]


def test_a_name_that_is_taken_cannot_be_created(console: World) -> None:
    events.change_team(console, "create", "Billing", 739)
    with pytest.raises(EventError) as raised:
        events.change_team(console, "create", "Billing", 739)
    assert str(raised.value) == "there is a Team 'Billing' already"
    assert len(_log(console)) == 1


def test_a_name_that_is_taken_cannot_be_given(console: World) -> None:
    events.change_team(console, "create", "Billing", 739)
    events.change_team(console, "create", "Sales", 739)
    with pytest.raises(EventError) as raised:
        events.change_team(console, "update", "Sales", 739, new_name="Billing")
    assert str(raised.value) == "there is a Team 'Billing' already"
    assert _names(console, "Team") == ["Billing", "Sales"]


@pytest.mark.parametrize("action", ["update", "destroy"])
def test_what_is_not_there_cannot_be_changed(console: World, action: str) -> None:
    events.change_routing_rule(console, "create", "Billing", 739)
    with pytest.raises(EventError) as raised:
        events.change_team(console, action, "Billing", 739, new_name="x")
    assert str(raised.value) == "there is no Team 'Billing'"
    assert len(_log(console)) == 1


def test_an_unknown_action_is_refused_with_the_nearest(console: World) -> None:
    with pytest.raises(EventError) as raised:
        events.change_team(console, "destory", "Billing", 739)
    assert str(raised.value) == "'destory' is no action; did you mean 'destroy'?"


def test_an_unknown_supervisor_changes_nothing(console: World) -> None:
    with pytest.raises(EventError) as raised:
        events.change_team(console, "create", "Billing", 1)
    assert str(raised.value) == "there is no agent 1"
    assert _names(console, "Team") == []


def test_the_entries_conform_to_the_contract(console: World) -> None:
    events.set_agent_status(console, 739, "active")
    events.change_quick_response(console, "create", "تحية", 739)
    schema = api.validator.schemas.compile("#/components/schemas/Entry")
    log = _log(console)
    assert len(log) == 2
    assert [list(schema.find_violations(change)) for change in log] == [[], []]


def test_the_id_of_what_was_destroyed_never_comes_back(console: World) -> None:
    for action, name in (("create", "First"), ("destroy", "First"), ("create", "Second")):
        events.change_team(console, action, name, 739)
    ids = [change["resource"]["id"] for change in reversed(_log(console))]
    assert ids[0] == ids[1] != ids[2]


def test_a_name_that_is_taken_cannot_be_given_again(console: World) -> None:
    events.change_team(console, "create", "Billing", 739)
    events.change_team(console, "create", "Sales", 739)
    with pytest.raises(EventError, match="there is a Team 'Sales' already"):
        events.change_team(console, "update", "Billing", 739, new_name="Sales")
    with pytest.raises(EventError, match="needs a 'new_name'"):
        events.change_team(console, "update", "Billing", 739)
