"""How the control API shows things: moments as ISO 8601, ages in seconds."""

from __future__ import annotations

from typing import Any

from mockserver.clock import SECOND, Clock, format_moment, machine_now
from mockserver.json_pointer import ABSENT
from mockserver.sandbox import Comparison, WorldSize
from mockserver.store import Document, WorldRecord

__all__ = [
    "format_clock",
    "format_comparison",
    "format_document",
    "format_sandbox",
    "format_snapshot",
]


def format_clock(of: Clock, real: int | None = None) -> dict[str, Any]:
    """A clock at the machine's present moment, or at another one."""
    real = machine_now() if real is None else real
    now = of.get_time_at(real)
    return {
        "now": format_moment(now),
        "mode": of.mode,
        "rate": of.rate,
        "offset": (now - real) / SECOND,
    }


def format_sandbox(record: WorldRecord, size: WorldSize) -> dict[str, Any]:
    """A sandbox, how large it is, and how old."""
    now = machine_now()
    return {
        "name": record.name,
        "scenario": record.scenario,
        "seed": record.seed,
        "clock": format_clock(record.clock),
        "documents": size.documents,
        "snapshots": size.snapshots,
        "created": format_moment(record.created),
        "used": format_moment(record.used),
        "age": _seconds(now - record.created),
        "idle": _seconds(now - record.used),
    }


def format_snapshot(record: WorldRecord, documents: int) -> dict[str, Any]:
    """A snapshot; its clock as it was when it was taken."""
    return {
        "name": record.name,
        "scenario": record.scenario,
        "seed": record.seed,
        "clock": format_clock(record.clock, record.created),
        "documents": documents,
        "taken": format_moment(record.created),
    }


def format_document(api: str, of: Document) -> dict[str, Any]:
    """A document with all that the store knows of it."""
    return {
        "api": api,
        "kind": of.kind,
        "key": of.key,
        "owner": of.owner,
        "at": None if of.at is None else format_moment(of.at),
        "until": None if of.until is None else format_moment(of.until),
        "body": of.body,
    }


def format_comparison(of: Comparison, start: str | None, end: str | None) -> dict[str, Any]:
    """What differs between two worlds; None stands for the scenario, or for now."""
    return {
        "from": start,
        "to": end,
        "equal": of.is_equal,
        "world": [_field(change.field, change.before, change.after) for change in of.world],
        **of.counts,
        "documents": [
            _present(
                api=change.api,
                kind=change.kind,
                key=change.key,
                change=change.change,
                body=ABSENT if change.body is None else change.body,
                fields=[_field(one.field, one.before, one.after) for one in change.fields]
                or ABSENT,
            )
            for change in of.documents
        ],
    }


def _field(field: str, before: Any, after: Any) -> dict[str, Any]:
    return _present(field=field, before=before, after=after)


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not ABSENT}


def _seconds(passed: int) -> float:
    return max(passed, 0) / SECOND
