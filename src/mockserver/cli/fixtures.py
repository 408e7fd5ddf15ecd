"""`mockserver fixtures`: scenarios checked without a server, and their schema."""

from __future__ import annotations

import click

from mockserver.cli.command import Command, Group
from mockserver.cli.text import indented

__all__ = ["fixtures"]


@click.group(cls=Group, example="mockserver fixtures check")
def fixtures() -> None:
    """Check scenarios without a server; print their schema."""


@fixtures.command(cls=Command, example="mockserver fixtures check")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.pass_context
def check(context: click.Context, files: tuple[str, ...]) -> None:
    """Report everything wrong with scenarios.

    They are the files given, else those of the package.
    Ends with 0 when all is right, with 1 when something is wrong.
    """
    from mockserver import apis, scenarios
    from mockserver.files import SCENARIOS

    paths = [scenarios.find_scenario(file) for file in files] or sorted(SCENARIOS.glob("*.yaml"))
    known = apis.load()
    faults = {path: scenarios.check_scenario(path, known) for path in paths}
    for path, found in faults.items():
        for fault in found:
            click.echo(str(fault))
        if not found:
            click.echo(f"{path.name}: right")
    context.exit(1 if any(faults.values()) else 0)


@fixtures.command(cls=Command, example="mockserver fixtures schema")
def schema() -> None:
    """Print the JSON Schema that editors check scenarios by."""
    from mockserver import apis, scenarios

    click.echo(indented(scenarios.build_editor_schema(apis.load())))
