"""Generators of agents, and a changelog of what they and their supervisors did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from mockserver.apis.avaamo import model, wire
from mockserver.errors import EventError
from mockserver.event import Count, MomentText, Names, Shares, choose
from mockserver.sandbox import World
from mockserver.store import Document

_RESOURCES = (
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


def changes(
    world: World,
    count: Count,
    agents: Count = Count(12),
    first_agent: int = 740,
    first: MomentText = MomentText("-60d"),
    last: MomentText = MomentText("now"),
    actions: Annotated[Shares, Names(wire.ACTIONS)] = _USUAL,
    first_id: int = _FIRST_ID,
    locale: str = "en_US",
) -> Iterator[Document]:
    """So many entries by so many agents, between two moments, and what they leave behind."""
    begin, end = world.read_period(first, last)
    users = [_build_user(world, first_agent + n, n, locale) for n in range(agents)]
    status = ["offline"] * agents
    shift = abs(first_id - _FIRST_ID)  # so that what several calls leave behind has other ids
    resources = [(id + shift, type, name) for id, type, name in _RESOURCES]
    existing = set(resources)
    step = max((end - begin) // count, 1)
    for n in range(count):
        chance = world.factory.random("avaamo.change", n)
        at = end - (count - n) * step + chance.randrange(step)
        who = chance.randrange(agents)
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
            yield _build_resource_change(first_id + n, users[who], wanted, resource, at)
        elif wanted or chance.random() < 0.7:
            after = chance.choice([item for item in model.STATUSES if item != status[who]])
            user, name = users[who], users[who]["display_name"]
            text = wire.describe_attribute_change(name, "User", name, "status", status[who], after)
            yield model.build_change(first_id + n, (user["id"], "User"), "update", text, at, user)
            status[who] = after
        else:
            resource = chance.choice(resources)
            action = chance.choice(("update", "destroy")) if resource in existing else "create"
            existing ^= {resource} if action != "update" else set()
            yield _build_resource_change(first_id + n, users[who], action, resource, at)
    for user, now in zip(users, status, strict=True):
        yield model.AGENT.document({**user, "status": now})
    for id, type, name in resources:
        if (id, type, name) in existing:
            yield model.RESOURCE.document({"id": id, "type": type, "name": name})


def _build_user(world: World, id: int, n: int, locale: str) -> dict[str, Any]:
    name = world.factory.name("avaamo.agent", n, locale)
    return {"id": id, "display_name": name, "email": f"agent{id}@avaamo.example"}


def _build_resource_change(
    id: int, user: dict[str, Any], action: str, resource: tuple[int, str, str], at: int
) -> Document:
    who = user["display_name"]
    resource_id, type, name = resource
    if action == "update":
        before = f"{name} (old)"
        text = wire.describe_attribute_change(who, type, before, "name", before, name)
    else:
        text = wire.describe_change(who, action, type, name)
    return model.build_change(id, (resource_id, type), action, text, at, user)
