"""Snapshots: taken, listed, restored, deleted, carried away and brought, compared."""

from __future__ import annotations

from typing import Any

from mockserver.sandbox import compare
from mockserver.scenarios import read_snapshot, write_snapshot
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.store import WorldRecord


def list_snapshots(context: ControlContext) -> dict[str, Any]:
    """Those of the sandbox, the oldest first."""
    return {"snapshots": _shown(context, *context.sandbox.list_snapshots())}


def take_snapshot(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    """The world put aside."""
    taken = context.sandbox.take_snapshot(body["name"], replacing=body.get("replace", False))
    return _shown(context, taken)[0]


def get_snapshot(context: ControlContext, snapshot: str) -> dict[str, Any]:
    """One of them."""
    return _shown(context, context.sandbox.get_snapshot(snapshot))[0]


def delete_snapshot(context: ControlContext, snapshot: str) -> None:
    """One less."""
    context.sandbox.delete_snapshot(snapshot)


def restore_snapshot(context: ControlContext, snapshot: str) -> dict[str, Any]:
    """The world as it was."""
    context.sandbox.restore_snapshot(snapshot)
    return context.format_sandbox(context.sandbox.record)


def download_snapshot(context: ControlContext, snapshot: str) -> bytes:
    """One as a file."""
    record = context.sandbox.get_snapshot(snapshot)
    return write_snapshot(context.sandbox.transaction, record)


def upload_snapshot(context: ControlContext, snapshot: str, body: dict[str, Any]) -> dict[str, Any]:
    """A file as a snapshot."""
    file = read_snapshot(body, context.apis)
    return _shown(context, context.sandbox.import_snapshot(snapshot, file))[0]


def diff_worlds(
    context: ControlContext, limit: int, to: str | None = None, **given: str
) -> dict[str, Any]:
    """What differs; the other parameter is called `from`, which is a word of Python's."""
    sandbox, start = context.sandbox, given.get("from")
    before = sandbox.origin if start is None else sandbox.get_snapshot(start)
    after = sandbox.record if to is None else sandbox.get_snapshot(to)
    return views.format_comparison(compare(sandbox.transaction, before, after, limit), start, to)


def _shown(context: ControlContext, *records: WorldRecord) -> list[dict[str, Any]]:
    sizes = context.session.get_sizes(records)
    return [views.format_snapshot(record, sizes[record.id].documents) for record in records]
