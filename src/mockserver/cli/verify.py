"""`mockserver verify`: hold recorded traffic against the contracts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.command import Command
from mockserver.cli.text import shown
from mockserver.errors import SettingError

if TYPE_CHECKING:
    from mockserver.check.target.target import Target
    from mockserver.check.traffic.verification import VerificationOptions
    from mockserver.check.validation.verdict import Verdict

__all__ = ["verify"]


@click.command(cls=Command, example="mockserver verify trace.har --report junit=verify.xml")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option("--api", "apis", multiple=True, metavar="API", help="Only this API; several times.")
@click.option(
    "--url",
    "urls",
    multiple=True,
    metavar="URL",
    help="Only what was asked of this deployment, and all of it that is below an API's base.",
)
@click.option(
    "--freeze-at",
    metavar="MOMENT",
    help="Where the deployment's clock stood, as that of a mock may; that of the recorder without.",
)
@click.option(
    "--evidence",
    type=click.Choice(["documented", "assumed"]),
    default="documented",
    show_default=True,
    help="With 'assumed', what is assumed is a failure as well.",
)
@click.option("--strict", is_flag=True, help="A property or header too many is a failure as well.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Accepted findings, each with a reason and a day on which it expires.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="KIND=FILE",
    help="Write a report, such as junit=verify.xml; of several deployments, one file each.",
)
@click.pass_context
def verify(context: click.Context, /, **given: Any) -> None:
    """Hold recorded traffic against the contracts.

    A FILE is a HAR, as the developer tools of Chrome and Firefox save it, or Playwright; of the
    latter also one in a zip.

    Ends with 0 when all is good, with 1 when something is not or proves nothing, with 2 when there
    is nothing to judge.
    """
    from mockserver import apis
    from mockserver.check.traffic.recording import read_calls
    from mockserver.check.traffic.verification import verify as verify_recordings
    from mockserver.cli.report_files import read_reports

    how = _reading(given)
    read_reports(given["reports"], [_anywhere()])  # says what is wrong before anything is read
    recordings = [read_calls(path) for path in given["files"]]
    verified = verify_recordings(recordings, list(apis.load().values()), how)
    reports = read_reports(given["reports"], [target for target, _ in verified.verdicts])
    for target, verdicts in verified.verdicts:
        _print(target, verdicts)
        for report in reports:
            report.write(verdicts, target)
    for note in verified.notes:
        click.echo(shown(f"note: {note}"))
    every = [one for _, verdicts in verified.verdicts for one in verdicts]
    context.exit(0 if all(verdict.passed for verdict in every) else 1)


def _reading(given: dict[str, Any]) -> VerificationOptions:
    from mockserver import apis
    from mockserver.check.target.target import find_url_fault
    from mockserver.check.traffic.verification import VerificationOptions
    from mockserver.check.validation.baseline import Baseline, read_baseline
    from mockserver.check.validation.finding import Severity
    from mockserver.clock import parse_moment

    apis.load(given["apis"])  # says which there is not
    for url in given["urls"]:
        if fault := find_url_fault(url):
            # What is before the `@` may be a password.
            raise SettingError(f"--url: '{url.rpartition('@')[2]}' cannot be used: {fault}.")
    moment, path = given["freeze_at"], given["baseline"]
    return VerificationOptions(
        apis=given["apis"],
        urls=given["urls"],
        frozen=None if moment is None else parse_moment(moment),
        severity=Severity(given["evidence"] == "assumed", given["strict"]),
        baseline=Baseline() if path is None else read_baseline(path),
    )


def _anywhere() -> Target:
    from mockserver.check.target.target import Target

    return Target("", "")


def _print(target: Target, verdicts: Sequence[Verdict]) -> None:
    from mockserver.check.reports.text import format_verdict

    click.echo(shown(f"{target.url}:"))
    for verdict in verdicts:
        for line in format_verdict(verdict, target, target.mask):
            click.echo(shown(line))
