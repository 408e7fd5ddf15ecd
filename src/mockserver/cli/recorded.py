"""The body of `mockserver record`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from mockserver import apis
from mockserver.cli.output import escape, print_table
from mockserver.clock import format_moment, machine_now
from mockserver.errors import SettingError
from mockserver.files import replace_file
from mockserver.moment import resolve_moment
from mockserver.recorder import RecordedScenario, RecordingOptions, format_exchanges, record_traffic


def record(
    sources: Sequence[Path],
    output: Path,
    names: Sequence[str],
    urls: Sequence[str],
    sandbox: str,
    freeze_at: str | None,
    *,
    keeps_personal_data: bool,
) -> None:
    """Write a scenario, and print what it has. Raises SettingError, HarError, NothingRecorded."""
    if output.suffix not in (".yaml", ".yml"):
        raise SettingError(f"'{output}' is no name of a scenario; let it end with .yaml.")
    if output.exists():
        raise SettingError(f"'{output}' exists, and may have been edited; name another file.")
    options = RecordingOptions(
        name=output.stem,
        source=" and ".join(path.name for path in sources),
        sandbox=sandbox,
        frozen=None if freeze_at is None else resolve_moment(freeze_at, machine_now()),
        keeps_personal_data=keeps_personal_data,
    )
    recorded = record_traffic(sources, apis.load(names), options, urls)
    try:
        with replace_file(output) as file:
            file.write(recorded.text.encode())
    except OSError as error:
        raise SettingError(f"'{output}' cannot be written: {error.strerror}.") from None
    print_recorded(recorded, output)


def print_recorded(recorded: RecordedScenario, output: Path) -> None:
    """Print what a scenario has, and what was not used for it."""
    counts = [
        (api, kind, str(count)) for api, it in recorded.counts.items() for kind, count in it.items()
    ]
    print_table(["API", "Kind", "Documents"], counts)
    click.echo(
        f"{format_exchanges(recorded.used)} with the sandbox '{recorded.sandbox}', up to "
        f"{format_moment(recorded.now)} by its clock; {recorded.replaced} personal values replaced"
    )
    for reason, count in recorded.left_out.items():
        click.echo(escape(f"  not used: {reason}: {count}"))
    for sentence in recorded.replay.sentences:
        click.echo(escape(f"  {sentence}"))
    click.echo(f"'{output}' is written; mockserver load {output} loads it.")
