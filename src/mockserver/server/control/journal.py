"""Operations on the journal: list and clear it, find and verify calls, explain a response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from threading import Event
from typing import Any

import orjson

from mockserver.errors import Refusal, UnknownNameError, suggest_nearest
from mockserver.journal import (
    Exchange,
    ExchangePattern,
    Expectation,
    Follower,
    JournalEntry,
    Verification,
    decode_pattern,
    verify_calls,
    verify_order,
)
from mockserver.sandbox import World
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.server.explanation import explain, format_explanation

_POLL_SECONDS = 0.2
_BUSY_POLL_SECONDS = 1.0
_BUSY = 25
"""When so many exchanges come at once, no reader looks at each: read less often, they cost less."""
_PAUSE_PER_COLLECTED, _PAUSE_PER_SUMMARY = 0.001, 0.0075
"""The pause after each exchange of which a page shows a line, in seconds: one that was collected in
memory, and one that was read from the journal's storage."""
_AT_ONCE = 25
"""So many events are made before requests go on."""
_HEARTBEAT_SECONDS = 15.0
_BEFORE_ALL = "0-0"
"""An id that no exchange has."""


def list_journal(
    context: ControlContext,
    limit: int,
    operation: str | None = None,
    status: str | None = None,
    violations: bool | None = None,
    after: str | None = None,
    *,
    summary: bool = False,
) -> dict[str, Any]:
    journal, sandbox = context.journal, context.session.name
    total = journal.count(sandbox)
    if not total:
        context.session.get_sandbox(sandbox)  # refuses a name with a typing mistake
    entries = journal.list(
        sandbox,
        limit=limit,
        after=after,
        operations=() if operation is None else _find_operations(context, operation),
        statuses=None if status is None else _parse_status(status),
        is_violating=violations,
    )
    return {
        "kept": journal.kept,
        "total": total,
        "entries": [views.format_journal_entry(entry, is_summary=summary) for entry in entries],
    }


def clear_journal(context: ControlContext) -> None:
    context.journal.delete(context.session.name)


def get_journal_entry(context: ControlContext, id: str) -> dict[str, Any]:
    return views.format_journal_entry(_get_entry(context, id))


def explain_journal_entry(context: ControlContext, id: str) -> dict[str, Any]:
    entry = _get_entry(context, id)
    session = context.session

    def open_world(api: str) -> World | None:
        sandbox = session.find_sandbox(entry.sandbox)
        return sandbox.open_world(api) if sandbox else None

    earlier = context.journal.list(entry.sandbox) if entry.facts else []
    explanation = explain(entry, context.server.served, open_world, earlier)
    return format_explanation(entry, explanation)


async def stream_journal(
    context: ControlContext,
    is_cancelled: Event,
    after: str | None = None,
    *,
    summary: bool = False,
    **headers: str,
) -> AsyncIterator[bytes]:
    """The exchanges as server-sent events, as they come, until the client leaves."""
    journal, sandbox = context.journal, context.session.name
    seen = headers.get("Last-Event-ID") or after
    if seen is None:
        seen = await asyncio.to_thread(journal.get_last_id, sandbox) or _BEFORE_ALL
    idle = 0.0
    yield b": Exchanges follow as they come.\n\n"
    with Follower(journal, sandbox, seen, is_summary=summary) as follower:
        while not is_cancelled.is_set():
            exchanges: Sequence[Exchange]
            if follower.is_collecting:
                exchanges = follower.take()
            else:
                exchanges = await asyncio.to_thread(follower.read)
            for start in range(0, len(exchanges), _AT_ONCE):
                entries = follower.make_entries(exchanges[start : start + _AT_ONCE])
                yield b"".join(map(_format_event, entries))
                await asyncio.sleep(0)  # requests go on
            idle = 0.0 if exchanges else idle + _POLL_SECONDS
            if idle >= _HEARTBEAT_SECONDS:
                idle = 0.0
                yield b":\n\n"  # so that nothing between takes the connection for idle
            each = _PAUSE_PER_COLLECTED if follower.is_collecting else _PAUSE_PER_SUMMARY
            left = _find_pause(len(exchanges), each if summary else 0)
            while left > 0 and not is_cancelled.is_set():  # the server may end meanwhile
                await asyncio.sleep(min(left, _BUSY_POLL_SECONDS))
                left -= _BUSY_POLL_SECONDS


def _format_event(entry: JournalEntry) -> bytes:
    data = orjson.dumps(views.format_journal_entry(entry))
    return b"id: %b\nevent: exchange\ndata: %b\n\n" % (entry.id.encode(), data)


def _find_pause(number: int, pause: float) -> float:
    """The seconds until the journal is read again, after so many exchanges with a pause for each.

    While none looks, a busy server's exchanges are not even made into entries.
    """
    return _POLL_SECONDS if number < _BUSY else max(_BUSY_POLL_SECONDS, number * pause)


def find_in_journal(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    pattern: ExchangePattern = decode_pattern(body, ExchangePattern)
    entries = context.journal.list(context.session.name)
    found = [views.format_journal_entry(entry) for entry in entries if pattern.matches(entry)]
    return {"count": len(found), "entries": found}


def verify_journal(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    entries = context.journal.list(context.session.name)
    if "in_order" in body:
        patterns = [decode_pattern(it, ExchangePattern) for it in body["in_order"]]
        verification = verify_order(patterns, entries)
    else:
        verification = verify_calls(decode_pattern(body, Expectation), entries)
    formatted = _format_verification(verification)
    if not verification.verified:
        raise Refusal(406, formatted)
    return formatted


def _format_verification(verification: Verification) -> dict[str, Any]:
    return {
        "verified": verification.verified,
        "message": verification.message,
        "count": verification.count,
        "matches": list(verification.matches),
        "nearest": [
            {
                "id": miss.entry.id,
                "method": miss.entry.method,
                "target": miss.entry.target,
                "status": miss.entry.status,
                "differences": list(miss.differences),
            }
            for miss in verification.nearest
        ],
    }


def _get_entry(context: ControlContext, id: str) -> JournalEntry:
    entry = context.journal.get(id)
    if entry is None:
        kept = context.journal.kept
        hint = f"the journal keeps the newest {kept} of each sandbox" if kept else "it is off"
        raise UnknownNameError(f"The journal has no entry '{id}'; {hint}")
    return entry


def _find_operations(context: ControlContext, name: str) -> list[str]:
    """The operations with a name, with or without their API. Raises UnknownNameError."""
    known = [
        f"{api.name}.{operation.id}"
        for api in context.server.served.values()
        for operation in api.contract.operations
    ]
    found = [it for it in known if name in (it, it.partition(".")[2])]
    if not found:
        short = [it.partition(".")[2] for it in known]
        raise UnknownNameError(f"There is no operation '{name}'; {suggest_nearest(name, short)}")
    return found


def _parse_status(status: str) -> tuple[int, int]:
    """The lowest and the highest status of `404` or `4XX`."""
    if status.upper().endswith("XX"):
        first = int(status[0]) * 100
        return first, first + 99
    return int(status), int(status)
