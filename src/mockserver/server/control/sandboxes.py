"""Operations on sandboxes: their clocks, their snapshots, and the comparison of worlds."""

from __future__ import annotations

from typing import Any

from mockserver.clock import Clock, parse_duration
from mockserver.moment import resolve_clock_moment
from mockserver.sandbox import compare
from mockserver.scenarios import read_clock, read_snapshot, write_snapshot
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.server.responses import WrittenJson
from mockserver.store import WorldRecord
from mockserver.streamed_text import StreamedText


def list_sandboxes(context: ControlContext) -> dict[str, Any]:
    return {"sandboxes": context.format_sandboxes(context.session.list_sandboxes())}


def create_sandbox(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    scenario, setting = body.get("scenario"), body.get("clock")
    template = context.build_template(
        None if scenario is None else context.load_scenario(scenario),
        seed=body.get("seed"),
        clock=None if setting is None else read_clock(setting),
    )
    context.session.prepare(template)
    return context.format_sandbox(context.session.create_sandbox(body["name"], template))


def get_sandbox(context: ControlContext, name: str) -> dict[str, Any]:
    return context.format_sandbox(context.session.get_sandbox(name))


def delete_sandbox(context: ControlContext, name: str) -> None:
    context.journal.wait()  # what has been added is written, so that it is deleted with the sandbox
    context.session.delete_sandbox(name)


def reset_sandbox(context: ControlContext) -> dict[str, Any]:
    context.sandbox.reset()
    return context.format_sandbox(context.sandbox.record)


def get_validation(context: ControlContext) -> dict[str, Any]:
    return {"validation": context.sandbox.record.validation}


def set_validation(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    context.sandbox.set_validation(body["validation"])
    return get_validation(context)


def get_clock(context: ControlContext) -> dict[str, Any]:
    return views.format_clock(context.sandbox.record.clock)


def freeze_clock(context: ControlContext, body: dict[str, Any] | None = None) -> dict[str, Any]:
    at = (body or {}).get("at")
    clock = context.sandbox.record.clock
    moment = clock.now() if at is None else resolve_clock_moment(at, clock.now())
    return _set_clock(context, clock.freeze(moment))


def unfreeze_clock(context: ControlContext) -> dict[str, Any]:
    clock = context.sandbox.record.clock
    return _set_clock(context, clock.run() if clock.is_frozen else clock)


def advance_clock(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    by = parse_duration(body["by"])
    return _set_clock(context, context.sandbox.record.clock.advance(by))


def shift_clock(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    by = parse_duration(body["by"])
    return _set_clock(context, context.sandbox.record.clock.shift(by))


def set_clock_rate(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    return _set_clock(context, context.sandbox.record.clock.run(body["rate"]))


def _set_clock(context: ControlContext, clock: Clock) -> dict[str, Any]:
    context.sandbox.set_clock(clock.check())
    return views.format_clock(clock)


def list_snapshots(context: ControlContext) -> dict[str, Any]:
    return {"snapshots": _format_snapshots(context, *context.sandbox.list_snapshots())}


def take_snapshot(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    sandbox, is_replacing = context.existing_sandbox, body.get("replace", False)
    snapshot = sandbox.take_snapshot(body["name"], replacing=is_replacing)
    return _format_snapshots(context, snapshot)[0]


def get_snapshot(context: ControlContext, snapshot: str) -> dict[str, Any]:
    return _format_snapshots(context, context.sandbox.get_snapshot(snapshot))[0]


def delete_snapshot(context: ControlContext, snapshot: str) -> None:
    context.existing_sandbox.delete_snapshot(snapshot)


def restore_snapshot(context: ControlContext, snapshot: str) -> dict[str, Any]:
    context.existing_sandbox.restore_snapshot(snapshot)
    return context.format_sandbox(context.sandbox.record)


def download_snapshot(context: ControlContext, snapshot: str) -> WrittenJson:
    record = context.sandbox.get_snapshot(snapshot)
    written = write_snapshot(context.sandbox.transaction, record)
    return WrittenJson(written.content, written.head)


def upload_snapshot(context: ControlContext, snapshot: str, body: StreamedText) -> dict[str, Any]:
    template = read_snapshot(body, context.apis)
    context.session.prepare(template)
    return _format_snapshots(context, context.sandbox.import_snapshot(snapshot, template))[0]


def diff_worlds(
    context: ControlContext, limit: int, to: str | None = None, **other: str
) -> dict[str, Any]:
    # The other parameter is called `from`, which is a keyword of Python.
    sandbox, start = context.sandbox, other.get("from")
    before = sandbox.origin if start is None else sandbox.get_snapshot(start)
    after = sandbox.record if to is None else sandbox.get_snapshot(to)
    comparison = compare(sandbox.transaction, before, after, limit)
    return views.format_comparison(comparison, start, to)


def _format_snapshots(context: ControlContext, *records: WorldRecord) -> list[dict[str, Any]]:
    sizes = context.sandbox.transaction.worlds.get_sizes(record.id for record in records)
    return [views.format_snapshot(record, sizes[record.id]) for record in records]
