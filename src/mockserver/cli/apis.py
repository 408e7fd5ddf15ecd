"""`mockserver apis`, `new-api` and `fixtures`, which need no server."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from mockserver.cli.command import Command, Group
from mockserver.cli.output import print_json, print_table


@click.command(cls=Command, example="mockserver apis")
def apis() -> None:
    """List the APIs that can be served.

    The table has their operations, and the number of elements of their contracts by evidence.
    """
    from mockserver.apis import load
    from mockserver.contract import EVIDENCE

    rows = []
    for api in load().values():
        counts = Counter(api.contract.evidences)
        operations = [
            f"{operation.method} {api.contract.base}{operation.path}"
            for operation in api.contract.operations
        ]
        rows.append([api.name, operations, *(str(counts[level]) for level in EVIDENCE)])
    print_table(["API", "Operations", *EVIDENCE], rows)


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
    from mockserver.apis import load
    from mockserver.scaffold import prepare_document, read_document, write_api

    folder.mkdir(parents=True, exist_ok=True)  # MOCKSERVER_APIS may name it already
    given = read_document(document) if document else None
    taken = [api.contract.base for api in load().values()]
    contract = prepare_document(name, given, base, taken)
    for path in write_api(name, contract, folder):
        click.echo(f"  {path}")
    click.echo(f"Next: export MOCKSERVER_APIS={folder}; mockserver serve --only {name}")


@click.group(cls=Group, example="mockserver fixtures check")
def fixtures() -> None:
    """Check scenarios without a server; print their schema."""


@fixtures.command(example="mockserver fixtures check")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.pass_context
def check(context: click.Context, files: tuple[str, ...]) -> None:
    """List all faults of scenarios.

    Without a FILE, the scenarios of the package are checked.
    The exit code is 0 if there is no fault, else 1.
    """
    from mockserver.apis import load
    from mockserver.files import SCENARIOS
    from mockserver.scenarios import check_scenario, find_scenario

    paths = [find_scenario(file) for file in files] or sorted(SCENARIOS.glob("*.yaml"))
    installed = load()
    faults = {path: check_scenario(path, installed) for path in paths}
    for path, found in faults.items():
        for fault in found:
            click.echo(str(fault))
        if not found:
            click.echo(f"{path.name}: no fault")
    context.exit(1 if any(faults.values()) else 0)


@fixtures.command(example="mockserver fixtures schema")
def schema() -> None:
    """Print the JSON Schema by which editors check scenarios."""
    from mockserver.apis import load
    from mockserver.scenarios import build_editor_schema

    print_json(build_editor_schema(load()))
