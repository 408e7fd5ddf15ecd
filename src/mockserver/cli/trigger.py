"""`mockserver trigger`: what moves a world as life does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import phrases
from mockserver.cli.command import Command
from mockserver.cli.pairs import pairs
from mockserver.cli.remote import Remote, asks_a_server

if TYPE_CHECKING:
    from mockserver.client import EventOption

__all__ = ["trigger"]


@click.command(cls=Command, example="mockserver trigger")
@click.argument("name", required=False)
@click.argument("options", nargs=-1, metavar="[OPTION=VALUE]...", callback=pairs)
@click.option(
    "--at", metavar="MOMENT", help="When it is triggered; now, by the world's clock, else."
)
@asks_a_server
def trigger(remote: Remote, name: str | None, options: dict[str, str], at: str | None) -> None:
    """List the events, or trigger one. The world moves as the vendor's own would."""
    if name is None:
        _list(remote)
        return
    triggered = remote.client.trigger_with(name, _typed(remote, name, options), at)
    remote.say(f"'{triggered.event}' is triggered at {phrases.time(triggered.at)}.", triggered.json)


def _list(remote: Remote) -> None:
    events = remote.client.list_events()
    rows = [(it.name, " ".join(map(_usage, it.options)), it.description) for it in events]
    json = {"events": [it.json for it in events]}
    remote.table(json, ("Event", "Options", "Description"), rows)


def _usage(option: EventOption) -> str:
    usage = f"{option.name}={option.type.upper()}"
    return usage if option.required else f"[{usage}]"


def _typed(remote: Remote, name: str, options: dict[str, str]) -> dict[str, Any]:
    """The values in the types that the server lists; what it does not know, it is to refuse."""
    events = remote.client.list_events() if options else ()
    types = {option.name: option.type for it in events if it.name == name for option in it.options}
    return {word: _value(text, types.get(word, "string")) for word, text in options.items()}


def _value(text: str, type_: str) -> Any:
    """A text as a value of a type; the text itself where it is none, for the server to judge."""
    try:
        return text if type_ == "string" else json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text
