"""Commands that call a running server: their options, their input, and what they print."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from operator import attrgetter
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from mockserver.cli.output import (
    escape,
    format_clock,
    format_duration,
    format_json_line,
    format_sandbox,
    format_time,
    print_json,
    print_table,
)
from mockserver.client import Client, ClockState, Sandbox, Snapshot
from mockserver.errors import ClientError
from mockserver.settings import Settings

_OPTIONS = (
    click.option(
        "--url",
        envvar="MOCKSERVER_URL",
        metavar="URL",
        default=f"http://{Settings.host}:{Settings.port}",
        show_default=True,
        show_envvar=True,
        help="The URL of the server.",
    ),
    click.option(
        "--sandbox",
        envvar="MOCKSERVER_SANDBOX",
        metavar="NAME",
        show_envvar=True,
        help="The sandbox; without it, 'default'.",
    ),
    click.option(
        "--token",
        envvar="MOCKSERVER_ADMIN_TOKEN",
        metavar="TOKEN",
        show_envvar=True,
        help="The admin token, if the server has one.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        default=30,
        show_default=True,
        help="How long to wait for a response.",
    ),
    click.option(
        "--ca-file",
        type=click.Path(path_type=Path),
        envvar="MOCKSERVER_CA_FILE",
        metavar="FILE",
        show_envvar=True,
        help="The certificates to trust, in PEM; without it, those in SSL_CERT_FILE, or the usual.",
    ),
    click.option("--json", "is_json", is_flag=True, help="Print the server's JSON, nothing else."),
)


Columns = Mapping[str, str | Callable[[Any], Any]]
"""The headings of a table, each with a field of the items, or a function of an item."""


class Remote(Struct, frozen=True):
    """A server, and whether its responses are printed as JSON."""

    client: Client
    is_json: bool

    def print(self, text: str, json: Mapping[str, Any] | None = None) -> None:
        """Print a text, escaped line by line, or the JSON that it describes, if there is any."""
        if not self.is_json:
            click.echo("\n".join(map(escape, text.split("\n"))))
        elif json is not None:
            print_json(json)

    def print_sandbox(self, done: str, it: Sandbox | Snapshot) -> None:
        """Print what was done to a sandbox or a snapshot, and its state."""
        self.print(f"{done}: {format_sandbox(it)}.", it.json)

    def print_table(self, json: Mapping[str, Any], items: Iterable[Any], columns: Columns) -> None:
        """Print a table with a row for each item, or the JSON that the items are in."""
        if self.is_json:
            print_json(json)
            return
        getters = [attrgetter(it) if isinstance(it, str) else it for it in columns.values()]
        print_table([*columns], [[_format_cell(get(item)) for get in getters] for item in items])


def _format_cell(value: Any) -> str:
    """A field of a response as text; a float is a duration in seconds."""
    if isinstance(value, ClockState):
        return format_clock(value)
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, float):
        return format_duration(value)
    if isinstance(value, Mapping):
        return format_json_line(value)
    return "" if value is None else str(value)


def pass_remote(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose a server, and pass a Remote as the first argument."""

    @wraps(function)
    def run(is_json: bool, **arguments: Any) -> Any:
        server = {
            name: arguments.pop(name) for name in ("url", "sandbox", "token", "timeout", "ca_file")
        }
        with Client(**server) as client:
            return function(Remote(client, is_json), **arguments)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def read_input(file: str) -> bytes:
    """The content of a file, or of stdin for `-`. Raises ClientError."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ClientError(f"'{file}' cannot be read: {error.strerror}.") from None


def parse_pairs(_: click.Context, __: click.Parameter, words: Sequence[str]) -> dict[str, str]:
    """The callback of a parameter that takes NAME=VALUE several times: the values by name."""
    pairs: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"'{word}' is not written NAME=VALUE.")
        if name in pairs:
            raise click.BadParameter(f"'{name}' is given twice.")
        pairs[name] = value
    return pairs
