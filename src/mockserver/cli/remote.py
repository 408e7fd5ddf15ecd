"""Commands that ask a running server: which one, as what, and how its answer is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.table import print_table
from mockserver.cli.text import indented, shown
from mockserver.settings import Settings

if TYPE_CHECKING:
    from mockserver.client import Client

__all__ = ["Remote", "asks_a_server"]

_OPTIONS = (
    click.option(
        "--url",
        envvar="MOCKSERVER_URL",
        metavar="URL",
        default=f"http://{Settings.host}:{Settings.port}",
        show_default=True,
        show_envvar=True,
        help="Where the server listens.",
    ),
    click.option(
        "--sandbox",
        envvar="MOCKSERVER_SANDBOX",
        metavar="NAME",
        show_envvar=True,
        help="The world to act on; 'default' without it.",
    ),
    click.option(
        "--token",
        envvar="MOCKSERVER_ADMIN_TOKEN",
        metavar="TOKEN",
        show_envvar=True,
        help="The admin token, where the server has one.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        default=30,
        show_default=True,
        help="How long to wait for an answer.",
    ),
    click.option("--json", "is_json", is_flag=True, help="Print the server's JSON, and no more."),
)


@dataclass(frozen=True)
class Remote:
    """A server that is asked, and how its answers are to be printed."""

    client: Client
    is_json: bool

    def say(self, sentence: str, json: Mapping[str, Any] | None = None) -> None:
        """Print a sentence, or the JSON that it says; nothing where there is none.

        The sentence may have lines below it.
        """
        if not self.is_json:
            click.echo("\n".join(map(shown, sentence.split("\n"))))
        elif json is not None:
            self.print_json(json)

    def table(
        self,
        json: Mapping[str, Any],
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
    ) -> None:
        """Print a table, or the JSON that is in it."""
        if self.is_json:
            self.print_json(json)
        else:
            print_table(headings, rows)

    def print_json(self, value: Any) -> None:
        """Print JSON in UTF-8, whatever the terminal speaks."""
        # Half a surrogate pair has no UTF-8; its escape is JSON as well.
        click.echo(indented(value).encode("utf-8", "backslashreplace"))


def asks_a_server(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say whom to ask, and a Remote as its first argument."""

    @wraps(function)
    def run(
        url: str,
        sandbox: str | None,
        token: str | None,
        timeout: float,
        is_json: bool,
        **given: Any,
    ) -> Any:
        from mockserver.client import Client  # heavy

        with Client(url, sandbox=sandbox, token=token, timeout=timeout) as client:
            return function(Remote(client, is_json), **given)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run
