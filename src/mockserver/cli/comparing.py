"""The half of `mockserver diff` that compares two deployments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver.cli.text import indented, shown
from mockserver.errors import MockserverError, SettingError

if TYPE_CHECKING:
    from mockserver.api import Api
    from mockserver.check.comparison.comparison import Comparison
    from mockserver.check.runner import Plan
    from mockserver.check.target.target import Target

__all__ = ["PHASES", "Wanted", "compare_deployments", "means_deployments"]

PHASES = ("examples", "cases", "generated", "invariants", "boundaries")
"""What can be sent to deployments."""

_ALIKE, _DIFFERENT, _NOT_JUDGED = 0, 1, 2


@dataclass(frozen=True)
class Wanted:
    """What is to be compared of two deployments, and how it is to be said.

    `apis` and `phases` are all where none is named; `timeout` is in seconds, None for that of each
    target; `limit` is how many differences of an API are shown.
    """

    file: Path | None = None
    apis: Sequence[str] = ()
    phases: Sequence[str] = ()
    timeout: float | None = None
    limit: int = 100
    is_json: bool = False


def means_deployments(words: Iterable[str | None], file: Path | None) -> bool:
    """Whether the words are deployments: one is a URL, or a file of targets is named."""
    return file is not None or any("://" in word for word in words if word)


def compare_deployments(a: str | None, b: str | None, wanted: Wanted) -> int:
    """Compare them and print how they differ; the exit code that it means.

    Raises SettingError for what makes no sense.
    """
    from mockserver.cli.targeting import find_target

    if a is None or b is None:
        raise SettingError(
            "Two deployments are compared: name both, as in "
            "'mockserver diff https://staging.example http://127.0.0.1:4010'."
        )
    targets = find_target(a, wanted.file), find_target(b, wanted.file)
    if wanted.timeout is not None:
        timeout = wanted.timeout
        targets = replace(targets[0], timeout=timeout), replace(targets[1], timeout=timeout)
    return _compared(*targets, wanted)


def _compared(a: Target, b: Target, wanted: Wanted) -> int:
    try:
        from mockserver.check.comparison.comparison import compare
        from mockserver.check.comparison.reports import ComparisonReport
    except ModuleNotFoundError as error:
        raise SettingError(
            f"'{error.name}' is not installed; pip install 'mockserver-kit[check]' brings it."
        ) from error
    found: list[Comparison] = []
    sentence, report = "", ComparisonReport(a, b, wanted.limit)
    try:
        for comparison in compare(a, b, _served(a, b, wanted), _plan(a, b, wanted), _progress):
            found.append(comparison)
            for line in () if wanted.is_json else report.format_lines(comparison):
                click.echo(shown(line))
    except MockserverError as error:
        sentence = b.mask.text(a.mask.text(str(error)))
    if wanted.is_json and not sentence:
        click.echo(indented(report.make_document(found)).encode("utf-8", "backslashreplace"))
    if sentence:
        click.echo(f"mockserver: {shown(sentence)}", err=True)
    return _NOT_JUDGED if sentence else _code(found)


def _code(found: Sequence[Comparison]) -> int:
    if any(comparison.inconclusive for comparison in found):
        return _NOT_JUDGED
    return _ALIKE if all(comparison.is_equal for comparison in found) else _DIFFERENT


def _served(a: Target, b: Target, wanted: Wanted) -> list[Api]:
    """The APIs that both serve, or those of them that are asked for."""
    from mockserver import apis

    served = [name for name in apis.names() if all(name in (it.apis or [name]) for it in (a, b))]
    for name in apis.load(wanted.apis) if wanted.apis else ():
        if name not in served:
            raise SettingError(f"'{name}' is not an API that both '{a.name}' and '{b.name}' serve.")
    if not served:
        raise SettingError(f"There is no API that both '{a.name}' and '{b.name}' serve.")
    return list(apis.load(wanted.apis or served).values())


def _plan(a: Target, b: Target, wanted: Wanted) -> Plan:
    from mockserver.check.comparison.comparison import PHASES
    from mockserver.check.runner import Plan
    from mockserver.check.validation.finding import Severity

    is_binding = "assumed" in (a.evidence, b.evidence)
    return Plan(frozenset(wanted.phases or PHASES), severity=Severity(is_binding))


def _progress(api: str, phase: str) -> None:
    click.echo(f"{api}: {phase} …", err=True)
