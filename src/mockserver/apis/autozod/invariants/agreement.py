"""What agrees across answers to different questions: on and off duty, one team and another."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.apis.autozod.invariants.report import (
    LIST,
    Account,
    Report,
    earlier,
    read,
    validated,
    written,
)
from mockserver.apis.autozod.invariants.zones import is_over
from mockserver.invariant import Interaction, invariant


@invariant(
    LIST,
    evidence="assumed",
    note="Only `on_duty` has evidence. Compared is what is over in every time zone.",
)
def on_and_off_duty_complement_each_other(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """What is active by one type is inactive by the other."""
    report = read(now)
    if report is None:
        return None
    others = (other for other in earlier(report, before) if other.type != report.type)
    return validated(_complement(report, other) for other in others)


def _complement(now: Report, other: Report) -> list[str] | None:
    pairs = _pairs(now, other)
    return (
        [
            f"{where} has {one.active} active and {one.inactive} inactive seconds by {now.type}, "
            f"{two.active} and {two.inactive} by {other.type}"
            for where, one, two in pairs
            if (one.active, one.inactive) != (two.inactive, two.active)
        ]
        if pairs
        else None
    )


@invariant(
    LIST,
    evidence="assumed",
    note="What is counted off duty are the stretches between sessions. Compared is what is over in "
    "every time zone.",
)
def stretches_off_duty_lie_between_sessions(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """Off duty there is at most one stretch more than there are sessions on duty."""
    report = read(now)
    if report is None:
        return None
    others = (other for other in earlier(report, before) if other.type != report.type)
    return validated(_stretches(report, other) for other in others)


def _stretches(now: Report, other: Report) -> list[str] | None:
    found = [
        (where, (one, two) if now.type == "off_duty" else (two, one))
        for where, one, two in _pairs(now, other)
    ]
    return (
        [
            f"{where} has {off.sessions} stretches off duty and {on.sessions} sessions on duty"
            for where, (off, on) in found
            if off.sessions > on.sessions + 1
        ]
        if found
        else None
    )


def _pairs(now: Report, other: Report) -> list[tuple[str, Account, Account]]:
    """The accounts of the same time in both, where nothing can have happened in between."""
    said = other.by_day
    days = [
        (written(day), account, said[day])
        for day, account in now.by_day.items()
        if day in said and is_over(day, other.moment)
    ]
    is_same_range = (now.first, now.last) == (other.first, other.last)
    if is_same_range and is_over(now.last, other.moment):
        days.append(("the summary", now.whole, other.whole))
    return days


@invariant(
    LIST,
    evidence="assumed",
    note="The page is silent; an agent who changes teams between two requests is not thought of.",
)
def an_agent_is_in_one_team(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """An agent who has time in one team has zeros in every other."""
    report = read(now)
    if report is None:
        return None
    elsewhere = [
        other
        for other in map(read, before)
        if other is not None
        and (other.agent, other.team != report.team) == (report.agent, True)
        and other.whole.elapsed
    ]
    if not elsewhere:
        return None
    if not report.whole.elapsed and not report.whole.sessions:
        return []
    return [
        f"agent {report.agent} has {report.whole.elapsed} seconds in team {report.team}, "
        f"and {elsewhere[0].whole.elapsed} in team {elsewhere[0].team}"
    ]
