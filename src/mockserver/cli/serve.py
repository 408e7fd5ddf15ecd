"""`mockserver serve` and `mockserver proxy`, whose options are the settings."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from mockserver import __version__
from mockserver.cli.command import Command
from mockserver.errors import SettingError
from mockserver.server.collector import begin_collection, postpone_collection
from mockserver.server.signals import list_stop_signals
from mockserver.server.socket import describe_reach, listen
from mockserver.settings import DatabaseUrl, Settings, move_to_environment, options

_MOST_NAMED = 10
"""So many operations without a handler are named."""

_WARNINGS = {
    False: "Warning: other machines can use the APIs, on {reach}. The control API answers this "
    "machine only; behind a proxy that does not say that it is one, it cannot know: give "
    "--admin-token.",
    True: "Warning: other machines can use the APIs, on {reach}, and with the admin token the "
    "control API.",
}


def _add_settings(command: Callable[..., Any], *without: str) -> Callable[..., Any]:
    """Add an option for each setting. Its value stays a text; the settings read it."""
    for option in reversed(options()):
        if option.name in without:
            continue
        help = option.help
        if option.default not in (None, (), False, ""):
            help = f"{help}  [default: {option.default}]"
        kind: dict[str, Any] = {"metavar": option.metavar, "multiple": option.default == ()}
        if option.default is False:
            kind = {"is_flag": True, "default": None}
        command = click.option(option.flag, option.name, help=help, **kind)(command)
    return command


def _add_settings_of_proxy(command: Callable[..., Any]) -> Callable[..., Any]:
    return _add_settings(command, "upstream")


@click.command(
    cls=Command, example="mockserver serve --scenario documented --freeze-at 2025-08-21T14:30:00Z"
)
@_add_settings
def serve(**given: Any) -> None:
    """Serve the APIs until Ctrl-C.

    Every option has an environment variable: that of --body-limit is MOCKSERVER_BODY_LIMIT.
    The variable MOCKSERVER_APIS names folders with APIs of your own.
    """
    _run(given)


@click.command(cls=Command, example="mockserver proxy API https://staging.example --mock OPERATION")
@click.argument("api")
@click.argument("upstream", metavar="URL")
@_add_settings_of_proxy
def proxy(api: str, upstream: str, **given: Any) -> None:
    """Forward the requests of an API to its deployment at a URL until Ctrl-C.

    Responses are passed on as they are; what violates the contract is in the header
    X-Mock-Violations and in `mockserver journal`. The mock serves the other APIs. The options are
    those of `mockserver serve`.
    """
    _run({**given, "upstream": (f"{api}={upstream}",)})


def _run(given: dict[str, Any]) -> None:
    texts = {
        name: ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in given.items()
        if value not in (None, ())
    }
    settings = Settings.load(texts)
    if isinstance(settings.store, DatabaseUrl) and settings.store.has_password and "store" in texts:
        move_to_environment("store", texts["store"])
    if settings.targets:
        from mockserver.check.target.loader import read_targets

        read_targets(settings.targets)  # so that its faults are reported now
    if settings.record:
        _prepare_recording(settings.record)
    # From here on a signal ends the command cleanly: no temporary file is left behind.
    for number in list_stop_signals():
        signal.signal(number, lambda *_: sys.exit(0))
    with listen(settings) as listeners, postpone_collection():
        # Imported here because it takes long: a port that is in use is reported before.
        from mockserver.server.run import serve as run

        run(settings, listeners, partial(_announce, settings, describe_reach(listeners)))
    click.echo("Stopped.", err=True)
    if settings.record:
        _finish_recording(settings, settings.record)


def _prepare_recording(file: Path) -> None:
    from mockserver.server.recording import check_recording, get_folder

    check_recording(file)
    if get_folder(file).exists():
        click.echo(
            f"'{get_folder(file)}' is of a server that was killed; its recording goes on.", err=True
        )


def _finish_recording(settings: Settings, file: Path) -> None:
    """Write the scenario of a recording. Raises SettingError if it cannot be written."""
    from mockserver import apis
    from mockserver.cli.recorded import print_recorded
    from mockserver.recorder import NothingRecorded
    from mockserver.server.recording import get_folder, remove_recorded, write_recording

    try:
        recorded = write_recording(settings, apis.load(settings.only))
    except NothingRecorded as error:
        click.echo(str(error), err=True)
    except OSError as error:
        raise SettingError(
            f"'{file}' cannot be written: {error.strerror}. mockserver record --from "
            f"{get_folder(file)} writes another file."
        ) from None
    else:
        print_recorded(recorded, file)
    remove_recorded(file)


def _announce(settings: Settings, reach: str, url: str, authority: Path | None) -> None:
    begin_collection()
    from mockserver import apis

    served = apis.load(settings.only).values()
    width = max(len(api.name) for api in served)
    click.echo(f"Mockserver {__version__} listens on {url}, scenario '{settings.scenario}'.")
    upstreams = dict(upstream.split("=", 1) for upstream in settings.upstream)
    for api in served:
        click.echo(f"  {api.name:{width}}  {url}/__mock__/docs/{api.name}")
        if upstream := upstreams.get(api.name):
            click.echo(f"  {'':{width}}  forwarded to {upstream}")
        if api.unhandled:
            names = [operation.id for operation in api.unhandled]
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            shown = ", ".join(names[:_MOST_NAMED])
            click.echo(f"  {'':{width}}  without a handler, made of the contract: {shown}{more}")
    if authority:
        click.echo(f"Clients must trust '{authority}', for example by SSL_CERT_FILE.")
    click.echo("Ctrl-C stops it.")
    if reach:
        click.echo(_WARNINGS[settings.admin_token is not None].format(reach=reach), err=True)
    sys.stdout.flush()
