"""The section below a failed test: the state of its sandbox, and how to reproduce it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.errors import MockserverError
from mockserver.json_pointer import ABSENT

if TYPE_CHECKING:
    from mockserver import client
    from mockserver.pytest_plugin.sandbox import Origin, Sandbox

_MAX_DOCUMENTS = 10
"""How many changed documents are listed; all are counted."""

_MAX_REQUESTS = 20
"""How many requests are listed, the newest ones."""

_MAX_WIDTH = 120
"""How many characters of a line are printed."""

_MAX_FILES = 10
"""How many snapshots are saved in a folder: a run in which everything fails must not fill it."""

_SNAPSHOT = "last-state"
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def describe_sandbox(sandbox: Sandbox, folder: Path, *, serve: str, is_kept: bool) -> str:
    """The state of a sandbox, its differences from the scenario, and commands to reproduce it.

    `serve` is the command that starts a server like the sandbox's, `is_kept` says whether the
    sandbox stays there. A snapshot is saved in the folder. An error becomes a line of the text,
    because it must not hide the failure above.
    """
    lines = [f"Sandbox '{sandbox.name}' of {sandbox.base_url}"]
    try:
        lines.extend(_describe(sandbox, folder, serve, is_kept=is_kept))
    except Exception as error:
        lines.append(f"The sandbox cannot be described further: {error}")
    return "\n".join(lines)


def describe_requests(sandbox: Sandbox) -> str:
    """The last requests that reached a sandbox, a line each; empty if the server keeps none."""
    try:
        page = sandbox.journal.read(limit=_MAX_REQUESTS)
    except MockserverError as error:
        return f"The requests cannot be listed: {error}"
    if not page.kept:
        return ""
    lines = [line for entry in page.entries for line in _format_entry(entry)]
    hidden = page.total - len(page.entries)
    if hidden:
        lines.insert(0, f"{hidden} earlier ones are not shown.")
    return "\n".join(lines) or "None."


def _format_entry(entry: client.JournalEntry) -> Iterator[str]:
    yield _shorten(f"{entry.status} {entry.method} {entry.target}")
    for violation in entry.violations:
        yield _shorten(f"    {violation.location}: {violation.message}")


def _describe(sandbox: Sandbox, folder: Path, serve: str, *, is_kept: bool) -> Iterator[str]:
    now = sandbox.client.get_sandbox(sandbox.name)
    yield f"Scenario '{now.scenario}', seed {now.seed}, clock {_format_clock(now.clock)}"
    yield from _format_diff(sandbox.diff(limit=_MAX_DOCUMENTS))
    yield from _format_restart(sandbox.origin, now, serve)
    yield from _save_snapshot(sandbox, folder, serve)
    if is_kept:
        yield "The sandbox stays on the server:"
        yield f"  export MOCKSERVER_URL={sandbox.base_url} MOCKSERVER_SANDBOX={sandbox.name}"
        yield "  mockserver diff"


def _format_clock(clock: client.ClockState) -> str:
    now = _format_moment(clock.now)
    if clock.mode == "shifted":
        direction = "behind" if clock.offset < 0 else "ahead of"
        return f"{abs(clock.offset):.0f} seconds {direction} the machine's, at {now}"
    if clock.mode == "scaled":
        return f"at rate {clock.rate:g}, at {now}"
    return f"{clock.mode} at {now}"


def _format_diff(diff: client.Diff) -> Iterator[str]:
    if diff.equal:
        yield "Nothing differs from the scenario."
        return
    yield (
        f"Differences from the scenario: {diff.added} documents added, {diff.removed} removed, "
        f"{diff.changed} changed"
    )
    for field in diff.world:
        yield _shorten(f"  ~ {_format_field(field)}")
    for document in diff.documents:
        yield _shorten(f"  {_SIGNS[document.change]} {_format_document(document)}")
    hidden = diff.added + diff.removed + diff.changed - len(diff.documents)
    if hidden:
        yield f"  and {hidden} more"


def _format_document(change: client.DocumentChange) -> str:
    name = f"{change.api} {change.kind} {change.key}"
    if change.change == "changed":
        return f"{name}: {', '.join(map(_format_field, change.fields))}"
    return f"{name} {json.dumps(change.body, ensure_ascii=False)}"


def _format_field(change: client.FieldChange) -> str:
    before, after = (
        "(absent)" if value is ABSENT else json.dumps(value, ensure_ascii=False)
        for value in (change.before, change.after)
    )
    return f"{change.field} {before} → {after}"


def _format_restart(origin: Origin, now: client.Sandbox, serve: str) -> Iterator[str]:
    """The commands that create such a sandbox; none where the test itself wrote the scenario."""
    if isinstance(origin.scenario, Mapping):
        return
    yield f"To start from the same scenario, on a server of '{serve}':"
    yield f"  mockserver load {shlex.quote(str(origin.scenario or now.scenario))} --seed {now.seed}"
    if origin.clock is not None:
        # An empty setting is a real clock: shifted by 0.
        for command, value in (origin.clock or {"shift": 0}).items():
            yield f"  mockserver clock {command} {shlex.quote(_format_argument(value))}"


def _format_argument(value: Any) -> str:
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    return _format_moment(value) if isinstance(value, datetime) else str(value)


def _save_snapshot(sandbox: Sandbox, folder: Path, serve: str) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    if len(list(folder.iterdir())) >= _MAX_FILES:
        yield f"The last state is not saved: {folder} has those of {_MAX_FILES} other tests."
        return
    file = folder / f"{sandbox.name}.json"
    sandbox.take_snapshot(_SNAPSHOT, replace=True)
    file.write_bytes(sandbox.client.download_snapshot(_SNAPSHOT))
    yield f"To continue from the last state, on a server of '{serve}':"
    yield f"  mockserver snapshot upload {_SNAPSHOT} {shlex.quote(str(file))}"
    yield f"  mockserver restore {_SNAPSHOT}"


def _format_moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _shorten(line: str) -> str:
    return line if len(line) <= _MAX_WIDTH else f"{line[: _MAX_WIDTH - 1]}…"
