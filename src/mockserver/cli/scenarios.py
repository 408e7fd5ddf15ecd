"""`mockserver load` and `scenarios`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from mockserver.cli.command import Command
from mockserver.cli.output import format_sandbox, print_json
from mockserver.cli.remote import Remote, pass_remote, read_input


@click.command(cls=Command, example="mockserver load documented")
@click.argument("scenario", metavar="NAME|FILE|-")
@click.option("--add", is_flag=True, help="Add it to the documents instead of replacing them.")
@click.option("--seed", type=int, metavar="NUMBER", help="The seed of the generated data.")
@pass_remote
def load(remote: Remote, scenario: str, add: bool, seed: int | None) -> None:
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
    sandbox = remote.client.load(source, mode=mode, seed=seed)
    done = f"'{scenario}' is added to" if add else f"Scenario '{sandbox.scenario}' is loaded into"
    remote.print(f"{done} sandbox '{sandbox.name}': {format_sandbox(sandbox)}.", sandbox.json)


@click.command(cls=Command, example="mockserver scenarios documented")
@click.argument("name", required=False)
@pass_remote
def scenarios(remote: Remote, name: str | None) -> None:
    """List the server's scenarios, or print one."""
    if name is None:
        found = remote.client.list_scenarios()
        rows = [(it.name, it.description) for it in found]
        json = {"scenarios": [it.json for it in found]}
        remote.print_table(json, ("Name", "Description"), rows)
        return
    scenario = remote.client.get_scenario(name)
    if remote.is_json:
        print_json(scenario.json)
    else:
        # Not escaped: the output is the file.
        click.echo(scenario.source, nl=not scenario.source.endswith("\n"))
