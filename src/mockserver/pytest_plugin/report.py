"""What a failed test left in its sandbox, and how to have it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver import client
    from mockserver.pytest_plugin.origin import Origin
    from mockserver.pytest_plugin.sandbox import Sandbox

__all__ = ["last_state"]

_SHOWN = 10
"""How many changed documents are shown; the others are counted."""

_WIDTH = 120
"""How much of a line is shown."""

_KEPT = 10
"""How many states are kept in a folder: enough to look at, where everything fails."""

_SNAPSHOT = "last-state"
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def last_state(sandbox: Sandbox, folder: Path, *, serve: str, is_kept: bool) -> str:
    """A sandbox as it is, what differs from its scenario, and the commands that bring it back.

    `serve` is the command that starts a server such as its own, `is_kept` says whether it stays
    there. Its last state is written into the folder. Whatever goes wrong is said in a line: the
    failure that this stands below must not be hidden by it.
    """
    lines = [f"Sandbox '{sandbox.name}' of {sandbox.base_url}"]
    try:
        lines.extend(_told(sandbox, folder, serve, is_kept=is_kept))
    except Exception as error:
        lines.append(f"No more can be said of it: {error}")
    return "\n".join(lines)


def _told(sandbox: Sandbox, folder: Path, serve: str, *, is_kept: bool) -> Iterator[str]:
    now = sandbox.client.get_sandbox(sandbox.name)
    yield f"Scenario '{now.scenario}', seed {now.seed}, clock {_clock(now.clock)}"
    yield from _changes(sandbox.diff(limit=_SHOWN))
    yield from _beginning(sandbox.origin, now, serve)
    yield from _end(sandbox, folder, serve)
    if is_kept:
        yield "It stays where it is:"
        yield f"  export MOCKSERVER_URL={sandbox.base_url} MOCKSERVER_SANDBOX={sandbox.name}"
        yield "  mockserver diff"


def _clock(clock: client.ClockState) -> str:
    shown = _moment(clock.now)
    if clock.mode == "shifted":
        where = "behind" if clock.offset < 0 else "ahead of"
        return f"{abs(clock.offset):.0f} seconds {where} the machine's, at {shown}"
    if clock.mode == "scaled":
        return f"at rate {clock.rate:g}, at {shown}"
    return f"{clock.mode} at {shown}"


def _changes(diff: client.Diff) -> Iterator[str]:
    if diff.equal:
        yield "Nothing differs from its scenario."
        return
    yield (
        f"Since its scenario: {diff.added} documents added, {diff.removed} removed, "
        f"{diff.changed} changed"
    )
    for field in diff.world:
        yield _short(f"  ~ {_field(field)}")
    for document in diff.documents:
        yield _short(f"  {_SIGNS[document.change]} {_document(document)}")
    hidden = diff.added + diff.removed + diff.changed - len(diff.documents)
    if hidden:
        yield f"  and {hidden} more"


def _document(change: client.DocumentChange) -> str:
    what = f"{change.api} {change.kind} {change.key}"
    if change.change == "changed":
        return f"{what}: {', '.join(map(_field, change.fields))}"
    return f"{what} {_json(change.body)}"


def _field(change: client.FieldChange) -> str:
    from mockserver.client import ABSENT

    before, after = (
        "nothing" if value is ABSENT else _json(value) for value in (change.before, change.after)
    )
    return f"{change.field} {before} → {after}"


def _beginning(origin: Origin, now: client.Sandbox, serve: str) -> Iterator[str]:
    if isinstance(origin.scenario, Mapping):
        return  # the test has it, and no command does
    yield f"To begin again, beside '{serve}':"
    yield f"  mockserver load {shlex.quote(str(origin.scenario or now.scenario))} --seed {now.seed}"
    for word, value in _clock_words(origin.clock):
        yield f"  mockserver clock {word} {shlex.quote(_written(value))}"


def _clock_words(setting: Mapping[str, Any] | None) -> Iterable[tuple[str, Any]]:
    """What `mockserver clock` is told; what is real is shifted by nothing."""
    return () if setting is None else (setting or {"shift": 0}).items()


def _written(value: Any) -> str:
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    return _moment(value) if isinstance(value, datetime) else str(value)


def _end(sandbox: Sandbox, folder: Path, serve: str) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    if len(list(folder.iterdir())) >= _KEPT:
        yield f"Its last state is not written down: {folder} has those of {_KEPT} others."
        return
    file = folder / f"{sandbox.name}.json"
    sandbox.snapshot(_SNAPSHOT, replace=True)
    file.write_bytes(sandbox.client.download_snapshot(_SNAPSHOT))
    yield f"To go on from here, beside '{serve}':"
    yield f"  mockserver snapshot upload {_SNAPSHOT} {shlex.quote(str(file))}"
    yield f"  mockserver restore {_SNAPSHOT}"


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
