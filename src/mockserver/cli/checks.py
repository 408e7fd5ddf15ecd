"""`mockserver checks`: the checks that a server runs, and their history."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from mockserver.cli.check import API, MOST_WORKERS, OPERATION, PHASE
from mockserver.cli.command import Group
from mockserver.cli.output import format_duration
from mockserver.cli.remote import Columns, Remote, pass_remote, read_input
from mockserver.client import CheckRun, CheckStage
from mockserver.errors import ClientError

_CODES = {"passed": 0, "failed": 1, "inconclusive": 1, "stopped": 1}
"""The exit code for the state in which a run ended; 2 for the others."""


@click.group(
    cls=Group,
    default="list",
    subcommand_metavar="[COMMAND [ARGS]...]",
    example="mockserver checks",
)
def checks() -> None:
    """Run checks on a server; list and keep their reports.

    `mockserver checks` is short for `mockserver checks list`. A run does what `mockserver check`
    does, in a process that the server starts.
    """


@checks.command(name="list", example="mockserver checks list")
@pass_remote
def list_checks(remote: Remote) -> None:
    """List the runs, the newest first."""
    runs = remote.client.checks.list()
    columns: Columns = {
        "Id": "id",
        "Began": "started_at",
        "Target": "target",
        "APIs": lambda run: ", ".join(run.apis),
        "State": _format_state,
        "Requests": lambda run: sum(it.requests for it in run.summary or run.progress),
        "Failures": lambda run: sum(it.failures for it in run.summary),
    }
    remote.print_table({"checks": [run.json for run in runs]}, runs, columns)


@checks.command(example="mockserver checks targets")
@pass_remote
def targets(remote: Remote) -> None:
    """List the targets that the server can check besides itself."""
    found = remote.client.checks.list_targets()
    columns: Columns = {
        "Target": "name",
        "URL": "url",
        "APIs": lambda target: ", ".join(target.apis),
        "Writes": lambda target: "allowed" if target.allow_writes else "",
    }
    remote.print_table({"targets": [target.json for target in found]}, found, columns)


@checks.command(example="mockserver checks start --api API --phase examples --quick --follow")
@click.argument("target", required=False)
@API
@OPERATION
@PHASE
@click.option("--quick", is_flag=True, help="Send fewer requests.")
@click.option(
    "--seed", type=click.IntRange(0), metavar="NUMBER", help="The seed of the generated requests."
)
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    metavar="NUMBER",
    help="How many requests that only read are sent at a time.",
)
@click.option("--follow", "-f", "follows", is_flag=True, help="Follow the run until its end.")
@pass_remote
def start(remote: Remote, target: str | None, *, follows: bool, **options: Any) -> None:
    """Start a check of a target, or of the server itself.

    A TARGET is a name in the targets file of the server.

    With --follow, the exit code is 0 for passed, 1 for failed, inconclusive or stopped, and 2 for
    interrupted or error.
    """
    run = remote.client.checks.start(target, **options)
    if follows:
        _follow(remote, run.id)
        return
    remote.print(f"Check {run.id} of {run.target} has begun.", run.json)


@checks.command(example="mockserver checks follow 7")
@click.argument("id", type=click.IntRange(1))
@pass_remote
def follow(remote: Remote, id: int) -> None:
    """Follow a run until its end.

    The exit code is that of `start --follow`.
    """
    _follow(remote, id)


@checks.command(example="mockserver checks show 7")
@click.argument("id", type=click.IntRange(1))
@pass_remote
def show(remote: Remote, id: int) -> None:
    """Print a run: its phases, and the verdict on each API."""
    run = remote.client.checks.get(id)
    lines = [f"{run.target}, {run.url}:", *map(_format_stage, run.progress), *_format_end(run)]
    remote.print("\n".join(lines), run.json)


@checks.command(example="mockserver checks report 7 check.json")
@click.argument("id", type=click.IntRange(1))
@click.argument("output", required=False, type=click.Path(path_type=Path))
@pass_remote
def report(remote: Remote, id: int, output: Path | None) -> None:
    """Print the report of a run as JSON, or write it to a file."""
    content = remote.client.checks.get_report(id)
    if output is None:
        click.echo(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise ClientError(f"'{output}' cannot be written: {error.strerror}.") from None
    remote.print(f"The report of check {id} is in '{output}'.")


@checks.command(example="mockserver checks keep check.json")
@click.argument("file", metavar="FILE|-")
@pass_remote
def keep(remote: Remote, file: str) -> None:
    """Keep a report in the history.

    It is a file that `mockserver check --report json=FILE` has written.
    """
    run = remote.client.checks.keep_report(read_input(file))
    remote.print(f"The report is kept as check {run.id}: {run.target}, {run.state}.", run.json)


@checks.command(example="mockserver checks stop 7")
@click.argument("id", type=click.IntRange(1))
@pass_remote
def stop(remote: Remote, id: int) -> None:
    """Stop a run; it reports what it has found until then."""
    run = remote.client.checks.stop(id)
    sentence = "is stopping" if run.is_running else f"has ended: {run.state}"
    remote.print(f"Check {id} {sentence}.", run.json)


@checks.command(example="mockserver checks delete 7")
@click.argument("id", type=click.IntRange(1))
@pass_remote
def delete(remote: Remote, id: int) -> None:
    """Delete a run that has ended, and its report."""
    remote.client.checks.delete(id)
    remote.print(f"Check {id} is deleted.")


def _follow(remote: Remote, id: int) -> None:
    """Print each phase when it ends, and the verdicts; exits with the code of the state."""
    printed: set[tuple[str, str]] = set()
    for run in remote.client.checks.follow(id):
        ended = [it for it in run.progress if it.state in ("done", "stopped")]
        new = [it for it in ended if (it.api, it.phase) not in printed]
        printed |= {(it.api, it.phase) for it in new}
        if new:
            remote.print("\n".join(map(_format_stage, new)))
    remote.print("\n".join(_format_end(run)), run.json)
    click.get_current_context().exit(_CODES.get(run.state, 2))


def _format_state(run: CheckRun) -> str:
    return "stopping" if run.stopping else run.state


def _format_stage(stage: CheckStage) -> str:
    if stage.state == "waits":
        return f"{stage.api}: {stage.phase}: waits"
    state = "" if stage.state == "done" else f", {stage.state}"
    return (
        f"{stage.api}: {stage.phase}: {stage.requests} requests, {stage.findings} findings in "
        f"{stage.seconds:.1f} seconds{state}"
    )


def _format_end(run: CheckRun) -> Iterable[str]:
    for it in run.summary:
        reason = f": {it.reason}" if it.reason else ""
        yield (
            f"{it.api}: {it.verdict}: {it.requests} requests, {it.failures} failures, "
            f"{it.warnings} warnings, {it.accepted} accepted, {it.seconds:.1f} seconds{reason}"
        )
    took = ""
    if run.ended_at and run.source == "run":
        took = f" after {format_duration((run.ended_at - run.started_at).total_seconds())}"
    yield f"Check {run.id}: {_format_state(run)}{took}"
    if run.error:
        yield run.error
