"""The changelog: newest first, bounds included, five without a lower bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.apis.avaamo import wire
from mockserver.clock import SECOND
from mockserver.kind import EMAIL, NAME, TEXT, Kind, closed_object, has_value
from mockserver.sandbox import World
from mockserver.store import Document

LATEST = 5
"""How many entries an upper bound without a lower one reaches back."""

RESOURCE_TYPES = ("Team", "RoutingRule", "QuickResponse")
STATUSES = ("active", "offline", "away", "busy")

_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}

CHANGE = Kind(
    name="change",
    # Ids count from 1 here: the contract allows any, and they are ordered by their size.
    schema={"allOf": [{"$ref": "#/components/schemas/Entry"}, {"properties": {"id": _ID}}]},
    key=lambda body: str(body["id"]),
    owner=lambda body: body["action"],
    at=lambda body: body["timestamp"] * SECOND,
    moments={"timestamp": lambda at: at // SECOND},
    is_past=True,
    uses={f"an entry of {action}": has_value("action", action) for action in wire.ACTIONS},
)

AGENT = Kind(
    name="agent",
    schema=closed_object(
        {
            "id": _ID,
            "display_name": NAME,
            "email": EMAIL,
            "status": {"type": "string", "enum": list(STATUSES)},
        },
        required=["id", "display_name", "email", "status"],
    ),
    key=lambda body: str(body["id"]),
    label="display_name",
    uses={f"an agent who is {status}": has_value("status", status) for status in STATUSES},
)

RESOURCE = Kind(
    name="resource",
    schema=closed_object(
        {"id": _ID, "type": {"type": "string", "enum": list(RESOURCE_TYPES)}, "name": TEXT},
        required=["id", "type", "name"],
    ),
    key=lambda body: str(body["id"]),
    owner=lambda body: body["type"],
    label="name",
    uses={f"a {type} to update or destroy": has_value("type", type) for type in RESOURCE_TYPES},
)

KINDS = (CHANGE, AGENT, RESOURCE)


def page_changes(
    world: World,
    actions: Sequence[str],
    start: int | None,
    end: int | None,
    offset: int,
    limit: int,
) -> tuple[list[dict[str, Any]], int]:
    """A stretch of the changelog, and how many entries there are in all.

    An upper bound without a lower one reaches only the latest five. Without an upper bound the
    present moment is the bound.
    """
    wanted = list(dict.fromkeys(actions))
    if end is not None and start is None:
        latest = world.documents.list_newest("change", wanted, end, LATEST)
        return [change.body for change in latest[offset : offset + limit]], len(latest)
    upto = world.now if end is None else end
    found, total = world.documents.page_newest("change", wanted, start, upto, offset, limit)
    return [change.body for change in found], total


def build_change(
    id: int, resource: tuple[int, str], action: str, text: str, at: int, user: dict[str, Any]
) -> Document:
    """An entry about a resource (id, type), at a moment in microseconds, by a dashboard user."""
    return CHANGE.document(
        {
            "id": id,
            "resource": {"id": resource[0], "type": resource[1]},
            "action": action,
            "changelog": text,
            "timestamp": at // SECOND,
            "dashboard_user": {key: user[key] for key in ("id", "display_name", "email")},
        }
    )


def get_next_id(world: World) -> int:
    """The id of the next entry, greater than any before."""
    return int(world.documents.get_greatest_key("change") or 0) + 1
