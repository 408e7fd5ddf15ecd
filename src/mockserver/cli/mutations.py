"""`mockserver mutations`."""

from __future__ import annotations

import click

from mockserver.cli.command import Group, load_body
from mockserver.cli.remote import Columns, Remote, pass_remote


@click.group(
    cls=Group,
    default="list",
    subcommand_metavar="[COMMAND] [ARGS]...",
    example="mockserver mutations --api API",
)
def mutations() -> None:
    """List deliberate breaches of contracts; turn them on and off.

    A mutation shows whether your CI detects the breach, and how your frontend reacts to it.
    """


@mutations.command(name="list", example="mockserver mutations list --operator drop-property")
@click.option("--api", metavar="API", help="Only mutations of this API.")
@click.option("--operation", metavar="ID", help="Only mutations of this operation.")
@click.option(
    "--operator", metavar="NAME", help="Only mutations of this operator, such as drop-property."
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON, nothing else.")
def list_mutations(
    api: str | None, operation: str | None, operator: str | None, is_json: bool
) -> None:
    """List all mutations; no server is needed."""
    load_body("installed").list_mutations(api, operation, operator, is_json=is_json)


@mutations.command(example="mockserver mutations active")
@pass_remote
def active(remote: Remote) -> None:
    """List the mutations that are on in a sandbox of a server."""
    found = remote.client.list_mutations(active=True)
    columns: Columns = {
        "Mutation": "name",
        "": lambda mutation: "everywhere" if mutation.everywhere else "",
        "Description": "description",
    }
    remote.print_table({"mutations": [it.json for it in found]}, found, columns)


@mutations.command(example="mockserver mutations on MUTATION")
@click.argument("names", nargs=-1, required=True, metavar="MUTATION...")
@pass_remote
def on(remote: Remote, names: tuple[str, ...]) -> None:
    """Turn mutations on in a sandbox."""
    for name in names:
        it = remote.client.turn_mutation_on(name)
        remote.print(f"'{it.name}' is on: {it.description}", it.json)


@mutations.command(example="mockserver mutations off")
@click.argument("names", nargs=-1, metavar="[MUTATION]...")
@pass_remote
def off(remote: Remote, names: tuple[str, ...]) -> None:
    """Turn mutations off in a sandbox: the named ones, or all."""
    if not names:
        remote.client.turn_mutations_off()
        remote.print("All mutations of the sandbox are off.")
    for name in names:
        it = remote.client.turn_mutation_off(name)
        state = "on everywhere, since the server was started with it" if it.everywhere else "off"
        remote.print(f"'{it.name}' is {state}.", it.json)
