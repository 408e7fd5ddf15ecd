"""What is installed, without a server: the APIs, their mutations, the scenarios of the package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from mockserver import apis, scenarios
from mockserver.cli.output import print_json, print_table
from mockserver.client.connection import check_url
from mockserver.contract import EVIDENCE, write_client_profile, write_contract
from mockserver.files import SCENARIOS
from mockserver.kit import load_kit
from mockserver.scaffold import prepare_document, read_document, write_api


def list_apis() -> None:
    """Print a table of the APIs."""
    rows = []
    for api in apis.load().values():
        counts = Counter(api.contract.evidences)
        operations = [
            f"{operation.method} {api.contract.base}{operation.path}"
            for operation in api.contract.operations
        ]
        rows.append([api.name, operations, *(str(counts[level]) for level in EVIDENCE)])
    print_table(["API", "Operations", *EVIDENCE], rows)


def print_contract(name: str, url: str, *, is_client: bool) -> None:
    """Print the contract of an API, or its client profile, with a server at `url` first."""
    contract = apis.load([name])[name].contract
    write = write_client_profile if is_client else write_contract
    click.echo(write(contract, check_url(url) + contract.base).encode(), nl=False)


def create_api(name: str, document: Path | None, base: str, folder: Path) -> None:
    """Write the package of an API below a folder, and print its files and the next step."""
    folder.mkdir(parents=True, exist_ok=True)  # MOCKSERVER_APIS may name it already
    given = read_document(document) if document else None
    taken = [api.contract.base for api in apis.load().values()]
    contract = prepare_document(name, given, base, taken)
    for path in write_api(name, contract, folder):
        click.echo(f"  {path}")
    click.echo(f"Next: export MOCKSERVER_APIS={folder}; mockserver serve --only {name}")


def check_scenarios(files: Iterable[str], folder: Path | None = None) -> bool:
    """Print the faults of scenarios, by default of all in a folder; whether there are none.

    Without a folder, they are those of the package.
    """
    library = scenarios.Library(folder)
    paths = [scenarios.find_scenario(file, known=library) for file in files]
    paths = paths or sorted((folder or SCENARIOS).glob("*.yaml"))
    installed = apis.load()
    faults = {path: scenarios.check_scenario(path, installed, library) for path in paths}
    for path, found in faults.items():
        for fault in found:
            click.echo(str(fault))
        if not found:
            click.echo(f"{path.name}: no fault")
    return not any(faults.values())


def print_scenario_schema() -> None:
    """Print the JSON Schema by which editors check scenarios."""
    print_json(scenarios.build_editor_schema(apis.load()))


def list_mutations(
    api: str | None, operation: str | None, operator: str | None, *, is_json: bool
) -> None:
    """Print the mutations of an API, an operation and an operator; None is any."""
    found = [
        (f"{owner.name}.{mutation.name}", mutation)
        for owner in apis.load([api] if api else ()).values()
        for mutation in load_kit(owner).mutations
        if (operation is None or operation in mutation.operations)
        and operator in (None, mutation.operator)
    ]
    if not is_json:
        print_table(["Mutation", "Description"], [(name, it.sentence) for name, it in found])
        return
    views = [
        {
            "name": name,
            "operations": list(mutation.operations),
            "operator": mutation.operator,
            "description": mutation.sentence,
        }
        for name, mutation in found
    ]
    print_json({"mutations": views})
