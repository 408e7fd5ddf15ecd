"""The comparison of two deployments by `mockserver diff`; it needs the extra `check`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import click

from mockserver import apis
from mockserver.api import Api
from mockserver.check.comparison.comparison import PHASES, Comparison, compare
from mockserver.check.comparison.reports import ComparisonReport
from mockserver.check.runner import Plan
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Severity
from mockserver.cli.output import escape, print_json
from mockserver.cli.targets import find_target
from mockserver.errors import MockserverError, SettingError

_EQUAL, _DIFFERENT, _NOT_VALIDATED = 0, 1, 2


@dataclass(frozen=True)
class ComparisonOptions:
    """What is compared of two deployments, and how it is printed.

    Without `apis`, all that both serve. Without `timeout`, in seconds, each target's own.
    At most `limit` differences of an API are printed.
    """

    targets_file: Path | None
    apis: tuple[str, ...]
    phases: tuple[str, ...]
    timeout: float | None
    limit: int
    is_json: bool


def compare_deployments(a: str | None, b: str | None, options: ComparisonOptions) -> int:
    """Compare two deployments, print their differences, and return the exit code.

    Raises SettingError.
    """
    if a is None or b is None:
        raise SettingError(
            "Two deployments are compared: name both, as in "
            "'mockserver diff https://staging.example http://127.0.0.1:4010'."
        )
    first, second = _find_target(a, options), _find_target(b, options)
    report = ComparisonReport(first, second, options.limit)
    severity = Severity("assumed" in (first.evidence, second.evidence))
    plan = Plan(frozenset(options.phases or PHASES), severity=severity)
    comparisons: list[Comparison] = []
    try:
        for comparison in compare(
            first, second, _load_apis(first, second, options), plan, _print_progress
        ):
            comparisons.append(comparison)
            for line in () if options.is_json else report.format_lines(comparison):
                click.echo(escape(line))
    except MockserverError as error:
        message = second.mask.text(first.mask.text(str(error)))
        click.echo(f"mockserver: {escape(message)}", err=True)
        return _NOT_VALIDATED
    if options.is_json:
        print_json(report.make_document(comparisons))
    if any(comparison.inconclusive for comparison in comparisons):
        return _NOT_VALIDATED
    return _EQUAL if all(comparison.is_equal for comparison in comparisons) else _DIFFERENT


def _find_target(text: str, options: ComparisonOptions) -> Target:
    target = find_target(text, options.targets_file).with_secrets()
    return target if options.timeout is None else replace(target, timeout=options.timeout)


def _load_apis(a: Target, b: Target, options: ComparisonOptions) -> list[Api]:
    """The APIs that both serve, or those of them that the options name."""
    served = [name for name in apis.names() if all(name in (it.apis or [name]) for it in (a, b))]
    for name in apis.load(options.apis) if options.apis else ():
        if name not in served:
            raise SettingError(f"'{name}' is not an API that both '{a.name}' and '{b.name}' serve.")
    if not served:
        raise SettingError(f"There is no API that both '{a.name}' and '{b.name}' serve.")
    return list(apis.load(options.apis or served).values())


def _print_progress(api: str, phase: str) -> None:
    click.echo(f"{api}: {phase} …", err=True)
