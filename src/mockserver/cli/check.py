"""`mockserver check`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

import click

from mockserver import apis
from mockserver.check import runner
from mockserver.check.reports.text import format_summary
from mockserver.check.runner import Plan
from mockserver.check.target.loader import build_schema
from mockserver.check.target.target import Target
from mockserver.check.validation.baseline import Baseline, read_baseline
from mockserver.check.validation.finding import Severity
from mockserver.check.validation.verdict import Verdict
from mockserver.cli.command import Command
from mockserver.cli.options import (
    API,
    PHASE,
    PHASES,
    ValidationOptions,
    add_targets_option,
    add_validation_options,
    bundle_options,
)
from mockserver.cli.output import escape, format_json
from mockserver.cli.progress import show_progress
from mockserver.cli.targets import (
    TargetOverrides,
    find_all_targets,
    find_target,
    prepare_reports,
    print_verdicts,
)
from mockserver.errors import MockserverError, SettingError

_PASS, _FAIL, _NOT_VALIDATED, _INTERRUPTED = 0, 1, 2, 130


class _Number(click.FloatRange):
    """A finite number; `nan` is in no range, but click accepts it."""

    def convert(self, value: Any, parameter: Any, context: Any) -> Any:
        number = super().convert(value, parameter, context)
        if not isfinite(number):
            self.fail(f"'{value}' is not a number.", parameter, context)
        return number


@dataclass(frozen=True)
class CheckOptions:
    """Which targets are checked, and how."""

    names: tuple[str, ...]
    is_all: bool
    targets_file: Path | None
    phases: tuple[str, ...]
    is_quick: bool
    is_plain: bool
    seed: int


def _print_schema(context: click.Context, _: click.Parameter, is_given: bool) -> None:
    if is_given:
        click.echo(format_json(build_schema()))
        context.exit()


@click.command(cls=Command, example="mockserver check http://127.0.0.1:4010 --quick")
@bundle_options(
    "options",
    CheckOptions,
    click.argument("names", nargs=-1, metavar="[TARGET]..."),
    click.option("--all", "is_all", is_flag=True, help="Check all targets of the targets file."),
    add_targets_option("The targets file; without it, 'targets.yaml' in this folder."),
    PHASE,
    click.option("--quick", "is_quick", is_flag=True, help="Generate fewer requests."),
    click.option(
        "--plain", "is_plain", is_flag=True, help="Print plain lines on a terminal, as in CI."
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=20250821,
        show_default=True,
        help="The seed of the generated requests; the same seed generates the same requests.",
    ),
)
@bundle_options(
    "overrides",
    TargetOverrides,
    API,
    click.option(
        "--credential",
        "credentials",
        multiple=True,
        metavar="API=VARIABLE",
        help="The environment variable that has the credential of an API.",
    ),
    click.option(
        "--id",
        "ids",
        multiple=True,
        metavar="API.NAME=VALUE",
        help="An id that the deployment has, such as that of an ended session.",
    ),
    click.option(
        "--allow-writes/--no-allow-writes",
        default=None,
        help="Whether unsafe methods are sent to a real deployment.",
    ),
    click.option(
        "--rate",
        type=_Number(min=0),
        metavar="NUMBER",
        help="The largest number of requests a second; without it 0, for no limit.",
    ),
    click.option(
        "--timeout",
        type=_Number(min=0),
        metavar="SECONDS",
        help="How long a response may take; without it 10, and 0 for no limit.",
    ),
    click.option(
        "--time-limit",
        type=_Number(min=0),
        metavar="SECONDS",
        help="How long the whole run may take; without it 0, for no limit.",
    ),
)
@add_validation_options
@click.option(
    "--targets-schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of targets files, nothing else.",
)
@click.pass_context
def check(
    context: click.Context,
    /,
    options: CheckOptions,
    overrides: TargetOverrides,
    validation: ValidationOptions,
) -> None:
    """Check deployments against the contracts.

    A TARGET is a URL, or a name in the targets file. An option goes before what the file says about
    the target.

    The exit code is 0 for pass, 1 for fail or inconclusive, 2 if a target could not be validated,
    130 after Ctrl-C; reports then have what was found before.
    """
    if options.is_all == bool(options.names):
        raise SettingError(
            "Say what to check: one TARGET or several, each a URL or a name in the targets file, "
            "or --all for every target of it."
        )
    for name in options.names:
        if options.names.count(name) > 1:
            raise SettingError(f"The target '{name}' is given twice; once is enough.")
    targets = [_prepare_target(it, overrides, validation) for it in _find_targets(options)]
    baseline = read_baseline(validation.baseline) if validation.baseline else Baseline()
    plan = Plan(
        phases=frozenset(options.phases or PHASES),
        seed=options.seed,
        is_quick=options.is_quick,
        baseline=baseline,
    )
    reports = prepare_reports(validation.reports, targets)
    code, verdicts = _PASS, []
    for target in targets:
        severity = Severity(target.evidence == "assumed", validation.is_strict)
        reached, target_code = _check_target(
            target, replace(plan, severity=severity), is_plain=options.is_plain
        )
        verdicts += reached
        code = max(code, target_code)
        for report in reports:
            report.write(reached, target)
        if target_code == _INTERRUPTED:
            break
    is_truncated = any(verdict.results and verdict.results.truncated for verdict in verdicts)
    if code < _NOT_VALIDATED and plan.is_whole and not is_truncated:
        _print_unneeded(baseline, verdicts)
    context.exit(code)


def _find_targets(options: CheckOptions) -> list[Target]:
    if options.is_all:
        return find_all_targets(options.targets_file)
    return [find_target(name, options.targets_file) for name in options.names]


def _prepare_target(
    target: Target, overrides: TargetOverrides, validation: ValidationOptions
) -> Target:
    """The target with what the options change in it, and its secrets."""
    changed = overrides.apply(target)
    return replace(changed, evidence=validation.evidence or changed.evidence).with_secrets()


def _check_target(target: Target, plan: Plan, *, is_plain: bool) -> tuple[list[Verdict], int]:
    """Print and return the verdicts on the APIs of a target, and the exit code for them."""
    verdicts: list[Verdict] = []
    served = apis.load(target.apis)
    title = target.url if target.name == target.url else f"{target.name}, {target.url}"
    phases = [phase for phase in PHASES if phase in plan.phases]
    message = ""
    try:
        with show_progress(title, served, phases, is_plain=is_plain) as progress:
            verdicts.extend(runner.check(target, served.values(), plan, progress))
        code = _PASS if all(verdict.passed for verdict in verdicts) else _FAIL
    except MockserverError as error:
        code, message = _NOT_VALIDATED, target.mask.text(str(error))
        verdicts.append(Verdict(list(served)[len(verdicts)], inconclusive=(message,)))
    except KeyboardInterrupt:
        code, message = _INTERRUPTED, "Interrupted; the verdict is on what there was so far."
    lines = print_verdicts(title, verdicts, target)
    if lines > len(verdicts) > 1:
        click.echo("In short:")
        for verdict in verdicts:
            click.echo(f"{verdict.api}: {format_summary(verdict)}")
    if message:
        click.echo(f"mockserver: {escape(message)}", err=True)
    return verdicts, code


def _print_unneeded(baseline: Baseline, verdicts: Sequence[Verdict]) -> None:
    found = [fingerprint for verdict in verdicts for fingerprint in verdict.fingerprints]
    for fingerprint in baseline.unneeded(found, {verdict.api for verdict in verdicts}):
        click.echo(f"no longer needed in the baseline, since it was not found: {fingerprint}")
