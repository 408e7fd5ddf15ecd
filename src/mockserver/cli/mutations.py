"""`mockserver mutations`: deliberate breaches of the contracts, listed and turned on and off."""

from __future__ import annotations

import json

import click

from mockserver.cli.command import Command, Group
from mockserver.cli.remote import Remote, asks_a_server
from mockserver.cli.table import print_table

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


@mutations.command(
    name="list", cls=Command, example="mockserver mutations list --operator drop-property"
)
@click.option("--api", metavar="API", help="Only those of this API.")
@click.option("--operation", metavar="ID", help="Only those of this operation.")
@click.option("--operator", metavar="NAME", help="Only those that do this to the contract.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON, and no more.")
def list_(api: str | None, operation: str | None, operator: str | None, *, is_json: bool) -> None:
    """List the mutations that there are; no server is needed."""
    from mockserver.apis import load
    from mockserver.kit import load_kit

    found = [
        (f"{owner.name}.{mutation.name}", mutation)
        for owner in load([api] if api else ()).values()
        for mutation in load_kit(owner).mutations
        if (operation is None or operation in mutation.operations)
        and operator in (None, mutation.operator)
    ]
    if is_json:
        views = [
            {
                "name": name,
                "operations": list(mutation.operations),
                "operator": mutation.operator,
                "description": mutation.sentence,
            }
            for name, mutation in found
        ]
        click.echo(json.dumps({"mutations": views}, ensure_ascii=False, indent=2))
        return
    print_table(["Mutation", "Description"], [(name, it.sentence) for name, it in found])


@mutations.command(cls=Command, example="mockserver mutations active")
@asks_a_server
def active(remote: Remote) -> None:
    """List the mutations that are on in the sandbox of a server."""
    found = remote.client.list_mutations(active=True)
    rows = [(it.name, "everywhere" if it.everywhere else "", it.description) for it in found]
    remote.table({"mutations": [it.json for it in found]}, ("Mutation", "", "Description"), rows)


@mutations.command(cls=Command, example="mockserver mutations on MUTATION")
@click.argument("names", nargs=-1, required=True, metavar="MUTATION...")
@asks_a_server
def on(remote: Remote, names: tuple[str, ...]) -> None:
    """Turn mutations on in the sandbox."""
    for name in names:
        it = remote.client.turn_mutation_on(name)
        remote.say(f"'{it.name}' is on: {it.description}", it.json)


@mutations.command(cls=Command, example="mockserver mutations off")
@click.argument("names", nargs=-1, metavar="[MUTATION]...")
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
