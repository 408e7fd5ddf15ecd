"""`mockserver diff`: what differs between two worlds, to be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import phrases
from mockserver.cli.command import Command
from mockserver.cli.remote import Remote, asks_a_server
from mockserver.cli.text import compact, shown

if TYPE_CHECKING:
    from mockserver.client import Diff, DocumentChange, FieldChange

__all__ = ["diff"]

_COLOURS = {"+": "green", "-": "red", "~": "yellow"}
_SIGNS = {"added": "+", "removed": "-"}


@click.command(cls=Command, example="mockserver diff before")
@click.argument("from_", required=False, metavar="[FROM]")
@click.argument("to", required=False, metavar="[TO]")
@click.option(
    "--limit",
    type=int,
    default=100,
    show_default=True,
    metavar="NUMBER",
    help="How many documents to show; all are counted.",
)
@asks_a_server
@click.pass_context
def diff(
    context: click.Context, remote: Remote, from_: str | None, to: str | None, limit: int
) -> None:
    """Compare two worlds: two snapshots, or one and now.

    Without FROM, the scenario that the world was made from is compared with it as it is now.
    Ends with 0 when nothing differs, with 1 when something does, with 2 when it cannot be said.
    """
    found = remote.client.diff(from_, to, limit=limit)
    if remote.is_json:
        remote.print_json(found.json)
    else:
        for line in _lines(found):
            click.echo(line)
    context.exit(0 if found.equal else 1)


def _lines(it: Diff) -> Iterator[str]:
    if it.world:
        yield _head("~", "world")
        yield from map(_field, it.world)
    for document in it.documents:
        yield from _document(document)
    yield _sum(it)


def _document(it: DocumentChange) -> Iterator[str]:
    name = shown(f"{it.api} {it.kind} {it.key}")
    body = "" if it.body is None else f"  {compact(it.body)}"
    yield _head(_SIGNS.get(it.change, "~"), name + body)
    yield from map(_field, it.fields)


def _head(sign: str, text: str) -> str:
    return click.style(f"{sign} {text}", fg=_COLOURS[sign])


def _field(it: FieldChange) -> str:
    return f"    {shown(it.field)}: {_value(it.before)} → {_value(it.after)}"


def _value(value: Any) -> str:
    from mockserver.client import ABSENT

    return "(absent)" if value is ABSENT else compact(value)


def _sum(it: Diff) -> str:
    between = f"{_world(it.from_, 'the scenario')} and {_world(it.to, 'now')}"
    if it.equal:
        return f"Nothing differs between {between}."
    hidden = it.added + it.removed + it.changed - len(it.documents)
    more = f" {hidden} of them are not shown; give --limit a larger number." if hidden else ""
    added = phrases.documents(it.added)
    counts = f"{added} added, {it.removed} removed, {it.changed} changed"
    return f"Between {between}: {counts}.{more}"


def _world(name: str | None, otherwise: str) -> str:
    return otherwise if name is None else f"'{shown(name)}'"
