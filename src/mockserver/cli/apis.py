"""`mockserver apis`: what can be served, and why it is believed."""

from __future__ import annotations

from collections import Counter

import click

from mockserver.cli.command import Command
from mockserver.cli.table import print_table

__all__ = ["apis"]


@click.command(cls=Command, example="mockserver apis")
def apis() -> None:
    """List the APIs that can be served.

    Their operations, and how many lines of their contracts are believed for which reason.
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
        rows.append([api.name, operations, *(str(counts[word]) for word in EVIDENCE)])
    print_table(["API", "Operations", *EVIDENCE], rows)
