"""Operations on snapshots, and the comparison of worlds."""

from __future__ import annotations

from typing import Any

from mockserver.sandbox import compare
from mockserver.scenarios import read_snapshot, write_snapshot
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.store import WorldRecord


def list_snapshots(context: ControlContext) -> dict[str, Any]:
    return {"snapshots": _format(context, *context.sandbox.list_snapshots())}


def take_snapshot(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    snapshot = context.sandbox.take_snapshot(body["name"], replacing=body.get("replace", False))
    return _format(context, snapshot)[0]


def get_snapshot(context: ControlContext, snapshot: str) -> dict[str, Any]:
    return _format(context, context.sandbox.get_snapshot(snapshot))[0]


def delete_snapshot(context: ControlContext, snapshot: str) -> None:
    context.sandbox.delete_snapshot(snapshot)


def restore_snapshot(context: ControlContext, snapshot: str) -> dict[str, Any]:
    context.sandbox.restore_snapshot(snapshot)
    return context.format_sandbox(context.sandbox.record)


def download_snapshot(context: ControlContext, snapshot: str) -> bytes:
    record = context.sandbox.get_snapshot(snapshot)
    return write_snapshot(context.sandbox.transaction, record)


def upload_snapshot(context: ControlContext, snapshot: str, body: dict[str, Any]) -> dict[str, Any]:
    template = read_snapshot(body, context.apis)
    return _format(context, context.sandbox.import_snapshot(snapshot, template))[0]


def diff_worlds(
    context: ControlContext, limit: int, to: str | None = None, **other: str
) -> dict[str, Any]:
    # The other parameter is called `from`, which is a keyword of Python.
    sandbox, start = context.sandbox, other.get("from")
    before = sandbox.origin if start is None else sandbox.get_snapshot(start)
    after = sandbox.record if to is None else sandbox.get_snapshot(to)
    comparison = compare(sandbox.transaction, before, after, limit)
    return views.format_comparison(comparison, start, to)


def _format(context: ControlContext, *records: WorldRecord) -> list[dict[str, Any]]:
    sizes = context.session.get_sizes(records)
    return [views.format_snapshot(record, sizes[record.id].documents) for record in records]
