"""Commands on sandboxes, their scenarios and their snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from mockserver.cli.command import Command, Group
from mockserver.cli.output import print_json
from mockserver.cli.remote import Remote, pass_remote, read_input
from mockserver.errors import ClientError

_VALIDATIONS = {
    "strict": "A request that breaks the contract is refused (strict).",
    "warn": "A request that breaks the contract is served, with a warning (warn).",
    "off": "A request that breaks the contract is served (off).",
}


@click.command(cls=Command, example="mockserver reset")
@pass_remote
def reset(remote: Remote) -> None:
    """Reset a sandbox to its scenario; its snapshots stay."""
    sandbox = remote.client.reset()
    remote.print_sandbox(f"Sandbox '{sandbox.name}' is reset to '{sandbox.scenario}'", sandbox)


@click.command(cls=Command, example="mockserver validation warn")
@click.argument(
    "mode", required=False, type=click.Choice([*_VALIDATIONS]), metavar="[strict|warn|off]"
)
@pass_remote
def validation(remote: Remote, mode: Literal["strict", "warn", "off"] | None) -> None:
    """Read or set how requests to a sandbox are validated.

    A request that breaks the contract is refused (strict), served with the header
    X-Mock-Violations (warn), or served (off).
    """
    client = remote.client
    now = client.set_validation(mode) if mode else client.get_validation()
    remote.print(_VALIDATIONS[now], {"validation": now})


@click.group(
    cls=Group,
    default="list",
    subcommand_metavar="[COMMAND] [ARGS]...",
    example="mockserver sandboxes create case-17 --scenario documented --seed 7",
)
def sandboxes() -> None:
    """List, create and delete sandboxes.

    The first request to a sandbox creates it too.
    """


@sandboxes.command(name="list", example="mockserver sandboxes")
@pass_remote
def list_sandboxes(remote: Remote) -> None:
    """List the sandboxes of the server."""
    found = remote.client.list_sandboxes()
    fields = ("name", "scenario", "seed", "clock", "documents", "snapshots", "age", "idle")
    columns = {field.capitalize(): field for field in fields}
    remote.print_table({"sandboxes": [it.json for it in found]}, found, columns)


@sandboxes.command(example="mockserver sandboxes create case-17 --freeze-at 2025-08-21T14:30:00Z")
@click.argument("name")
@click.option("--scenario", metavar="NAME", help="The scenario; without it, the server's.")
@click.option("--seed", type=int, metavar="NUMBER", help="The seed of the generated data.")
@click.option("--freeze-at", metavar="MOMENT", help="Freeze its clock at this moment.")
@pass_remote
def create(
    remote: Remote, name: str, scenario: str | None, seed: int | None, freeze_at: str | None
) -> None:
    """Create a sandbox from a scenario."""
    clock = None if freeze_at is None else {"freeze": freeze_at}
    sandbox = remote.client.create_sandbox(name, scenario=scenario, seed=seed, clock=clock)
    remote.print_sandbox(f"Sandbox '{name}' is created from '{sandbox.scenario}'", sandbox)


@sandboxes.command(name="delete", example="mockserver sandboxes delete case-17")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@pass_remote
def delete_sandboxes(remote: Remote, names: tuple[str, ...]) -> None:
    """Delete sandboxes and their snapshots. The next request to a sandbox creates it again."""
    for name in names:
        remote.client.get_sandbox(name)  # the API deletes any name, but this one may be misspelt
        remote.client.delete_sandbox(name)
        remote.print(f"Sandbox '{name}' is deleted.")


@click.command(cls=Command, example="mockserver load documented")
@click.argument("scenario", metavar="NAME|FILE|-")
@click.option("--add", is_flag=True, help="Add it to the documents instead of replacing them.")
@click.option("--seed", type=int, metavar="NUMBER", help="The seed of the generated data.")
@click.option("--freeze-at", metavar="MOMENT", help="Freeze its clock at this moment.")
@click.option("--dry-run", is_flag=True, help="Only look for faults, and load nothing.")
@pass_remote
def load(
    remote: Remote,
    scenario: str,
    add: bool,
    seed: int | None,
    freeze_at: str | None,
    dry_run: bool,
) -> None:
    """Load a scenario into a sandbox.

    NAME is a scenario that the server knows, FILE is YAML and ends with .yaml or .yml, `-` is YAML
    from stdin. A later reset returns the sandbox to the scenario, unless --add was given. If the
    scenario has faults, all of them are listed, and nothing is loaded.
    """
    source: str | Path | bytes = scenario
    if scenario == "-":
        source = read_input(scenario)
    elif scenario.endswith((".yaml", ".yml")):
        source = Path(scenario)
    mode: Literal["add", "replace"] = "add" if add else "replace"
    sandbox = remote.client.load(source, mode=mode, seed=seed, freeze_at=freeze_at, dry_run=dry_run)
    if dry_run:
        remote.print(f"'{scenario}' has no faults; nothing is loaded.", sandbox.json)
        return
    done = f"'{scenario}' is added to" if add else f"Scenario '{sandbox.scenario}' is loaded into"
    remote.print_sandbox(f"{done} sandbox '{sandbox.name}'", sandbox)


@click.command(cls=Command, example="mockserver scenarios documented")
@click.argument("name", required=False)
@pass_remote
def scenarios(remote: Remote, name: str | None) -> None:
    """List the server's scenarios, or print one."""
    if name is None:
        found = remote.client.list_scenarios()
        json = {"scenarios": [it.json for it in found]}
        remote.print_table(json, found, {"Name": "name", "Description": "description"})
        return
    scenario = remote.client.get_scenario(name)
    if remote.is_json:
        print_json(scenario.json)
    else:
        # Not escaped: the output is the file.
        click.echo(scenario.source, nl=not scenario.source.endswith("\n"))


