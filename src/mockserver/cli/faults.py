"""`mockserver faults`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from mockserver.cli.command import Group
from mockserver.cli.output import format_json_line
from mockserver.cli.remote import Columns, Remote, parse_pairs, pass_remote
from mockserver.client import Fault


@click.group(
    cls=Group,
    default="list",
    subcommand_metavar="[COMMAND] [ARGS]...",
    example="mockserver faults add --delay 2s",
)
def faults() -> None:
    """Let requests be late, fail or lose their connection.

    A fault has a match, which says to which requests of a sandbox it happens, and an effect.
    """


@faults.command(name="list", example="mockserver faults list")
@pass_remote
def list_faults(remote: Remote) -> None:
    """List the faults of a sandbox, and how often they were applied."""
    found = remote.client.faults.list()
    columns: Columns = {
        "Fault": "name",
        "Match": "match",
        "Effect": "effect",
        "Matched": "matched",
        "Applied": "applied",
    }
    remote.print_table({"faults": [it.json for it in found]}, found, columns)


_INTEGER, _NUMBER = click.IntRange(min=1), click.FloatRange(min=0)
_MATCH = (
    click.option("--api", metavar="API", help="Only requests to this API."),
    click.option("--operation", metavar="ID", help="Only requests to this operation."),
    click.option("--method", metavar="METHOD", help="Only requests with this method."),
    click.option("--path", metavar="PATH", help="Only this path; * is a part of it, /** the rest."),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="NAME=VALUE",
        callback=parse_pairs,
        help="Only requests with this header field; * is any text.",
    ),
    click.option("--every", type=_INTEGER, metavar="N", help="Each n-th of them."),
    click.option("--first", type=_INTEGER, metavar="N", help="The first n of them."),
    click.option(
        "--percent",
        type=click.FloatRange(0, 100),
        metavar="P",
        help="So many in a hundred of them, chosen by the seed.",
    ),
    click.option("--from", "from", metavar="MOMENT", help="From then on, by the world's clock."),
    click.option("--until", metavar="MOMENT", help="Until then, or for so long, such as 30s."),
)
_EFFECT = (
    click.option("--delay", metavar="DURATION", help="Delay the response."),
    click.option("--delay-max", metavar="DURATION", help="Delay it by up to this, at random."),
    click.option(
        "--sigma", type=_NUMBER, metavar="S", help="Delay it lognormally around the delay."
    ),
    click.option("--slow", metavar="DURATION", help="Send the body in pieces over this time."),
    click.option("--bytes-per-second", type=_INTEGER, metavar="N", help="Send it so slowly."),
    click.option(
        "--status", type=click.IntRange(400, 599), metavar="CODE", help="Respond with this error."
    ),
    click.option("--retry-after", metavar="DURATION", help="The Retry-After of the error."),
    click.option("--limit", type=_INTEGER, metavar="N", help="Limit the rate, as --per says."),
    click.option("--per", metavar="DURATION", help="The period of the limit."),
    click.option("--burst", type=_INTEGER, metavar="N", help="So many requests may come at once."),
    click.option(
        "--connection",
        metavar="FAULT",
        help="End the connection: reset, empty, garbage or malformed-chunk.",
    ),
    click.option(
        "--handled", is_flag=True, default=None, help="Handle the request before that all the same."
    ),
    click.option(
        "--truncate", metavar="WHAT", help="End in the middle of the body, or of the connection."
    ),
    click.option("--content-type", metavar="TYPE", help="Send this Content-Type."),
    click.option("--stale", is_flag=True, default=None, help="Send the response before this one."),
    click.option("--duplicate", is_flag=True, default=None, help="Handle the request twice."),
)
_MATCH_NAMES = (
    *("api", "operation", "method", "path", "headers"),
    *("every", "first", "percent", "from", "until"),
)


def _add_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed((*_MATCH, *_EFFECT)):
        function = option(function)
    return function


@faults.command(
    example="mockserver faults add down --api API --first 2 --status 503 --retry-after 30s"
)
@click.argument("name", required=False, metavar="[NAME]")
@_add_options
@pass_remote
def add(remote: Remote, name: str | None, **options: Any) -> None:
    """Add a fault to a sandbox: when it happens, and what happens.

    A DURATION is a number of seconds, or a text like 800ms or 1m. Without options of a match, the
    fault happens to every request to an API.
    """
    given = {key: value for key, value in options.items() if value not in (None, {})}
    match = {key: given[key] for key in _MATCH_NAMES if key in given}
    effect = {key: value for key, value in given.items() if key not in match}
    if not effect:
        raise click.UsageError("A fault needs an effect, such as --status 503 or --delay 2s.")
    it = remote.client.faults.add(name, match=match, **effect)
    remote.print(f"'{it.name}' is added: {_describe(it)}.", it.json)


@faults.command(example="mockserver faults remove")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@pass_remote
def remove(remote: Remote, names: tuple[str, ...]) -> None:
    """Remove faults of a sandbox: the named ones, or all."""
    if not names:
        remote.client.faults.clear()
        remote.print("The sandbox has no faults any more.")
    for name in names:
        remote.client.faults.delete(name)
        remote.print(f"'{name}' is removed.")


def _describe(fault: Fault) -> str:
    match = format_json_line(fault.match) if fault.match else "every request to an API"
    return f"{format_json_line(fault.effect)} for {match}"
