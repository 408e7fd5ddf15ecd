"""Formats what commands print: text without control characters, JSON, tables, clocks, sandboxes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional, category

import click

from mockserver.clock import format_moment, from_datetime

if TYPE_CHECKING:
    from mockserver.client import ClockState, Sandbox, Snapshot

_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
# These change the direction of the text after them, beyond the text that they are in.
_DIRECTIONAL = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ISOLATE, _POP = "\u2068", "\u2069"
_UNLIMITED_WIDTH = 1_000_000
_LEAST_WIDTH = 60
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def escape(text: str) -> str:
    """The text in one line, its control characters as escapes: it cannot change the terminal."""
    return "".join(
        char.encode("unicode_escape").decode()
        if category(char) in _UNPRINTABLE or char in _DIRECTIONAL
        else char
        for char in text
    )


def isolate_direction(text: str) -> str:
    """The text, isolated if it is written from right to left, so that text around it is not."""
    is_right_to_left = any(bidirectional(char) in ("R", "AL") for char in text)
    return f"{_ISOLATE}{text}{_POP}" if is_right_to_left else text


def format_json(value: Any) -> str:
    """A value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def format_json_line(value: Any) -> str:
    """A value as JSON in one line, escaped."""
    return escape(json.dumps(value, ensure_ascii=False))


def print_json(value: Any) -> None:
    """Print a value as indented JSON in UTF-8, whatever the encoding of the terminal."""
    # A lone surrogate cannot be encoded in UTF-8; its escape is JSON too.
    click.echo(format_json(value).encode("utf-8", "backslashreplace"))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str | Sequence[str]]]) -> None:
    """Print a table as wide as the terminal; one row is one line where the output is no terminal.

    A cell is a text, or several texts below each other.
    """
    # Imported here because it takes long and most commands print no table.
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    is_terminal = sys.stdout.isatty()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        cells = [[cell] if isinstance(cell, str) else cell for cell in row]
        lines = [list(map(escape, cell)) for cell in cells]
        if is_terminal:
            lines = [list(map(isolate_direction, cell)) for cell in lines]
        table.add_row(*(Text("\n".join(cell)) for cell in lines))
    console = Console(width=None if is_terminal else _UNLIMITED_WIDTH, highlight=False)
    console.width = max(console.width, _LEAST_WIDTH)  # a narrower terminal breaks the lines
    with console.capture() as captured:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def format_time(value: datetime | None) -> str:
    """A moment as ISO 8601 in UTC; empty for None."""
    return "" if value is None else format_moment(from_datetime(value))


def format_duration(seconds: float) -> str:
    """The two largest units of a duration: `3h 20m`."""
    left = round(abs(seconds))
    parts: list[str] = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count or (parts and len(parts) < 2):
            parts.append(f"{count}{unit}")
    return " ".join(part for part in parts[:2] if not part.startswith("0")) or "0s"


def format_clock(state: ClockState) -> str:
    """The moment that a clock shows, and its mode."""
    mode = state.mode
    if mode == "scaled":
        mode = f"{state.rate:g} seconds a second"
    elif mode == "shifted":
        direction = "behind" if state.offset < 0 else "ahead"
        mode = f"{format_duration(state.offset)} {direction}"
    return f"{format_time(state.now)}, {mode}"


def format_sandbox(it: Sandbox | Snapshot) -> str:
    """The number of documents, the seed and the clock of a sandbox."""
    return f"{format_count(it.documents)}, seed {it.seed}, clock at {format_clock(it.clock)}"


def format_count(documents: int) -> str:
    """A number of documents."""
    return "1 document" if documents == 1 else f"{documents} documents"
