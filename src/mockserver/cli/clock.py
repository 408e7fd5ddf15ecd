"""`mockserver clock`."""

from __future__ import annotations

import click

from mockserver.cli.command import Group, SignedCommand
from mockserver.cli.output import format_clock
from mockserver.cli.remote import Remote, pass_remote
from mockserver.client import ClockState


@click.group(
    cls=Group,
    default="read",
    subcommand_metavar="[COMMAND] [ARGS]...",
    example="mockserver clock freeze 2025-08-21T14:30:00Z",
)
def clock() -> None:
    """Read or change the clock of a sandbox.

    A MOMENT is ISO 8601, in UTC if it has no zone, or relative to the clock, like -1d, now or
    'today 09:00 Asia/Riyadh'. A DURATION is a number of seconds, or a text
    like 3h, -30m, '1d 2h 5s' or PT3H.
    """


@clock.command(example="mockserver clock read")
@pass_remote
def read(remote: Remote) -> None:
    """Print the moment that the clock shows, and its mode."""
    _print(remote, remote.client.clock.read())


@clock.command(cls=SignedCommand, example="mockserver clock freeze 'tomorrow 08:00 Asia/Riyadh'")
@click.argument("at", required=False, metavar="[MOMENT]")
@pass_remote
def freeze(remote: Remote, at: str | None) -> None:
    """Freeze the clock, at a moment or at the present one."""
    _print(remote, remote.client.clock.freeze(at))


@clock.command(example="mockserver clock unfreeze")
@pass_remote
def unfreeze(remote: Remote) -> None:
    """Let the clock run again, from the moment that it shows."""
    _print(remote, remote.client.clock.unfreeze())


@clock.command(cls=SignedCommand, example="mockserver clock advance 3h")
@click.argument("by", metavar="DURATION")
@pass_remote
def advance(remote: Remote, by: str) -> None:
    """Move the clock forward, or back; a frozen clock stays frozen."""
    _print(remote, remote.client.clock.advance(by))


@clock.command(cls=SignedCommand, example="mockserver clock shift -1d")
@click.argument("by", metavar="DURATION")
@pass_remote
def shift(remote: Remote, by: str) -> None:
    """Set how far the clock is ahead of real time; 0 makes it real."""
    _print(remote, remote.client.clock.shift(by))


@clock.command(cls=SignedCommand, example="mockserver clock rate 60")
@click.argument("rate", type=float, metavar="NUMBER")
@pass_remote
def rate(remote: Remote, rate: float) -> None:
    """Set the speed of the clock: NUMBER seconds pass in a real second."""
    _print(remote, remote.client.clock.set_rate(rate))


def _print(remote: Remote, state: ClockState) -> None:
    remote.print(format_clock(state), state.json)
