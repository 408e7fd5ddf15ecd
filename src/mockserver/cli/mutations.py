"""`mockserver mutations`: deliberate breaches of the contracts, listed and turned on and off."""

from __future__ import annotations

import click

from mockserver.cli.command import Command, Group
from mockserver.cli.remote import Remote, asks_a_server

__all__ = ["mutations"]


@click.group(
    cls=Group,
    bare="list",
    subcommand_metavar="[COMMAND] [ARGS]...",
    example="mockserver mutations --api API",
)
def mutations() -> None:
    """Break contracts on purpose: list how, turn it on and off.

    Each mutation shows what your CI would say to it, and how your frontend bears it.
    """


@mutations.command(name="list", cls=Command, example="mockserver mutations")
@click.option("--api", metavar="API", help="Only those of this API.")
@asks_a_server
def list_(remote: Remote, api: str | None) -> None:
    """List the mutations, and which are on."""
    found = [it for it in remote.client.mutations() if api in (None, it.api)]
    states = {(True, True): "everywhere", (True, False): "on"}
    rows = [(it.name, states.get((it.active, it.everywhere), ""), it.description) for it in found]
    remote.table({"mutations": [it.json for it in found]}, ("Mutation", "", "Description"), rows)


@mutations.command(cls=Command, example="mockserver mutations on API.DEFECT")
@click.argument("names", nargs=-1, required=True, metavar="DEFECT...")
@asks_a_server
def on(remote: Remote, names: tuple[str, ...]) -> None:
    """Turn mutations on in the sandbox."""
    for name in names:
        it = remote.client.turn_mutation_on(name)
        remote.say(f"'{it.name}' is on: {it.description}", it.json)


@mutations.command(cls=Command, example="mockserver mutations off")
@click.argument("names", nargs=-1, metavar="[DEFECT]...")
@asks_a_server
def off(remote: Remote, names: tuple[str, ...]) -> None:
    """Turn mutations off in the sandbox: those named, or all."""
    if not names:
        remote.client.turn_mutations_off()
        remote.say("No mutation of the sandbox's own is on.")
    for name in names:
        it = remote.client.turn_mutation_off(name)
        state = "on everywhere, since the server was started with it" if it.everywhere else "off"
        remote.say(f"'{it.name}' is {state}.", it.json)
