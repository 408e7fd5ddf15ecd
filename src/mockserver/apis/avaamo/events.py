"""Events of the console: agents change their status, supervisors what they configure."""

from __future__ import annotations

from typing import Any

from mockserver.apis.avaamo import model, wire
from mockserver.errors import EventError, suggest_nearest
from mockserver.event import get_subject
from mockserver.sandbox import World
from mockserver.store import Document


def set_agent_status(world: World, agent: int, status: str) -> None:
    """The agent sets a status of their own; the changelog says from which to which."""
    if status not in model.STATUSES:
        raise EventError(f"'{status}' is no status; {suggest_nearest(status, model.STATUSES)}")
    known = get_subject(world, "agent", agent)
    name, before = known.body["display_name"], known.body["status"]
    text = wire.describe_attribute_change(name, "User", name, "status", before, status)
    _log(world, (agent, "User"), "update", text, known)
    world.documents.replace(model.AGENT.document({**known.body, "status": status}))


def change_team(world: World, action: str, name: str, by: int, new_name: str = "") -> None:
    """A supervisor creates, updates or destroys a team; `new_name` is what an update changes."""
    _change(world, "Team", action, name, by, new_name)


def change_routing_rule(world: World, action: str, name: str, by: int, new_name: str = "") -> None:
    """A supervisor creates, updates or destroys a routing rule."""
    _change(world, "RoutingRule", action, name, by, new_name)


def change_quick_response(
    world: World, action: str, name: str, by: int, new_name: str = ""
) -> None:
    """A supervisor creates, updates or destroys a quick response."""
    _change(world, "QuickResponse", action, name, by, new_name)


def _change(world: World, type: str, action: str, name: str, by: int, new_name: str) -> None:
    if action not in wire.ACTIONS:
        raise EventError(f"'{action}' is no action; {suggest_nearest(action, wire.ACTIONS)}")
    user = get_subject(world, "agent", by)
    who = user.body["display_name"]
    resource = _find_resource(world, type, name)
    free = name if action == "create" else new_name
    if action != "create" and resource is None:
        raise EventError(f"there is no {type} '{name}'")
    if action == "update" and not new_name:
        raise EventError(f"an update of the {type} '{name}' needs a 'new_name'")
    if action != "destroy" and _find_resource(world, type, free):
        raise EventError(f"there is a {type} '{free}' already")
    text = wire.describe_change(who, action, type, name)
    if resource is None:
        # The id of the entry about it, so that no id ever comes back.
        body: dict[str, Any] = {"id": model.get_next_id(world), "type": type, "name": name}
        world.documents.append(model.RESOURCE.document(body))
    elif action == "destroy":
        body = resource.body
        world.documents.remove(resource.kind, resource.key)
    else:
        body = {**resource.body, "name": new_name}
        text = wire.describe_attribute_change(who, type, name, "name", name, new_name)
        world.documents.replace(model.RESOURCE.document(body))
    _log(world, (body["id"], type), action, text, user)


def _find_resource(world: World, type: str, name: str) -> Document | None:
    resources = world.documents.list_by_owner("resource", type)
    return next((item for item in resources if item.body["name"] == name), None)


def _log(world: World, resource: tuple[int, str], action: str, text: str, user: Document) -> None:
    id = model.get_next_id(world)
    world.documents.append(model.build_change(id, resource, action, text, world.now, user.body))
