"""Avaamo's generated changelog, and its events."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from mockserver.apis.avaamo import events, model, seed, wire
from mockserver.clock import parse_moment
from mockserver.errors import EventError
from mockserver.sandbox import World
from mockserver.store import Document

STATUS = re.compile(r"(.+) updated User \1 status from '(\w+)' to '(\w+)'")
RENAMED = re.compile(r".+ updated (Team|RoutingRule|QuickResponse) (.+) name from '.+' to '.+'")
CHANGED = re.compile(r".+ (created|destroyed) (Team|RoutingRule|QuickResponse) (.+)")
DONE = {"create": "created", "destroy": "destroyed"}


def select(kind: str, documents: list[Document]) -> list[dict[str, Any]]:
    return [document.body for document in documents if document.kind == kind]


def test_entries_have_ids_in_a_row_and_rise_up_to_now(world: World) -> None:
    documents = list(seed.changes(world, count=100, agents=3, first="-10d", first_id=500))
    changes, agents = select("change", documents), select("agent", documents)
    assert [change["id"] for change in changes] == list(range(500, 600))
    assert [agent["id"] for agent in agents] == [740, 741, 742]
    moments = [change["timestamp"] for change in changes]
    assert all(one <= other for one, other in pairwise(moments))
    now = 1_755_786_600
    assert now - 864_001 <= moments[0] < now - 855_360
    assert now - 8_641 <= moments[-1] <= now
    world.documents.extend(documents)


def test_the_changelog_could_have_happened(world: World) -> None:
    documents = list(seed.changes(world, count=400, agents=5))
    agents = {agent["id"]: agent for agent in select("agent", documents)}
    statuses = dict.fromkeys(agents, "offline")
    exists: dict[tuple[str, str], bool] = {}
    ids: dict[tuple[str, str], set[int]] = {}
    for change in select("change", documents):
        text, resource, user = change["changelog"], change["resource"], change["dashboard_user"]
        assert {**user, "status": agents[user["id"]]["status"]} == agents[user["id"]]
        assert text.startswith(f"{user['display_name']} ")
        if resource["type"] == "User":
            status = STATUS.fullmatch(text)
            assert status and (change["action"], resource["id"]) == ("update", user["id"])
            assert statuses[user["id"]] == status[2] != status[3]
            statuses[user["id"]] = status[3]
            continue
        renamed, changed = RENAMED.fullmatch(text), CHANGED.fullmatch(text)
        if renamed:
            key = (renamed[1], renamed[2])
            assert change["action"] == "update" and exists.get(key, True)
        else:
            assert changed and changed[1] == DONE[change["action"]]
            key = (changed[2], changed[3])
            assert exists.get(key, True) == (changed[1] == "destroyed")
            exists[key] = changed[1] == "created"
        assert key[0] == resource["type"]
        ids.setdefault(key, set()).add(resource["id"])
    assert {agent["id"]: agent["status"] for agent in agents.values()} == statuses
    assert all(len(found) == 1 for found in ids.values())
    last = {(item["type"], item["name"]) for item in select("resource", documents)}
    assert {key for key, is_there in exists.items() if is_there} <= last
    assert not {key for key, is_there in exists.items() if not is_there} & last


def test_entries_of_an_agent_who_exists_lead_to_their_status(world: World) -> None:
    agent = {"id": 739, "display_name": "Donna Miller", "email": "donna@avaamo.com"}
    for status in model.STATUSES:
        world.documents.clear()
        world.documents.append(model.AGENT.document({**agent, "status": status}))
        documents = list(seed.changes(world, count=40, agent=739, first_id=500))
        changes = select("change", documents)
        assert len(changes) == 40 and not select("agent", documents)
        assert all(change["dashboard_user"] == agent for change in changes)
        own = filter(None, (STATUS.fullmatch(change["changelog"]) for change in changes))
        steps = [(found[2], found[3]) for found in own]
        assert len(steps) > 10 and steps[-1][1] == status
        assert all(one[1] == other[0] != other[1] for one, other in pairwise(steps))
        world.documents.extend(documents)
    with pytest.raises(EventError, match=r"^there is no agent 740$"):
        list(seed.changes(world, count=1, agent=740))


def test_all_actions_and_types_occur(world: World) -> None:
    changes = select("change", list(seed.changes(world, count=400)))
    assert {change["action"] for change in changes} == set(wire.ACTIONS)
    types = Counter(change["resource"]["type"] for change in changes)
    assert set(types) == {"User", *model.RESOURCE_TYPES} and types["User"] > 200


@pytest.fixture
def console(world: World) -> World:
    """A world in which Donna Miller is offline and nothing was ever changed."""
    agent = {"id": 739, "display_name": "Donna Miller", "email": "donna@avaamo.com"}
    world.documents.append(model.AGENT.document({**agent, "status": "offline"}))
    return world


def read_log(world: World) -> list[dict[str, Any]]:
    """The entries in the order in which they were made."""
    found, _ = model.page_changes(world, wire.ACTIONS, None, None, 0, 100)
    return found[::-1]


def test_a_status_is_logged_as_in_the_document_s_sample(console: World) -> None:
    events.set_agent_status(console, 739, "active")
    assert read_log(console) == [
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
    later = console.freeze_at(parse_moment("2025-08-21T14:30:01.9Z"))
    events.set_agent_status(later, 739, "busy")
    change = read_log(later)[1]
    assert (change["id"], change["timestamp"]) == (2, 1_755_786_601)
    assert change["changelog"].endswith(" status from 'active' to 'busy'")


@pytest.mark.parametrize(
    ("trigger", "type"),
    [
        (events.change_team, "Team"),
        (events.change_routing_rule, "RoutingRule"),
        (events.change_quick_response, "QuickResponse"),
    ],
)
def test_a_resource_is_created_updated_and_destroyed(
    console: World, trigger: Any, type: str
) -> None:
    trigger(console, "create", "Billing", 739)
    trigger(console, "update", "Billing", 739, new_name="Accounts")
    trigger(console, "destroy", "Accounts", 739)
    trigger(console, "create", "تحية", 739)
    assert [(change["changelog"], change["resource"]) for change in read_log(console)] == [
        (f"Donna Miller created {type} Billing", {"id": 1, "type": type}),
        (
            f"Donna Miller updated {type} Billing name from 'Billing' to 'Accounts'",
            {"id": 1, "type": type},
        ),
        (f"Donna Miller destroyed {type} Accounts", {"id": 1, "type": type}),
        # An id is never used again.
        (f"Donna Miller created {type} تحية", {"id": 4, "type": type}),
    ]
    resources = console.documents.list_by_owner("resource", type)
    assert [resource.body["name"] for resource in resources] == ["تحية"]


def test_events_that_make_no_sense_are_refused_and_log_nothing(console: World) -> None:
    events.change_team(console, "create", "Billing", 739)
    events.change_team(console, "create", "Sales", 739)
    events.change_routing_rule(console, "create", "Overflow", 739)
    for arguments, reason in (
        (("create", "Billing", 739), "there is a Team 'Billing' already"),
        (("update", "Sales", 739, "Billing"), "there is a Team 'Billing' already"),
        (("update", "Sales", 739), "an update of the Team 'Sales' needs a 'new_name'"),
        (("update", "Overflow", 739, "x"), "there is no Team 'Overflow'"),
        (("destroy", "Overflow", 739), "there is no Team 'Overflow'"),
        (("destory", "Billing", 739), "'destory' is no action; did you mean 'destroy'?"),
        (("create", "More", 1), "there is no agent 1"),
    ):
        with pytest.raises(EventError) as raised:
            events.change_team(console, *arguments)
        assert str(raised.value) == reason
    for agent, status, reason in (
        (739, "actve", "'actve' is no status; did you mean 'active'?"),
        (740, "active", "there is no agent 740"),
    ):
        with pytest.raises(EventError) as raised:
            events.set_agent_status(console, agent, status)
        assert str(raised.value) == reason
    assert len(read_log(console)) == 3
