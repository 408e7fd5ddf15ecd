"""`mockserver clock`: a world's time, read, stopped, moved, let run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mockserver.cli import phrases
from mockserver.cli.command import Command, Group, SignedCommand
from mockserver.cli.remote import Remote, asks_a_server

if TYPE_CHECKING:
    from mockserver.client import ClockState

__all__ = ["clock"]


@click.group(
    cls=Group,
    bare="read",
    subcommand_metavar="[COMMAND] [ARGS]...",
    example="mockserver clock freeze 2025-08-21T14:30:00Z",
)
def clock() -> None:
    """Read the world's clock, stop it, move it, let it run.

    A moment is ISO 8601, without a zone in UTC. A duration is a number of seconds, or something
    like 3h, -30m, '1d 2h 5s' or PT3H.
    """


@clock.command(cls=Command, example="mockserver clock read")
@asks_a_server
def read(remote: Remote) -> None:
    """Print what the clock shows, and how it runs."""
    _say(remote, remote.client.clock.read())


@clock.command(cls=Command, example="mockserver clock freeze 2025-08-21T14:30:00Z")
@click.argument("at", required=False, metavar="[MOMENT]")
@asks_a_server
def freeze(remote: Remote, at: str | None) -> None:
    """Stop the clock, at a moment or at the present one."""
    _say(remote, remote.client.clock.freeze(at))


@clock.command(cls=Command, example="mockserver clock unfreeze")
@asks_a_server
def unfreeze(remote: Remote) -> None:
    """Let the clock run again, from the moment that it shows."""
    _say(remote, remote.client.clock.unfreeze())


@clock.command(cls=SignedCommand, example="mockserver clock advance 3h")
@click.argument("by", metavar="DURATION")
@asks_a_server
def advance(remote: Remote, by: str) -> None:
    """Put the clock forward, or back; a stopped one stays stopped."""
    _say(remote, remote.client.clock.advance(by))


@clock.command(cls=SignedCommand, example="mockserver clock shift -1d")
@click.argument("by", metavar="DURATION")
@asks_a_server
def shift(remote: Remote, by: str) -> None:
    """Let the clock run so far from the machine's; by 0 it is real."""
    _say(remote, remote.client.clock.shift(by))


@clock.command(cls=SignedCommand, example="mockserver clock rate 60")
@click.argument("rate", type=float, metavar="NUMBER")
@asks_a_server
def rate(remote: Remote, rate: float) -> None:
    """Let so many seconds pass in a second."""
    _say(remote, remote.client.clock.set_rate(rate))


def _say(remote: Remote, state: ClockState) -> None:
    remote.say(phrases.clock(state), state.json)
