"""Options that are passed to a command as a dataclass."""

from __future__ import annotations

from dataclasses import dataclass

import click
from click.testing import CliRunner

from mockserver.check.validation import finding
from mockserver.cli.options import PHASES, bundle_options


@dataclass(frozen=True)
class Place:
    """Where."""

    host: str
    ports: tuple[int, ...]


@click.command()
@bundle_options(
    "place",
    Place,
    click.argument("host"),
    click.option("--port", "ports", type=int, multiple=True, help="A port."),
)
@click.option("--loud", is_flag=True, help="Louder.")
def go(place: Place, loud: bool) -> None:
    """Go."""
    click.echo(f"{place} {loud}")


def test_options_and_arguments_are_passed_as_one_value() -> None:
    done = CliRunner().invoke(go, ["h", "--loud", "--port", "1", "--port", "2"])
    assert done.output == "Place(host='h', ports=(1, 2)) True\n"


def test_the_help_has_the_options_in_their_order() -> None:
    text = CliRunner().invoke(go, ["--help"]).output
    assert text.index("--port") < text.index("--loud")


def test_the_phases_are_those_of_the_kit() -> None:
    assert PHASES == finding.PHASES
