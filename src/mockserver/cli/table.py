"""Tables, as wide as the terminal; as wide as they need to be where nobody looks at them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from mockserver.cli.text import isolated, shown

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["print_table"]

_UNBROKEN = 1_000_000


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str | Sequence[str]]]) -> None:
    """Print rows below headings; a cell is a text, or several, one below the other."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    is_seen = sys.stdout.isatty()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(cell, is_seen=is_seen) for cell in row))
    console = Console(width=None if is_seen else _UNBROKEN, highlight=False)
    with console.capture() as captured:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _cell(cell: str | Sequence[str], *, is_seen: bool) -> Text:
    from rich.text import Text

    lines = [shown(line) for line in ([cell] if isinstance(cell, str) else cell)]
    # A terminal that knows of directions would else mix the cells of a row.
    return Text("\n".join(map(isolated, lines) if is_seen else lines))
