"""`mockserver diff`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mockserver.cli.check import API, EXCLUDE, OPERATION, PHASE, DiffOptions, add_targets_option
from mockserver.cli.command import Command, load_body
from mockserver.cli.output import escape, format_count, format_json_line, print_json
from mockserver.cli.remote import Remote, pass_remote
from mockserver.client import ABSENT, Diff, DocumentChange, FieldChange
from mockserver.errors import SettingError

_COLOURS = {"+": "green", "-": "red", "~": "yellow"}
_SIGNS = {"added": "+", "removed": "-"}


@click.command(cls=Command, example="mockserver diff before")
@click.argument("a", required=False, metavar="[A]")
@click.argument("b", required=False, metavar="[B]")
@add_targets_option("Compare deployments: A and B are names in this file, or URLs.")
@API
@OPERATION
@EXCLUDE
@PHASE
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    metavar="NUMBER",
    help="The largest number of documents, or of differences of an API, to print; all are counted.",
)
@pass_remote
@click.pass_context
def diff(
    context: click.Context,
    /,
    remote: Remote,
    a: str | None,
    b: str | None,
    targets_file: Path | None,
    apis: tuple[str, ...],
    operations: tuple[str, ...],
    excluded: tuple[str, ...],
    phases: tuple[str, ...],
    limit: int,
) -> None:
    """Compare two states of a sandbox, or two deployments.

    States: A and B are snapshots. Without B, A is compared with the present state; without A
    and B, the scenario is compared with it.

    Deployments: A or B is a URL, or --targets names a file that has both. The same requests are
    sent to both, and each difference says which of the two violates the contract. Without --phase,
    all phases but 'generated' are run. Both get the same requests: safe methods only, unless the
    target of each real deployment allows writes.

    The exit code is 0 if nothing differs, 1 if something does, 2 if the comparison is inconclusive,
    130 after Ctrl-C, 143 after SIGTERM; what was compared before is printed.
    """
    if targets_file or any("://" in name for name in (a, b) if name):
        _refuse(context, ("url", "sandbox", "token"), "for sandboxes, and these are deployments")
        options = DiffOptions(
            targets_file=targets_file,
            apis=apis,
            operations=operations,
            excluded=excluded,
            phases=phases,
            timeout=context.params["timeout"] if _is_given(context, "timeout") else None,
            limit=limit,
            is_json=remote.is_json,
        )
        context.exit(load_body("runs").compare_deployments(a, b, options))
    _refuse(
        context,
        ("apis", "operations", "excluded", "phases"),
        "for deployments; A or B has to be a URL, or --targets given",
    )
    found = remote.client.diff(a, b, limit=limit)
    if remote.is_json:
        print_json(found.json)
    else:
        for line in _format_diff(found):
            click.echo(line)
    context.exit(0 if found.equal else 1)


def _refuse(context: click.Context, names: Sequence[str], reason: str) -> None:
    """Raise SettingError for an option that would have no effect."""
    for parameter in context.command.params:
        if parameter.name in names and _is_given(context, parameter.name):
            raise SettingError(f"{parameter.opts[0]} is {reason}.")


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _format_diff(it: Diff) -> Iterator[str]:
    if it.world:
        yield _colour("~", "world")
        yield from map(_format_field, it.world)
    for document in it.documents:
        yield from _format_document(document)
    before = "the scenario" if it.from_ is None else f"'{escape(it.from_)}'"
    after = "the present state" if it.to is None else f"'{escape(it.to)}'"
    if it.equal:
        yield f"Nothing differs between {before} and {after}."
        return
    hidden = it.added + it.removed + it.changed - len(it.documents)
    more = f" {hidden} of them are not printed; give --limit a larger number." if hidden else ""
    counts = f"{format_count(it.added)} added, {it.removed} removed, {it.changed} changed"
    yield f"Between {before} and {after}: {counts}.{more}"


def _format_document(it: DocumentChange) -> Iterator[str]:
    name = escape(f"{it.api} {it.kind} {it.key}")
    body = "" if it.body is None else f"  {format_json_line(it.body)}"
    yield _colour(_SIGNS.get(it.change, "~"), name + body)
    yield from map(_format_field, it.fields)


def _format_field(it: FieldChange) -> str:
    return f"    {escape(it.field)}: {_format_value(it.before)} → {_format_value(it.after)}"


def _format_value(value: Any) -> str:
    return "(absent)" if value is ABSENT else format_json_line(value)


def _colour(sign: str, text: str) -> str:
    return click.style(f"{sign} {text}", fg=_COLOURS[sign])
