"""`mockserver sandboxes` and `reset`: the worlds on a server."""

from __future__ import annotations

import click

from mockserver.cli import phrases
from mockserver.cli.command import Command, Group
from mockserver.cli.remote import Remote, asks_a_server

__all__ = ["reset", "sandboxes"]


@click.command(cls=Command, example="mockserver reset")
@asks_a_server
def reset(remote: Remote) -> None:
    """Take the world back to its scenario. Snapshots stay."""
    world = remote.client.reset()
    remote.say(
        f"Sandbox '{world.name}' is as scenario '{world.scenario}' has it: {phrases.world(world)}.",
        world.json,
    )


@click.group(
    cls=Group,
    bare="list",
    subcommand_metavar="[COMMAND] [ARGS]...",
    example="mockserver sandboxes create case-17 --scenario documented --seed 7",
)
def sandboxes() -> None:
    """List the worlds on the server, make and delete them.

    A sandbox is also made by the first request that names it.
    """


@sandboxes.command(name="list", cls=Command, example="mockserver sandboxes")
@asks_a_server
def list_(remote: Remote) -> None:
    """List the sandboxes, what each was made from, and its age."""
    found = remote.client.list_sandboxes()
    headings = ("Name", "Scenario", "Seed", "Clock", "Documents", "Snapshots", "Age", "Idle")
    rows = [
        (
            it.name,
            it.scenario,
            str(it.seed),
            phrases.clock(it.clock),
            str(it.documents),
            str(it.snapshots),
            phrases.duration(it.age),
            phrases.duration(it.idle),
        )
        for it in found
    ]
    remote.table({"sandboxes": [it.json for it in found]}, headings, rows)


@sandboxes.command(
    cls=Command,
    example="mockserver sandboxes create case-17 --freeze-at 2025-08-21T14:30:00Z",
)
@click.argument("name")
@click.option("--scenario", metavar="NAME", help="What to make it from; the server's without it.")
@click.option("--seed", type=int, metavar="NUMBER", help="The seed of what is generated.")
@click.option("--freeze-at", metavar="MOMENT", help="Stop its clock at this moment.")
@asks_a_server
def create(
    remote: Remote, name: str, scenario: str | None, seed: int | None, freeze_at: str | None
) -> None:
    """Make a sandbox of a scenario, with a seed and a clock of its own."""
    clock = None if freeze_at is None else {"freeze": freeze_at}
    world = remote.client.create_sandbox(name, scenario=scenario, seed=seed, clock=clock)
    remote.say(
        f"Sandbox '{world.name}' is made from '{world.scenario}': {phrases.world(world)}.",
        world.json,
    )


@sandboxes.command(cls=Command, example="mockserver sandboxes delete case-17")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@asks_a_server
def delete(remote: Remote, names: tuple[str, ...]) -> None:
    """Delete sandboxes and their snapshots. The next request that names one makes it anew."""
    for name in names:
        remote.client.delete_sandbox(name)
        remote.say(f"Sandbox '{name}' is gone.")
