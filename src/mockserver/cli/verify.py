"""`mockserver verify`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import click

from mockserver import apis as packages
from mockserver.check.target.target import Target, find_url_fault
from mockserver.check.traffic.recording import read_calls
from mockserver.check.traffic.verification import VerificationOptions
from mockserver.check.traffic.verification import verify as verify_recordings
from mockserver.check.validation.baseline import Baseline, read_baseline
from mockserver.check.validation.finding import Severity
from mockserver.cli.command import Command
from mockserver.cli.options import (
    API,
    ValidationOptions,
    add_validation_options,
    bundle_options,
)
from mockserver.cli.output import escape
from mockserver.cli.targets import prepare_reports, print_verdicts
from mockserver.clock import parse_moment
from mockserver.errors import SettingError


@dataclass(frozen=True)
class RecordingOptions:
    """Which recordings are verified, and what of them."""

    files: tuple[Path, ...]
    apis: tuple[str, ...]
    urls: tuple[str, ...]
    freeze_at: str | None


@click.command(cls=Command, example="mockserver verify trace.har --report junit=verify.xml")
@bundle_options(
    "options",
    RecordingOptions,
    click.argument(
        "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
    ),
    API,
    click.option(
        "--url",
        "urls",
        multiple=True,
        metavar="URL",
        help="Only calls of this deployment, and all of them below the base path of an API; can be "
        "given several times.",
    ),
    click.option(
        "--freeze-at",
        metavar="MOMENT",
        help="The moment at which the deployment's clock was frozen, as a mock's can be; without "
        "it, the clock of the recording.",
    ),
)
@add_validation_options
@click.pass_context
def verify(
    context: click.Context, /, options: RecordingOptions, validation: ValidationOptions
) -> None:
    """Verify recorded traffic against the contracts.

    A FILE is a HAR, as the developer tools of Chrome and Firefox or Playwright save it; for
    Playwright's, also one in a zip.

    The exit code is 0 for pass, 1 for fail or inconclusive, 2 if there is nothing to validate.
    """
    how = _read_options(options, validation)
    prepare_reports(validation.reports, [Target("", "")])  # raises before anything is read
    calls = chain.from_iterable(read_calls(path) for path in options.files)
    verification = verify_recordings(calls, list(packages.load().values()), how)
    reports = prepare_reports(validation.reports, [target for target, _ in verification.verdicts])
    for target, verdicts in verification.verdicts:
        print_verdicts(target.url, verdicts, target)
        for report in reports:
            report.write(verdicts, target)
    for note in verification.notes:
        click.echo(escape(f"note: {note}"))
    is_pass = all(it.passed for _, verdicts in verification.verdicts for it in verdicts)
    context.exit(0 if is_pass else 1)


def _read_options(options: RecordingOptions, validation: ValidationOptions) -> VerificationOptions:
    packages.load(options.apis)  # raises for an unknown name
    for url in options.urls:
        if fault := find_url_fault(url):
            # What is before the `@` may be a password.
            raise SettingError(f"--url: '{url.rpartition('@')[2]}' cannot be used: {fault}.")
    return VerificationOptions(
        apis=options.apis,
        urls=options.urls,
        frozen=None if options.freeze_at is None else parse_moment(options.freeze_at),
        severity=Severity(validation.evidence == "assumed", validation.is_strict),
        baseline=read_baseline(validation.baseline) if validation.baseline else Baseline(),
    )
