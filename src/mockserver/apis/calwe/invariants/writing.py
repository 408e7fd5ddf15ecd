"""Writing: what a create does to a log, and what a refused one does not."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from mockserver.apis.calwe import wire
from mockserver.apis.calwe.invariants.answers import (
    CLOSING,
    CREATES,
    LISTS,
    Page,
    about_the_same,
    action,
    entry,
    is_coach,
    may_have_written,
    page,
    shown,
    since_last_write,
)
from mockserver.invariant import Interaction, invariant

_MINUTE = 60_000_000
_DAY = 24 * 60
_QUARTER = 15
_TIME = re.compile(r"(1[0-2]|[1-9]):([0-5][0-9]) (AM|PM)")
_NOBODY_ELSE = "Nobody else may write to the session at the same time."


@invariant(*CREATES, evidence="documented")
def created_entry_is_echoed(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A create answers the entry that was asked for."""
    created, asked = entry(now), action(now)
    if created is None or asked is None or not isinstance(created.get("action_type"), str):
        return None
    is_echoed = created["action_type"] == asked
    return [] if is_echoed else [f"asked was {asked}, and it answers {created['action_type']:.80}"]


@invariant(*LISTS, evidence="documented", note=_NOBODY_ELSE)
def created_entry_ends_the_log(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """A created entry is the last of the log; of one that closes the session, the period beside."""
    found, made = page(now), _last_made(now, before)
    if found is None or made is None or not found.is_last:
        return None
    created = entry(made)
    end = found.rows[-2:] if action(made) in CLOSING else found.rows[-1:]
    if created in end:
        return []
    if len(end) < 2 <= found.total and action(made) in CLOSING:
        return None  # it may stand on the page before
    return [f"created was {shown(created)}, and the log ends with {shown(end)}"]


@invariant(*LISTS, evidence="documented", note=_NOBODY_ELSE)
def log_grows_by_what_is_created(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """Each created entry makes the log one longer; one that closes the session may make it two."""
    found, made, records = page(now), 0, 0
    if found is None:
        return None
    for seen in about_the_same(now, before):
        earlier = page(seen)
        if earlier is not None and seen.operation.id == now.operation.id:
            return _ungrown(found, earlier, made, records) if made else None
        if may_have_written(seen):
            if not _is_made(seen) or is_coach(seen) != is_coach(now):
                return None
            made += 1
            records += action(seen) in CLOSING
    return None


@invariant(*LISTS, evidence="documented", note=_NOBODY_ELSE)
def refused_entry_is_not_logged(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A create that was refused leaves the log as it was."""
    found, is_refused = page(now), False
    if found is None:
        return None
    for seen in since_last_write(now, before):
        earlier = page(seen)
        is_refused = is_refused or seen.operation.id in CREATES
        if earlier is not None and seen.operation.id == now.operation.id:
            if not is_refused:
                return None
            is_same = found.total == earlier.total
            return [] if is_same else [f"it had {earlier.total} entries, and has {found.total}"]
    return None


@invariant(*CREATES, evidence="documented")
def invalid_type_is_refused(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """An entry whose type is missing or none of the seven is refused."""
    body = _json(now.exchange.request.body)
    if not isinstance(body, dict) or body.get("action_type") in tuple(wire.TEXTS):
        return None
    if not 200 <= now.status < 300:
        return []
    return [f"the type {shown(body.get('action_type'))} is answered {now.status}"]


@invariant(
    *CREATES,
    evidence="documented",
    note="The page says so of a session that has ended; that posting ENDED ends it is its meaning.",
)
def ended_session_takes_no_entry(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """After ENDED every create is refused with 422."""
    return _refused_after(now, before, "ENDED")


@invariant(
    *CREATES, evidence="assumed", note="The page says that the period is recorded then as well."
)
def cancelled_session_takes_no_entry(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """After CANCELLED every create is refused with 422."""
    return _refused_after(now, before, "CANCELLED")


@invariant(*CREATES, evidence="documented", note=_NOBODY_ELSE)
def session_takes_entries_until_it_ends(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """Coming and going do not end a session: what is created after them is taken."""
    return _taken_after(now, before, ("ENTERED", "LEFT", "TEMPORARILY_LEFT"))


@invariant(*CREATES, evidence="assumed", note=_NOBODY_ELSE)
def requests_and_records_end_nothing(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """CANCEL_REQUEST and a posted SESSION_PERIOD do not end a session."""
    return _taken_after(now, before, ("CANCEL_REQUEST", "SESSION_PERIOD"))


@invariant(
    *CREATES,
    evidence="documented",
    note="An entry has a timestamp; in which zone is not said, and zones are quarters of an hour "
    "apart. A minute either way is borne.",
)
def date_is_the_present_in_some_zone(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """The `date` of a created entry is the time of day of the answer, in whichever zone."""
    ahead = _minutes_ahead(now)
    if ahead is None:
        return None
    off = (ahead + _QUARTER // 2) % _QUARTER - _QUARTER // 2
    return [] if abs(off) <= 1 else [_off(now, ahead)]


@invariant(
    *CREATES, evidence="assumed", note="No zone is documented. A minute either way is borne."
)
def date_is_the_present_in_utc(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """The `date` of a created entry is the time of day of the answer in UTC."""
    ahead = _minutes_ahead(now)
    if ahead is None:
        return None
    return [] if abs(ahead) <= 1 else [_off(now, ahead)]


def _minutes_ahead(now: Interaction) -> int | None:
    """How far an entry's date is ahead of the answer's moment in UTC, from -720 to 719 minutes."""
    date = (entry(now) or {}).get("date")
    found = _TIME.fullmatch(date) if isinstance(date, str) else None
    if found is None:
        return None
    minutes = int(found[1]) % 12 * 60 + int(found[2]) + (720 if found[3] == "PM" else 0)
    return (minutes - now.moment // _MINUTE + _DAY // 2) % _DAY - _DAY // 2


def _off(now: Interaction, ahead: int) -> str:
    hour, minute = divmod(now.moment // _MINUTE % _DAY, 60)
    date = (entry(now) or {}).get("date")
    return f"date is '{date}' at {hour:02d}:{minute:02d} UTC, which is {abs(ahead)} minutes off"


def _ungrown(found: Page, earlier: Page, made: int, records: int) -> list[str]:
    """The breach that a log is not as much longer as entries, and perhaps records, were made."""
    grown = found.total - earlier.total
    if made <= grown <= made + records:
        return []
    return [f"the log grew by {grown} entries, and created were {made}"]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _is_made(seen: Interaction) -> bool:
    return entry(seen) is not None and action(seen) is not None


def _last_made(now: Interaction, before: Sequence[Interaction]) -> Interaction | None:
    """The create that wrote last to this side of the log; None where that is not certain."""
    last = next((seen for seen in about_the_same(now, before) if may_have_written(seen)), None)
    if last is None or not _is_made(last) or is_coach(last) != is_coach(now):
        return None
    return last


def _refused_after(
    now: Interaction, before: Sequence[Interaction], closing: str
) -> list[str] | None:
    is_closed = any(
        _is_made(seen) and action(seen) == closing and is_coach(seen) == is_coach(now)
        for seen in about_the_same(now, before)
    )
    if not is_closed or not _is_taken_or_refused(now):
        return None
    return [] if now.status == 422 else [f"{action(now)} is taken after {closing}"]


def _taken_after(
    now: Interaction, before: Sequence[Interaction], actions: tuple[str, ...]
) -> list[str] | None:
    last = _last_made(now, before)
    if last is None or action(last) not in actions or not _is_taken_or_refused(now):
        return None
    return [f"{action(now)} is refused after {action(last)}"] if now.status == 422 else []


def _is_taken_or_refused(now: Interaction) -> bool:
    """Whether a valid create was written, or refused for the state of its session."""
    return now.is_valid and now.is_admitted and (now.is_success or now.status == 422)