@click.group(
    cls=Group,
    default="list",
    implied="take",
    subcommand_metavar="[NAME | COMMAND [ARGS]...]",
    example="mockserver snapshot before",
)
def snapshot() -> None:
    """Take a snapshot of a sandbox, or list its snapshots.

    `mockserver snapshot before` is short for `mockserver snapshot take before`.
    """


@snapshot.command(example="mockserver snapshot take before --replace")
@click.argument("name")
@click.option("--replace", is_flag=True, help="Replace a snapshot of the same name.")
@pass_remote
def take(remote: Remote, name: str, replace: bool) -> None:
    """Take a snapshot."""
    taken = remote.client.take_snapshot(name, replace=replace)
    remote.print_sandbox(f"Snapshot '{taken.name}' is taken", taken)


@snapshot.command(name="list", example="mockserver snapshot list")
@pass_remote
def list_snapshots(remote: Remote) -> None:
    """List the snapshots, the oldest first."""
    found = remote.client.list_snapshots()
    fields = ("name", "scenario", "seed", "clock", "documents", "taken")
    columns = {field.capitalize(): field for field in fields}
    remote.print_table({"snapshots": [it.json for it in found]}, found, columns)


@snapshot.command(name="delete", example="mockserver snapshot delete before")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@pass_remote
def delete_snapshots(remote: Remote, names: tuple[str, ...]) -> None:
    """Delete snapshots."""
    for name in names:
        remote.client.delete_snapshot(name)
        remote.print(f"Snapshot '{name}' is deleted.")


@snapshot.command(example="mockserver snapshot download before -o before.json")
@click.argument("name")
@click.option("--output", "-o", metavar="FILE", help="Write it to this file; without it, print it.")
@pass_remote
def download(remote: Remote, name: str, output: str | None) -> None:
    """Download a snapshot: JSON with one document a line."""
    content = remote.client.download_snapshot(name)
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        Path(output).write_bytes(content)
    except OSError as error:
        raise ClientError(f"'{output}' cannot be written: {error.strerror}.") from None
    remote.print(f"Snapshot '{name}' is in '{output}'.")


@snapshot.command(example="mockserver snapshot upload before before.json")
@click.argument("name")
@click.argument("file", metavar="FILE|-")
@pass_remote
def upload(remote: Remote, name: str, file: str) -> None:
    """Upload a snapshot from a file, or from stdin for `-`. It replaces one of the same name."""
    taken = remote.client.upload_snapshot(name, read_input(file))
    remote.print_sandbox(f"Snapshot '{taken.name}' is uploaded", taken)


@click.command(cls=Command, example="mockserver restore before")
@click.argument("name")
@pass_remote
def restore(remote: Remote, name: str) -> None:
    """Restore a sandbox from a snapshot; the snapshot stays."""
    sandbox = remote.client.restore(name)
    remote.print_sandbox(f"Sandbox '{sandbox.name}' is restored from '{name}'", sandbox)
