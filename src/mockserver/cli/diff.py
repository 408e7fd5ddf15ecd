"""`mockserver diff`: what differs between two worlds, or between two deployments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mockserver.cli import phrases
from mockserver.cli.command import Command
from mockserver.cli.comparing import PHASES, Wanted, compare_deployments, means_deployments
from mockserver.cli.remote import Remote, asks_a_server
from mockserver.cli.text import compact, shown
from mockserver.errors import SettingError

if TYPE_CHECKING:
    from mockserver.client import Diff, DocumentChange, FieldChange

__all__ = ["diff"]

_COLOURS = {"+": "green", "-": "red", "~": "yellow"}
_SIGNS = {"added": "+", "removed": "-"}


@click.command(cls=Command, example="mockserver diff before")
@click.argument("from_", required=False, metavar="[A]")
@click.argument("to", required=False, metavar="[B]")
@click.option(
    "--targets",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Compare deployments: A and B are names in this file, or URLs.",
)
@click.option(
    "--api", "apis", multiple=True, metavar="API", help="Only this API of the deployments."
)
@click.option(
    "--phase",
    "phases",
    multiple=True,
    type=click.Choice(PHASES),
    help="Only these requests to the deployments; all but 'generated' without it.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    metavar="NUMBER",
    help="How many documents to show, or differences of an API; all are counted.",
)
@asks_a_server
@click.pass_context
def diff(
    context: click.Context,
    /,
    remote: Remote,
    from_: str | None,
    to: str | None,
    limit: int,
    **given: Any,
) -> None:
    """Compare two worlds of a mock, or two deployments.

    Worlds: A and B are snapshots. Without B, A is compared with the world as it is now; without
    both, the scenario that the world was made from.

    Deployments: A or B is a URL, or --targets names a file that has both. The same requests are
    sent to both, and each difference says which of the two violates the contract. To a real
    deployment nothing is written, unless its target allows that; then neither is to the other.

    Ends with 0 when nothing differs, with 1 when something does, with 2 when it cannot be said.
    """
    if means_deployments((from_, to), given["file"]):
        _refuse(context, ("url", "sandbox", "token"), "of worlds, and these are deployments")
        timeout = context.params["timeout"] if _is_given(context, "timeout") else None
        wanted = Wanted(**given, timeout=timeout, limit=limit, is_json=remote.is_json)
        context.exit(compare_deployments(from_, to, wanted))
    _refuse(
        context, ("apis", "phases"), "of deployments; A or B has to be a URL, or --targets given"
    )
    found = remote.client.diff(from_, to, limit=limit)
    if remote.is_json:
        remote.print_json(found.json)
    else:
        for line in _lines(found):
            click.echo(line)
    context.exit(0 if found.equal else 1)


def _refuse(context: click.Context, names: Sequence[str], reason: str) -> None:
    """Raises SettingError for an option that would do nothing."""
    for parameter in context.command.params:
        if parameter.name in names and _is_given(context, parameter.name):
            raise SettingError(f"{parameter.opts[0]} is {reason}.")


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


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
