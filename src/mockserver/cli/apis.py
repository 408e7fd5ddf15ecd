"""Commands that need no server; they run in `installed`."""

from __future__ import annotations

from pathlib import Path

import click

from mockserver.cli.command import Command, Group, load_body
from mockserver.settings import Settings


@click.command(cls=Command, example="mockserver apis")
def apis() -> None:
    """List the APIs that can be served.

    The table has their operations, and the number of elements of their contracts by evidence.
    """
    load_body("installed").list_apis()


@click.command(cls=Command, example="mockserver contract API --client")
@click.argument("name", metavar="API")
@click.option(
    "--client",
    "is_client",
    is_flag=True,
    help="The client profile, for generators of clients: the types without the rules.",
)
@click.option(
    "--url",
    envvar="MOCKSERVER_URL",
    metavar="URL",
    default=f"http://{Settings.host}:{Settings.port}",
    show_default=True,
    show_envvar=True,
    help="The URL of the server, which stands first in `servers`.",
)
def contract(name: str, url: str, *, is_client: bool) -> None:
    """Print the contract of an API, or its client profile.

    In YAML, as the server has it at /__mock__/apis/API/openapi.yaml and client.yaml.
    """
    load_body("installed").print_contract(name, url, is_client=is_client)


@click.command(cls=Command, example="mockserver new-api notes --from notes.yaml")
@click.argument("name")
@click.option(
    "--from",
    "document",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An OpenAPI 3.0 document in YAML or JSON; without it, the API is a list of items.",
)
@click.option(
    "--base",
    default="",
    metavar="PATH",
    help="The path before every operation, such as /v1; without it, that of the first server.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("apis"),
    metavar="FOLDER",
    show_default=True,
    help="The folder in which the folder of the API is created.",
)
def new_api(name: str, document: Path | None, base: str, folder: Path) -> None:
    """Write the package of a new API.

    It has a contract, handlers, a scenario, status cases and tests. No file is overwritten.
    Every command finds the API if MOCKSERVER_APIS names the folder.
    """
    load_body("installed").create_api(name, document, base, folder)


@click.group(cls=Group, example="mockserver fixtures check")
def fixtures() -> None:
    """Check scenarios without a server; print their schema."""


@fixtures.command(example="mockserver fixtures check")
@click.argument("scenarios", nargs=-1, metavar="[NAME|FILE]...")
@click.option(
    "--scenarios",
    "folder",
    envvar="MOCKSERVER_SCENARIOS",
    show_envvar=True,
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of your own scenarios, as of the server; those in it go first.",
)
@click.pass_context
def check(context: click.Context, scenarios: tuple[str, ...], folder: Path | None) -> None:
    """List all faults of scenarios.

    Without a NAME or FILE, all in the folder are checked, or without one those of the package.
    The exit code is 0 if there is no fault, else 1.
    """
    context.exit(0 if load_body("installed").check_scenarios(scenarios, folder) else 1)


@fixtures.command(example="mockserver fixtures schema")
def schema() -> None:
    """Print the JSON Schema by which editors check scenarios."""
    load_body("installed").print_scenario_schema()
