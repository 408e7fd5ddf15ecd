"""`mockserver trigger`."""

from __future__ import annotations

import json
from typing import Any

import click

from mockserver.cli.command import Command
from mockserver.cli.output import format_time
from mockserver.cli.remote import Remote, parse_pairs, pass_remote
from mockserver.client import EventOption


@click.command(cls=Command, example="mockserver trigger")
@click.argument("name", required=False)
@click.argument("options", nargs=-1, metavar="[OPTION=VALUE]...", callback=parse_pairs)
@click.option(
    "--at",
    metavar="MOMENT",
    help="When the event happens; without it, at the present moment of the clock.",
)
@pass_remote
def trigger(remote: Remote, name: str | None, options: dict[str, str], at: str | None) -> None:
    """List the events, or trigger one.

    An event changes the documents of a sandbox as the vendor's own system does.
    """
    if name is None:
        events = remote.client.list_events()
        rows = [
            (it.name, " ".join(map(_format_usage, it.options)), it.description) for it in events
        ]
        headings = ("Event", "Options", "Description")
        remote.print_table({"events": [it.json for it in events]}, headings, rows)
        return
    triggered = remote.client.trigger_with(name, _convert(remote, name, options), at)
    remote.print(
        f"'{triggered.event}' is triggered at {format_time(triggered.at)}.", triggered.json
    )


def _format_usage(option: EventOption) -> str:
    usage = f"{option.name}={option.type.upper()}"
    return usage if option.required else f"[{usage}]"


def _convert(remote: Remote, name: str, options: dict[str, str]) -> dict[str, Any]:
    """The values in the types that the server's list has; the server refuses unknown options."""
    events = remote.client.list_events() if options else ()
    types = {option.name: option.type for it in events if it.name == name for option in it.options}
    return {
        option: _convert_value(text, types.get(option, "string"))
        for option, text in options.items()
    }


def _convert_value(text: str, type_: str) -> Any:
    """A text as a value of a type; the text itself where it is none, for the server to refuse."""
    try:
        return text if type_ == "string" else json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text
