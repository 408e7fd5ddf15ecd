"""The options that `check`, `verify` and `diff` share, and how options become a dataclass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

# Not imported from the kit, because `diff` of two snapshots does not need it.
PHASES = ("examples", "cases", "generated", "workflows", "boundaries")
"""The phases of a check."""

API = click.option(
    "--api", "apis", multiple=True, metavar="API", help="Only this API; can be given several times."
)
PHASE = click.option(
    "--phase",
    "phases",
    multiple=True,
    type=click.Choice(PHASES),
    help="Only this phase; can be given several times.",
)

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def add_targets_option(help: str) -> Decorator:
    """Add the option that names a targets file."""
    type_ = click.Path(path_type=Path)
    return click.option("--targets", "targets_file", type=type_, metavar="FILE", help=help)


def bundle_options(name: str, type_: type[Any], *options: Decorator) -> Decorator:
    """Add options to a command, and pass their values as one argument, a dataclass of that type."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **values: Any) -> Any:
            own = {field.name: values.pop(field.name) for field in fields(type_)}
            return function(*args, **values, **{name: type_(**own)})

        command: Callable[..., Any] = run
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@dataclass(frozen=True)
class ValidationOptions:
    """Which findings are failures, and where reports are written."""

    evidence: str | None
    is_strict: bool
    baseline: Path | None
    reports: tuple[str, ...]


add_validation_options = bundle_options(
    "validation",
    ValidationOptions,
    click.option(
        "--evidence",
        type=click.Choice(["documented", "assumed"]),
        help="With 'assumed', a breach of what a contract only assumes is a failure too.",
    ),
    click.option(
        "--strict",
        "is_strict",
        is_flag=True,
        help="An undocumented property or header is a failure too.",
    ),
    click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Accepted findings, each with a reason and a day on which it expires.",
    ),
    click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="KIND=FILE",
        help="Write a report, such as junit=report.xml; of several deployments, one file each.",
    ),
)
