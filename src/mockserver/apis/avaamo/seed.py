"""What exists at first: agents, and a changelog of what they and their supervisors did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.apis.avaamo import model, wire
from mockserver.clock import SECOND
from mockserver.sandbox import World
from mockserver.store import Document

_DAY = 24 * 3600 * SECOND
_NAMES = {
    "Team": ("Billing", "Sales", "Technical support", "Arabic desk", "Night shift"),
    "RoutingRule": ("VIP first", "Weekend", "Arabic speakers", "Overflow"),
    "QuickResponse": ("Greeting", "Refund policy", "Opening hours", "Goodbye"),
}


def changes(
    world: World,
    count: int,
    agents: int = 12,
    days: int = 60,
    first_id: int = 2202443,
    locale: str = "en_US",
) -> Iterator[Document]:
    """So many entries by so many agents, over the last days."""
    users = [_user(world, n, locale) for n in range(agents)]
    status = ["offline"] * agents
    step = days * _DAY // count
    for n in range(count):
        chance = world.factory.random("avaamo.change", n)
        at = world.now - (count - n) * step + chance.randrange(step)
        who = chance.randrange(agents)
        if chance.random() < 0.7:
            after = chance.choice([item for item in model.STATUSES if item != status[who]])
            yield _status_change(first_id + n, users[who], status[who], after, at)
            status[who] = after
        else:
            type = chance.choice(model.RESOURCE_TYPES)
            place = chance.randrange(len(_NAMES[type]))
            action = chance.choice(wire.ACTIONS)
            yield _resource_change(first_id + n, users[who], action, type, place, at)
    for user, now in zip(users, status, strict=True):
        yield model.AGENT.document({**user, "status": now})


def _user(world: World, n: int, locale: str) -> dict[str, Any]:
    id = 740 + n
    name = world.factory.name("avaamo.agent", n, locale)
    return {"id": id, "display_name": name, "email": f"agent{id}@avaamo.example"}


def _status_change(id: int, user: dict[str, Any], before: str, after: str, at: int) -> Document:
    name = user["display_name"]
    text = wire.changed_attribute(name, "User", name, "status", before, after)
    return model.change(id, (user["id"], "User"), "update", text, at, user)


def _resource_change(
    id: int, user: dict[str, Any], action: str, type: str, place: int, at: int
) -> Document:
    who, name = user["display_name"], _NAMES[type][place]
    if action == "update":
        text = wire.changed_attribute(who, type, name, "name", f"{name} (old)", name)
    else:
        text = wire.changed_whole(who, action, type, name)
    resource_id = 100 * (1 + model.RESOURCE_TYPES.index(type)) + place
    return model.change(id, (resource_id, type), action, text, at, user)
