"""An account by itself: seven numbers that must go together, in the summary and in each day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from mockserver.apis.autozod.invariants.report import LIST, Account, read
from mockserver.invariant import Interaction, invariant

_CENT = Fraction(1, 100)


@invariant(
    LIST,
    evidence="assumed",
    note="The page shows the keys and the number 0; an agent nobody knows has zeros throughout.",
)
def percentages_add_up_to_100(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """The two percentages add up to 100 where time has elapsed, and are both 0 otherwise."""
    report = read(now)
    if report is None:
        return None
    return [
        f"{where} has {account.active_percentage} and {account.inactive_percentage} percent "
        f"of {account.elapsed} seconds"
        for where, account in report.accounts
        if not _is_whole(account)
    ]


def _is_whole(account: Account) -> bool:
    shares = Fraction(account.active_percentage) + Fraction(account.inactive_percentage)
    if not account.elapsed:
        return account.active_percentage == account.inactive_percentage == 0
    return abs(shares - 100) < _CENT / 2


@invariant(
    LIST,
    evidence="assumed",
    note="The page shows the number 0; a last decimal may be rounded either way.",
)
def percentages_are_those_of_the_seconds(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """A percentage is the share that its seconds have of what has elapsed, to two decimals."""
    report = read(now)
    if report is None or not any(account.elapsed for _, account in report.accounts):
        return None
    return [
        f"{where} says {share} percent of {seconds} in {account.elapsed} seconds"
        for where, account in report.accounts
        for share, seconds in _shares(account)
        if round(share, 2) != share
        or abs(Fraction(share) * account.elapsed - 100 * seconds) > _CENT * account.elapsed
    ]


def _shares(account: Account) -> Iterator[tuple[float, int]]:
    if account.elapsed:
        yield account.active_percentage, account.active
        yield account.inactive_percentage, account.inactive


@invariant(
    LIST,
    evidence="assumed",
    note="The page gives each duration twice, once under `_format`; that this is HH:MM:SS is ours.",
)
def formats_say_what_the_seconds_say(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """A duration's format is its seconds as HH:MM:SS, the hours running on past 24."""
    report = read(now)
    if report is None:
        return None
    return [
        f"{where} says '{text:.40}' for {seconds} seconds"
        for where, account in report.accounts
        for text, seconds in (
            (account.active_format, account.active),
            (account.inactive_format, account.inactive),
        )
        if text != _written(seconds)
    ]


def _written(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}"


@invariant(
    LIST,
    evidence="assumed",
    note="A session counts as soon as it touches the range; one of less than a second has none.",
)
def active_time_has_sessions(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """There are sessions where there is active time, and none where there is none."""
    report = read(now)
    if report is None:
        return None
    return [
        f"{where} has {account.active} active seconds in {account.sessions} sessions"
        for where, account in report.accounts
        if bool(account.active) != bool(account.sessions)
    ]
