"""`mockserver snapshot` and `restore`: worlds put aside and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver.cli import phrases
from mockserver.cli.command import Command, Group
from mockserver.cli.remote import Remote, asks_a_server
from mockserver.cli.source import read
from mockserver.errors import ClientError

if TYPE_CHECKING:
    from mockserver.client import Snapshot

__all__ = ["restore", "snapshot"]


@click.group(
    cls=Group,
    bare="list",
    implied="take",
    subcommand_metavar="[NAME | COMMAND [ARGS]...]",
    example="mockserver snapshot before",
)
def snapshot() -> None:
    """Put the world aside; without a name, list what was put aside.

    `mockserver snapshot before` is short for `mockserver snapshot take before`.
    """


@snapshot.command(cls=Command, example="mockserver snapshot take before --replace")
@click.argument("name")
@click.option("--replace", is_flag=True, help="Take the place of a snapshot of that name.")
@asks_a_server
def take(remote: Remote, name: str, replace: bool) -> None:
    """Put the world aside under a name."""
    taken = remote.client.take_snapshot(name, replace=replace)
    remote.say(f"Snapshot '{taken.name}' is taken: {phrases.world(taken)}.", taken.json)


@snapshot.command(name="list", cls=Command, example="mockserver snapshot list")
@asks_a_server
def list_(remote: Remote) -> None:
    """List the snapshots, the oldest first."""
    found = remote.client.list_snapshots()
    headings = ("Name", "Scenario", "Seed", "Clock", "Documents", "Taken")
    remote.table({"snapshots": [it.json for it in found]}, headings, map(_row, found))


def _row(it: Snapshot) -> tuple[str, ...]:
    clock, taken = phrases.clock(it.clock), phrases.time(it.taken)
    return it.name, it.scenario, str(it.seed), clock, str(it.documents), taken


@snapshot.command(cls=Command, example="mockserver snapshot delete before")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@asks_a_server
def delete(remote: Remote, names: tuple[str, ...]) -> None:
    """Delete snapshots."""
    for name in names:
        remote.client.delete_snapshot(name)
        remote.say(f"Snapshot '{name}' is gone.")


@snapshot.command(cls=Command, example="mockserver snapshot download before -o before.json")
@click.argument("name")
@click.option("--output", "-o", metavar="FILE", help="Where to write it; stdout without it.")
@asks_a_server
def download(remote: Remote, name: str, output: str | None) -> None:
    """Write a snapshot as a file: JSON with a document a line."""
    content = remote.client.download_snapshot(name)
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        Path(output).write_bytes(content)
    except OSError as error:
        raise ClientError(f"'{output}' cannot be written: {error.strerror}.") from None
    remote.say(f"Snapshot '{name}' is in '{output}'.")


@snapshot.command(cls=Command, example="mockserver snapshot upload before before.json")
@click.argument("name")
@click.argument("file", metavar="FILE|-")
@asks_a_server
def upload(remote: Remote, name: str, file: str) -> None:
    """Take a file as a snapshot, in the place of one of that name.

    `-` is stdin.
    """
    taken = remote.client.upload_snapshot(name, read(file))
    remote.say(f"Snapshot '{taken.name}' is uploaded: {phrases.world(taken)}.", taken.json)


@click.command(cls=Command, example="mockserver restore before")
@click.argument("name")
@asks_a_server
def restore(remote: Remote, name: str) -> None:
    """Take the world back to a snapshot. The snapshot stays."""
    world = remote.client.restore(name)
    remote.say(
        f"Sandbox '{world.name}' is as it was in snapshot '{name}': {phrases.world(world)}.",
        world.json,
    )
