"""`mockserver serve`: its options are the settings."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Any

import click

from mockserver import __version__
from mockserver.cli.command import Command
from mockserver.settings import Option, Settings, options

__all__ = ["serve"]


def _setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options()):
        command = _click_option(option)(command)
    return command


def _click_option(option: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    help = option.help
    if option.default not in (None, (), False):
        help = f"{help}  [default: {option.default}]"
    name = f"--{option.name.replace('_', '-')}"
    if option.is_flag:
        return click.option(name, option.name, is_flag=True, default=None, help=help)
    return click.option(
        name, option.name, metavar=option.metavar, multiple=option.is_list, help=help
    )


def _texts(given: dict[str, Any]) -> dict[str, str]:
    """What was given on the command line, as the settings read it."""
    return {
        name: ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in given.items()
        if value not in (None, ())
    }


@click.command(
    cls=Command,
    example="mockserver serve --scenario documented --freeze-at 2025-08-21T14:30:00Z",
)
@_setting_options
def serve(**given: Any) -> None:
    """Serve the four APIs until Ctrl-C.

    Every option can also be set in the environment: --body-limit is MOCKSERVER_BODY_LIMIT.
    """
    from mockserver.server.socket import listen

    settings = Settings.load(_texts(given))
    # From here on a signal ends the command as it should end: with nothing left behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    with listen(settings) as listener:
        from mockserver.server.run import serve as run  # heavy, so the port is had first

        run(settings, listener, lambda url: _announce(settings, url))
    click.echo("Stopped.", err=True)


def _announce(settings: Settings, url: str) -> None:
    from mockserver import apis

    served = apis.load(settings.only).values()
    width = max(len(api.name) for api in served)
    click.echo(f"Mockserver {__version__} listens on {url}, scenario '{settings.scenario}'.")
    for api in served:
        click.echo(f"  {api.name:{width}}  {url}/__mock__/docs/{api.name}")
    click.echo("Ctrl-C stops it.")
    sys.stdout.flush()
