"""Snapshots: taken, listed, restored, deleted, carried away and brought, compared."""

from __future__ import annotations

from typing import Any

from mockserver.sandbox import compare
from mockserver.scenarios import read_snapshot, write_snapshot
from mockserver.server.control import views
from mockserver.server.control.context import Controls
from mockserver.store import WorldRecord


def list_snapshots(controls: Controls) -> dict[str, Any]:
    """Those of the sandbox, the oldest first."""
    return {"snapshots": _shown(controls, *controls.sandbox.snapshots())}


def take_snapshot(controls: Controls, body: dict[str, Any]) -> dict[str, Any]:
    """The world put aside."""
    taken = controls.sandbox.take(body["name"], replacing=body.get("replace", False))
    return _shown(controls, taken)[0]


def get_snapshot(controls: Controls, snapshot: str) -> dict[str, Any]:
    """One of them."""
    return _shown(controls, controls.sandbox.snapshot(snapshot))[0]


def delete_snapshot(controls: Controls, snapshot: str) -> None:
    """One less."""
    controls.sandbox.forget(snapshot)


def restore_snapshot(controls: Controls, snapshot: str) -> dict[str, Any]:
    """The world as it was."""
    controls.sandbox.restore(snapshot)
    return controls.shown(controls.sandbox.record)


def download_snapshot(controls: Controls, snapshot: str) -> bytes:
    """One as a file."""
    record = controls.sandbox.snapshot(snapshot)
    return write_snapshot(controls.sandbox.transaction, record)


def upload_snapshot(controls: Controls, snapshot: str, body: dict[str, Any]) -> dict[str, Any]:
    """A file as a snapshot."""
    file = read_snapshot(body, controls.apis)
    return _shown(controls, controls.sandbox.keep(snapshot, file))[0]


def diff_worlds(
    controls: Controls, limit: int, to: str | None = None, **given: str
) -> dict[str, Any]:
    """What differs; the other parameter is called `from`, which is a word of Python's."""
    sandbox, start = controls.sandbox, given.get("from")
    before = sandbox.origin if start is None else sandbox.snapshot(start)
    after = sandbox.record if to is None else sandbox.snapshot(to)
    return views.comparison(compare(sandbox.transaction, before, after, limit), start, to)


def _shown(controls: Controls, *records: WorldRecord) -> list[dict[str, Any]]:
    sizes = controls.desk.sizes(records)
    return [views.snapshot(record, sizes[record.id].documents) for record in records]
