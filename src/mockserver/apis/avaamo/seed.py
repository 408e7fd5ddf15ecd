"""Generators of agents, and a changelog of what they and their supervisors did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from mockserver.apis.avaamo import model, wire
from mockserver.errors import EventError
from mockserver.event import Count, MomentText, Names, Shares, choose, get_subject
from mockserver.sandbox import World
from mockserver.store import Document

_Resource = tuple[int, str, str]

_RESOURCES: tuple[_Resource, ...] = (
    (101, "Team", "Billing"),
    (102, "Team", "Sales"),
    (103, "Team", "Technical support"),
    (104, "Team", "Arabic desk"),
    (201, "RoutingRule", "VIP first"),
    (202, "RoutingRule", "Weekend"),
    (203, "RoutingRule", "Overflow"),
    (301, "QuickResponse", "Greeting"),
    (302, "QuickResponse", "Refund policy"),
    (303, "QuickResponse", "Opening hours"),
)
"""What supervisors configure: id, type, name. All of it exists when the changelog begins."""
_TYPES = ("Team", "RoutingRule", "QuickResponse")
_FIRST_ID = 2202443
_USUAL = Shares({})
"""No shares: as it usually is."""


class _Drawn(NamedTuple):
    """An entry by chance. Without a resource, a user goes from one status to another."""

    at: int
    who: int
    action: str
    resource: _Resource | None
    before: str = ""
    after: str = ""


def changes(
    world: World,
    count: Count,
    agents: Count = Count(12),
    first_agent: int = 740,
    agent: int = 0,
    first: MomentText = MomentText("-60d"),
    last: MomentText = MomentText("now"),
    actions: Annotated[Shares, Names(wire.ACTIONS)] = _USUAL,
    first_id: int = _FIRST_ID,
    locale: str = "en_US",
) -> Iterator[Document]:
    """Changes by several agents between two moments, and the documents that result from them.

    With an agent, they are all by that one, who exists; the last status in them is the agent's.
    """
    users = [_build_user(world, first_agent + n, n, locale) for n in range(0 if agent else agents)]
    if agent:
        users = [get_subject(world, "agent", agent).body]
    shift = abs(first_id - _FIRST_ID)  # so that what several calls leave behind has other ids
    resources = [(id + shift, type, name) for id, type, name in _RESOURCES]
    existing, statuses = set(resources), ["offline"] * len(users)
    period = world.read_period(first, last)
    drawn = [*_draw(world, count, period, actions, first_id, statuses, resources, existing)]
    renamed = {name: name for name in model.STATUSES}
    if agent:
        # The statuses change places, so that the last one is the one that the agent has.
        renamed |= {statuses[0]: users[0]["status"], users[0]["status"]: statuses[0]}
    for id, it in enumerate(drawn, first_id):
        user = users[it.who]
        if it.resource:
            yield _build_resource_change(id, user, it.action, it.resource, it.at)
            continue
        name, before, after = user["display_name"], renamed[it.before], renamed[it.after]
        text = wire.describe_attribute_change(name, "User", name, "status", before, after)
        yield model.build_change(id, (user["id"], "User"), it.action, text, it.at, user)
    if not agent:
        for user, now in zip(users, statuses, strict=True):
            yield model.AGENT.document({**user, "status": now})
    for id, type, name in resources:
        if (id, type, name) in existing:
            yield model.RESOURCE.document({"id": id, "type": type, "name": name})


def _draw(
    world: World,
    count: int,
    period: tuple[int, int],
    actions: Shares,
    first_id: int,
    statuses: list[str],
    resources: list[_Resource],
    existing: set[_Resource],
) -> Iterator[_Drawn]:
    """Draw entries that can follow each other; the last three arguments change with them."""
    begin, end = period
    step = max((end - begin) // count, 1)
    for n in range(count):
        chance = world.factory.random("avaamo.change", n)
        at = end - (count - n) * step + chance.randrange(step)
        who = chance.randrange(len(statuses))
        wanted = choose(chance, actions) if actions else ""
        if wanted in ("create", "destroy"):
            if wanted == "create":
                number = len(resources)
                resource = (first_id + n, _TYPES[number % 3], f"{_TYPES[number % 3]} {number}")
                resources.append(resource)
            elif existing:
                resource = chance.choice(sorted(existing))
            else:
                raise EventError("nothing is left to destroy; give 'create' a larger share")
            existing ^= {resource}
            yield _Drawn(at, who, wanted, resource)
        elif wanted or chance.random() < 0.7:
            before = statuses[who]
            statuses[who] = chance.choice([item for item in model.STATUSES if item != before])
            yield _Drawn(at, who, "update", None, before, statuses[who])
        else:
            resource = chance.choice(resources)
            action = chance.choice(("update", "destroy")) if resource in existing else "create"
            existing ^= {resource} if action != "update" else set()
            yield _Drawn(at, who, action, resource)


def _build_user(world: World, id: int, n: int, locale: str) -> dict[str, Any]:
    name = world.factory.name("avaamo.agent", n, locale)
    return {"id": id, "display_name": name, "email": f"agent{id}@avaamo.example"}


def _build_resource_change(
    id: int, user: dict[str, Any], action: str, resource: _Resource, at: int
) -> Document:
    who = user["display_name"]
    resource_id, type, name = resource
    if action == "update":
        before = f"{name} (old)"
        text = wire.describe_attribute_change(who, type, before, "name", before, name)
    else:
        text = wire.describe_change(who, action, type, name)
    return model.build_change(id, (resource_id, type), action, text, at, user)
