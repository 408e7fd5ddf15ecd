"""Infers sessions and their logs from recorded exchanges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from mockserver.apis.calwe import model, wire
from mockserver.clock import SECOND, format_moment
from mockserver.inference import MOST_FILLED, Draft, Observation

_MINUTE = 60 * SECOND
_DAY = 24 * 60 * _MINUTE
_FILLING = ("ENTERED", "TEMPORARILY_LEFT")
_FILLED = "made up: no page with it was recorded"


class _Log(Struct):
    """What was seen of a log: its length, and entries by their places in it.

    `listed` is the length that the newest page told; what was posted afterwards is added to it.
    """

    total: int = 0
    listed: int = 0
    entries: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    at: int = 0
    is_closed: bool = False
    is_listed: bool = False

    def add_page(self, paginator: Mapping[str, Any]) -> None:
        total = paginator["total"]
        if total != self.total:  # others have written, or the log was reset
            kept = self.listed if total >= self.listed else 0
            self.entries = {n: entry for n, entry in self.entries.items() if n < kept}
        self.total = self.listed = total
        self.is_listed = True
        first = (paginator["current_page"] - 1) * paginator["per_page"]
        self.entries.update(enumerate(paginator["data"], first))

    def append(self, entry: Mapping[str, Any]) -> None:
        self.entries[self.total] = entry
        self.total += 1


def infer(observations: Iterable[Observation], draft: Draft) -> None:
    """Put the sessions and the entries of their logs into a draft."""
    logs: dict[str, _Log] = {}
    for it in observations:
        _observe(it, logs)
    for id, log in logs.items():
        _add_log(id, log, draft)


def _observe(it: Observation, logs: dict[str, _Log]) -> None:
    id = it.path_values["id"]
    if it.status == 404:
        logs.pop(id, None)
        return
    message = it.body["message"] if it.body else ""
    if it.is_success:
        log = logs.setdefault(id, _Log())
        log.at = it.at
        if it.operation.method == "GET":
            log.add_page(it.body["data"])
            return
        entry, log.is_closed = it.body["data"], False
        log.append(entry)
        if entry["action_type"] in model.CLOSING:  # the vendor logs the period by itself
            log.append({**entry, "action_type": "SESSION_PERIOD", "text": None})
    elif message == wire.SESSION_ENDED:
        logs.setdefault(id, _Log(at=it.at)).is_closed = True


def _add_log(id: str, log: _Log, draft: Draft) -> None:
    if log.total - len(log.entries) > MOST_FILLED:
        reason = f"entries of logs with more than {MOST_FILLED} that were not recorded"
        log.total = max(log.entries, default=-1) + 1 + MOST_FILLED
        draft.left_out[reason] += 1
    actions = [_find_action(log, n) for n in range(log.total)]
    ending = next((model.CLOSING[it] for it in reversed(actions) if it in model.CLOSING), "")
    body = {"id": id, "status": ending}
    note = ""
    if not ending:
        body["status"], note = "IN_PROGRESS" if actions else "PENDING", "the status is not shown"
        if log.is_closed:
            body["status"], note = "COMPLETED", "it has ended; how is not shown"
    if not log.is_listed:
        note = "; ".join(filter(None, (note, "its log was not listed")))
    draft.put("session", body, note)
    if actions:
        draft.note("entry", "An entry shows its time of day only; its day is the latest possible.")
    ended_at, moment = None, log.at
    moments = []
    for n in reversed(range(log.total)):
        if known := log.entries.get(n):
            moment = _find_latest(known["date"], moment)
        moments.append(moment)
    for n, (action, at) in enumerate(zip(actions, reversed(moments), strict=True)):
        if ended_at is not None and at > ended_at and action != "SESSION_PERIOD":
            draft.left_out["entries after the end of their session, which no scenario has"] += 1
            continue
        if action in model.CLOSING and ended_at is None:
            ended_at = at
        _add_entry(id, action, at, log.entries.get(n), draft)


def _add_entry(
    id: str, action: str, at: int, known: Mapping[str, Any] | None, draft: Draft
) -> None:
    body: dict[str, Any] = {"session": id, "at": format_moment(at), "action_type": action}
    text = known["text"] if known else None
    if text and text != wire.TEXTS[action]:
        body["text"] = text
    draft.put("entry", body, "" if known else _FILLED)


def _find_action(log: _Log, n: int) -> str:
    if known := log.entries.get(n):
        return str(known["action_type"])
    if log.is_closed and n >= log.total - 2:
        return ("ENDED", "SESSION_PERIOD")[n - log.total]
    return _FILLING[n % 2]


def _find_latest(text: str, bound: int) -> int:
    """The latest moment up to a bound at which clocks show a time of day."""
    time = datetime.strptime(text, "%I:%M %p")
    minutes = (time.hour * 60 + time.minute) * _MINUTE
    return bound - (bound - minutes) % _DAY if bound >= minutes else minutes
