"""What exists at first: agents, and a changelog of what they and their supervisors did."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from mockserver.apis.avaamo import api, seed
from mockserver.clock import parse_moment
from mockserver.factory import Factory
from mockserver.sandbox import World
from mockserver.store import Document

STATUS = re.compile(r"(.+) updated User \1 status from '(\w+)' to '(\w+)'")
NAME = re.compile(r".+ updated (Team|RoutingRule|QuickResponse) (.+) name from '.+' to '.+'")
WHOLE = re.compile(r".+ (created|destroyed) (Team|RoutingRule|QuickResponse) (.+)")


def _of(kind: str, documents: list[Document]) -> list[Document]:
    return [item for item in documents if item.kind == kind]


def test_there_are_as_many_entries_and_agents_as_asked(world: World) -> None:
    documents = list(seed.changes(world, count=40, agents=3, first_id=500))
    assert [item.body["id"] for item in _of("change", documents)] == list(range(500, 540))
    assert [item.body["id"] for item in _of("agent", documents)] == [740, 741, 742]


def test_the_entries_rise_through_the_days_asked_up_to_now(world: World) -> None:
    changes = _of("change", list(seed.changes(world, count=100, days=10)))
    moments = [item.at for item in changes]
    assert all(one <= other for one, other in pairwise(moments))
    assert parse_moment("2025-08-11T14:29:59Z") <= moments[0] < parse_moment("2025-08-11T16:54:00Z")
    assert (
        parse_moment("2025-08-21T12:05:59Z") <= moments[-1] <= parse_moment("2025-08-21T14:30:00Z")
    )


def test_every_entry_conforms_to_the_contract(world: World) -> None:
    schema = api.validator.schemas.compile("#/components/schemas/Entry")
    changes = _of("change", list(seed.changes(world, count=200)))
    assert [item for item in changes if not schema.accepts(item.body)] == []


def test_all_actions_and_all_types_occur(world: World) -> None:
    changes = _of("change", list(seed.changes(world, count=400)))
    actions = Counter(item.body["action"] for item in changes)
    types = Counter(item.body["resource"]["type"] for item in changes)
    assert set(actions) == {"update", "create", "destroy"}
    assert set(types) == {"User", "Team", "RoutingRule", "QuickResponse"}
    assert types["User"] > 200


def test_every_text_follows_the_samples_grammar(world: World) -> None:
    for item in _of("change", list(seed.changes(world, count=400))):
        body = item.body
        text, action, type = body["changelog"], body["action"], body["resource"]["type"]
        assert text.startswith(f"{body['dashboard_user']['display_name']} ")
        if type == "User":
            assert (action, body["resource"]["id"]) == ("update", body["dashboard_user"]["id"])
            assert STATUS.fullmatch(text)
        elif action == "update":
            assert NAME.fullmatch(text)[1] == type
        else:
            done = {"create": "created", "destroy": "destroyed"}[action]
            assert WHOLE.fullmatch(text).groups()[:2] == (done, type)


def test_a_resource_has_one_id(world: World) -> None:
    ids: dict[tuple[str, str], set[int]] = {}
    for item in _of("change", list(seed.changes(world, count=400))):
        resource = item.body["resource"]
        found = NAME.fullmatch(item.body["changelog"]) or WHOLE.fullmatch(item.body["changelog"])
        if found:
            name = found.groups()[-1]
            ids.setdefault((resource["type"], name), set()).add(resource["id"])
    assert ids
    assert all(len(found) == 1 for found in ids.values())


def test_each_status_goes_on_from_the_last_and_ends_where_the_agent_is(world: World) -> None:
    documents = list(seed.changes(world, count=400, agents=5))
    statuses = dict.fromkeys(range(740, 745), "offline")
    for item in _of("change", documents):
        found = STATUS.fullmatch(item.body["changelog"])
        if found:
            id = item.body["dashboard_user"]["id"]
            assert statuses[id] == found[2] != found[3]
            statuses[id] = found[3]
    agents = {item.body["id"]: item.body["status"] for item in _of("agent", documents)}
    assert agents == statuses


def test_what_exists_at_last_is_what_the_changelog_left(world: World) -> None:
    documents = list(seed.changes(world, count=400))
    existing: dict[tuple[str, str], bool] = {}
    for item in _of("change", documents):
        found = WHOLE.fullmatch(item.body["changelog"])
        renamed = NAME.fullmatch(item.body["changelog"])
        if found:
            done, key = found[1], (found[2], found[3])
            # Nothing is made twice, and nothing is unmade that is not there.
            assert existing.get(key, True) == (done == "destroyed")
            existing[key] = done == "created"
        elif renamed:
            assert existing.get((renamed[1], renamed[2]), True)
    resources = {(item.body["type"], item.body["name"]) for item in _of("resource", documents)}
    assert {key for key, is_there in existing.items() if is_there} <= resources
    assert not {key for key, is_there in existing.items() if not is_there} & resources


def test_an_agent_has_one_name_and_one_address(world: World) -> None:
    documents = list(seed.changes(world, count=200, agents=4))
    agents = {item.body["id"]: item.body for item in _of("agent", documents)}
    for item in _of("change", documents):
        user = item.body["dashboard_user"]
        assert user["display_name"] == agents[user["id"]]["display_name"]
        assert user["email"] == agents[user["id"]]["email"]
    assert agents[740]["email"] == "agent740@avaamo.example"
    assert len({agent["email"] for agent in agents.values()}) == 4


def test_the_same_seed_gives_the_same_and_another_gives_others(world: World) -> None:
    first = list(seed.changes(world, count=30))
    assert list(seed.changes(world, count=30)) == first
    other = list(seed.changes(replace(world, factory=Factory(7)), count=30))
    assert _of("agent", other) != _of("agent", first)
    assert [item.at for item in _of("change", other)] != [item.at for item in _of("change", first)]
