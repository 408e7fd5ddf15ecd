"""`mockserver load` and `scenarios`: worlds written down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from mockserver.cli import phrases
from mockserver.cli.command import Command
from mockserver.cli.remote import Remote, asks_a_server
from mockserver.cli.source import read

if TYPE_CHECKING:
    from mockserver.client import ScenarioSource

__all__ = ["load", "scenarios"]


@click.command(cls=Command, example="mockserver load documented")
@click.argument("scenario", metavar="NAME|FILE|-")
@click.option("--add", is_flag=True, help="Add it to the world instead of replacing the world.")
@click.option("--seed", type=int, metavar="NUMBER", help="The seed of what is generated.")
@asks_a_server
def load(remote: Remote, scenario: str, add: bool, seed: int | None) -> None:
    """Load a scenario into the world.

    It is one that the server knows, or YAML of yours: a file, whose name ends in .yaml or .yml, or
    `-` for stdin. A reset leads back to what was loaded, unless it was added. Everything that is
    wrong with a scenario is said at once, and then nothing is loaded.
    """
    mode: Literal["add", "replace"] = "add" if add else "replace"
    world = remote.client.load(_source(scenario), mode=mode, seed=seed)
    done = f"'{scenario}' is added to" if add else f"Scenario '{world.scenario}' is loaded into"
    remote.say(f"{done} sandbox '{world.name}': {phrases.world(world)}.", world.json)


def _source(scenario: str) -> str | Path | bytes:
    if scenario == "-":
        return read(scenario)
    return Path(scenario) if scenario.endswith((".yaml", ".yml")) else scenario


@click.command(cls=Command, example="mockserver scenarios documented")
@click.argument("name", required=False)
@asks_a_server
def scenarios(remote: Remote, name: str | None) -> None:
    """List the server's scenarios, or print one as it is written."""
    if name is not None:
        scenario = remote.client.get_scenario(name)
        _print(remote, scenario)
        return
    known = remote.client.list_scenarios()
    rows = [(it.name, it.description) for it in known]
    remote.table({"scenarios": [it.json for it in known]}, ("Name", "Description"), rows)


def _print(remote: Remote, scenario: ScenarioSource) -> None:
    """Print a scenario to the letter, so that it can go into a file."""
    if remote.is_json:
        remote.print_json(scenario.json)
    else:
        click.echo(scenario.source, nl=not scenario.source.endswith("\n"))
