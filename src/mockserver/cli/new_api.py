"""`mockserver new-api`: the package of a new API, from an OpenAPI document or from none."""

from __future__ import annotations

from pathlib import Path

import click

from mockserver.cli.command import Command

__all__ = ["new_api"]


@click.command("new-api", cls=Command, example="mockserver new-api notes --from notes.yaml")
@click.argument("name")
@click.option(
    "--from",
    "document",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An OpenAPI 3.0 document in YAML or JSON; a list of items without it.",
)
@click.option(
    "--base",
    default="",
    metavar="PATH",
    help="The path before every operation, such as /v1; that of the document's first server without it.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("apis"),
    metavar="FOLDER",
    show_default=True,
    help="Where the API gets its folder.",
)
def new_api(name: str, document: Path | None, base: str, folder: Path) -> None:
    """Write the package of a new API.

    It has a contract, handlers, a world, status cases and tests. Nothing is overwritten.
    MOCKSERVER_APIS names the folder to all commands.
    """
    from mockserver import apis
    from mockserver.scaffold import prepare_document, read_document, write_api

    folder.mkdir(parents=True, exist_ok=True)  # MOCKSERVER_APIS may name it already
    given = read_document(document) if document else None
    taken = [api.contract.base for api in apis.load().values()]
    contract = prepare_document(name, given, base, taken)
    for path in write_api(name, contract, folder):
        click.echo(f"  {path}")
    click.echo(f"Next: export MOCKSERVER_APIS={folder}; mockserver serve --only {name}")
