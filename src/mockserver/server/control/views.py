"""Values of the control API as JSON: moments as ISO 8601, ages in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter
from typing import Any

from mockserver.clock import SECOND, Clock, format_moment, machine_now, steady_now
from mockserver.event import ScenarioFunction
from mockserver.fault import FaultRule, RuleState
from mockserver.journal import JournalEntry, format_entry
from mockserver.json_pointer import ABSENT
from mockserver.sandbox import Comparison, FieldChange
from mockserver.server.checks import explain_loss, is_lost
from mockserver.server.watch import WatchState
from mockserver.store import CheckRunRecord, Document, WorldRecord


def format_clock(clock: Clock, real: int | None = None) -> dict[str, Any]:
    real = machine_now() if real is None else real
    now = clock.get_time_at(real)
    return {
        "now": format_moment(now),
        "mode": clock.mode,
        "rate": clock.rate,
        "offset": (now - real) / SECOND,
    }


def format_watch(state: WatchState) -> dict[str, Any]:
    taken_in = state.taken_in
    return {
        "taken_in": None if taken_in is None else format_moment(taken_in),
        "error": state.error,
    }


def format_sandbox(record: WorldRecord, documents: int, snapshots: int) -> dict[str, Any]:
    now = machine_now()
    return {
        "name": record.name,
        "scenario": record.scenario,
        "seed": record.seed,
        "clock": format_clock(record.clock),
        "documents": documents,
        "snapshots": snapshots,
        "created": format_moment(record.created),
        "used": format_moment(record.used),
        "age": max(now - record.created, 0) / SECOND,
        "idle": max(steady_now() - record.used, 0) / SECOND,
    }


def format_snapshot(record: WorldRecord, documents: int) -> dict[str, Any]:
    """A snapshot, with its clock at the moment when it was taken."""
    return {
        "name": record.name,
        "scenario": record.scenario,
        "seed": record.seed,
        "clock": format_clock(record.clock, record.created),
        "documents": documents,
        "taken": format_moment(record.created),
    }


def format_journal_entry(entry: JournalEntry, *, is_summary: bool = False) -> dict[str, Any]:
    """An entry as JSON, its moments as ISO 8601; a summary has no header fields and no bodies."""
    formatted = format_entry(entry.make_summary() if is_summary else entry)
    formatted["at"] = format_moment(entry.at)
    formatted["world_at"] = None if entry.world_at is None else format_moment(entry.world_at)
    formatted["duration"] = round(entry.duration, 3)
    return formatted


def format_document(api: str, document: Document) -> dict[str, Any]:
    return {
        "api": api,
        "kind": document.kind,
        "key": document.key,
        "owner": document.owner,
        "at": None if document.at is None else format_moment(document.at),
        "until": None if document.until is None else format_moment(document.until),
        "body": document.body,
    }


def format_comparison(comparison: Comparison, start: str | None, end: str | None) -> dict[str, Any]:
    """The changes between two worlds; as a name, None is the template or the present world."""
    return {
        "from": start,
        "to": end,
        "equal": comparison.is_equal,
        "world": [_format_change(change) for change in comparison.world],
        **comparison.counts,
        "documents": [
            _drop_absent(
                api=change.api,
                kind=change.kind,
                key=change.key,
                change=change.change,
                body=ABSENT if change.body is None else change.body,
                fields=[_format_change(part) for part in change.fields] or ABSENT,
            )
            for change in comparison.documents
        ],
    }


def format_event(event: ScenarioFunction) -> dict[str, Any]:
    api = event.name.partition(".")[0]
    options = []
    for name, parameter in event.options.items():
        is_required = parameter.default is Parameter.empty
        option = {"name": name, **event.schemas[name], "required": is_required}
        options.append(option if is_required else {**option, "default": parameter.default})
    return {"name": event.name, "api": api, "description": event.description, "options": options}


def format_fault(rule: FaultRule, state: RuleState, began: int) -> dict[str, Any]:
    """A rule; `began` is the moment at which its world began, as the scenario's rules do."""
    return {
        **rule.data,
        "began": format_moment(began if rule.began is None else rule.began),
        "matched": state.matched,
        "applied": state.applied,
    }


def format_check(record: CheckRunRecord, *, with_progress: bool = True) -> dict[str, Any]:
    """A run; one whose process gives no sign of life has ended with its last one."""
    lost = is_lost(record)
    details, ended = record.details, record.ended
    if lost:
        details, ended = explain_loss(record), record.beat
    now = machine_now() if ended is None else ended
    return {
        "id": record.id,
        **{name: details[name] for name in ("source", "target", "url", "apis", "options")},
        "state": "interrupted" if lost else record.state,
        "error": details["error"],
        "stopping": record.is_running and not lost and record.is_stopping,
        "started_at": format_moment(record.began),
        "ended_at": None if ended is None else format_moment(ended),
        "summary": details["summary"],
        "progress": [_format_stage(it, now) for it in details["progress"] if with_progress],
        "has_report": record.has_report,
    }


def _format_stage(stage: Mapping[str, Any], now: int) -> dict[str, Any]:
    """A phase over an API; one that has not ended is timed until now."""
    began, ended = stage["began"], stage["ended"]
    seconds = max((now if ended is None else ended) - began, 0) / SECOND if began else 0.0
    kept = {name: stage[name] for name in ("api", "phase", "state", "requests", "findings")}
    return {**kept, "seconds": round(seconds, 3)}


def _format_change(change: FieldChange) -> dict[str, Any]:
    return _drop_absent(field=change.field, before=change.before, after=change.after)


def _drop_absent(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not ABSENT}
