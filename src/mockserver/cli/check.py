"""The options of `mockserver check` and `verify`; both run in `runs`, which is imported then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from mockserver.cli.command import Command, load_body

# Neither is imported from where it is defined, because `diff` of two snapshots does not need it.
PHASES = ("examples", "cases", "generated", "workflows", "boundaries")
"""The phases of a check."""

MOST_WORKERS = 64

EVIDENCE = ("documented", "example", "related", "assumed")
"""The values of `x-evidence`, the strongest first."""

API = click.option(
    "--api", "apis", multiple=True, metavar="API", help="Only this API; can be given several times."
)
DEPLOYMENT = click.option(
    "--url",
    "urls",
    multiple=True,
    metavar="URL",
    help="Only calls of this deployment, all of those below the base path of an API; can be "
    "given several times.",
)
OPERATION = click.option(
    "--operation",
    "operations",
    multiple=True,
    metavar="ID",
    help="Only this operation, by operationId or as API.ID; can be given several times.",
)
EXCLUDE = click.option(
    "--exclude",
    "excluded",
    multiple=True,
    metavar="ID",
    help="Neither request nor validate this operation; can be given several times.",
)
PHASE = click.option(
    "--phase",
    "phases",
    multiple=True,
    type=click.Choice(PHASES),
    help="Only this phase; can be given several times.",
)

_VALIDATION = (
    click.option(
        "--evidence",
        type=click.Choice(EVIDENCE),
        help="The weakest evidence whose violation fails; what is weaker is a warning [example].",
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
        help="A file of accepted findings, each with a reason and an expiry date.",
    ),
    click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="KIND=FILE",
        help="Write a report, such as junit=report.xml; of several deployments, one file each.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class ValidationOptions:
    """Which operations are validated, which findings are failures, where reports are written."""

    evidence: str | None = None
    is_strict: bool = False
    baseline: Path | None = None
    reports: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckOptions(ValidationOptions):
    """Which targets are checked, and how; None is what the targets file says of a target."""

    names: tuple[str, ...] = ()
    is_all: bool = False
    targets_file: Path | None = None
    phases: tuple[str, ...] = ()
    is_quick: bool = False
    is_plain: bool = False
    seed: int = 0
    apis: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    allow_writes: bool | None = None
    rate: float | None = None
    timeout: float | None = None
    time_limit: float | None = None
    workers: int | None = None
    write_baseline: Path | None = None
    is_discovery: bool = False


@dataclass(frozen=True, kw_only=True)
class VerifyOptions(ValidationOptions):
    """Which recordings are verified, and what of them."""

    files: tuple[Path, ...]
    apis: tuple[str, ...]
    urls: tuple[str, ...]
    freeze_at: str | None
    sanitize: Path | None


class DiffOptions(Struct, frozen=True, kw_only=True):
    """What is compared of two deployments, and how it is printed.

    Without `apis`, all that both serve. Without `timeout`, in seconds, each target's own.
    At most `limit` differences of an API are printed.
    """

    targets_file: Path | None
    apis: tuple[str, ...]
    operations: tuple[str, ...]
    excluded: tuple[str, ...]
    phases: tuple[str, ...]
    timeout: float | None
    limit: int
    is_json: bool


def add_targets_option(help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the option that names a targets file."""
    type_ = click.Path(path_type=Path)
    return click.option("--targets", "targets_file", type=type_, metavar="FILE", help=help)


def _add_validation_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_VALIDATION):
        command = option(command)
    return command


class _Number(click.FloatRange):
    """A finite number; `nan` is in no range, but click accepts it."""

    def convert(self, value: Any, parameter: Any, context: Any) -> Any:
        number = super().convert(value, parameter, context)
        if not isfinite(number):
            self.fail(f"'{value}' is not a number.", parameter, context)
        return number


@click.command(cls=Command, example="mockserver check http://127.0.0.1:4010 --quick")
@click.argument("names", nargs=-1, metavar="[TARGET]...")
@click.option("--all", "is_all", is_flag=True, help="Check all targets of the targets file.")
@add_targets_option("The targets file; without it, 'targets.yaml' in this folder.")
@PHASE
@click.option("--quick", "is_quick", is_flag=True, help="Send fewer requests.")
@click.option(
    "--plain", "is_plain", is_flag=True, help="Print plain lines instead of a table, as in CI."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=20250821,
    show_default=True,
    help="The seed of the generated requests; the same seed generates the same requests.",
)
@API
@OPERATION
@EXCLUDE
@click.option(
    "--credential",
    "credentials",
    multiple=True,
    metavar="API=VARIABLE",
    help="The environment variable that has the credential of an API.",
)
@click.option(
    "--id",
    "ids",
    multiple=True,
    metavar="API.NAME=VALUE",
    help="An id that exists on the deployment, such as that of an ended session.",
)
@click.option(
    "--allow-writes/--no-allow-writes",
    default=None,
    help="Whether unsafe methods are sent to a real deployment.",
)
@click.option(
    "--rate",
    type=_Number(min=0),
    metavar="NUMBER",
    help="The largest number of requests per second; 0, the default, for no limit.",
)
@click.option(
    "--timeout",
    type=_Number(min=0),
    metavar="SECONDS",
    help="The timeout of a request; 10 by default, and 0 for no limit.",
)
@click.option(
    "--time-limit",
    type=_Number(min=0),
    metavar="SECONDS",
    help="The largest duration of the run; 0, the default, for no limit.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    metavar="NUMBER",
    help="How many requests that only read are sent at a time [1]; what is found is the same.",
)
@_add_validation_options
@click.option(
    "--write-baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the findings of this run as a baseline; the reasons of a file there are kept.",
)
@click.option(
    "--discover",
    "is_discovery",
    is_flag=True,
    help="Look for ids in the lists of the target, by safe requests, and print them for the "
    "targets file; nothing is checked.",
)
@click.option(
    "--targets-schema",
    "prints_schema",
    is_flag=True,
    help="Print the JSON Schema of targets files, nothing else.",
)
@click.pass_context
def check(context: click.Context, /, prints_schema: bool, **values: Any) -> None:
    """Check deployments against the contracts.

    A TARGET is a URL, or a name in the targets file. An option overrides what the file says about
    the target.

    The exit code is 0 for pass, 1 for fail or inconclusive, 2 if a target could not be validated,
    130 after Ctrl-C, 143 after SIGTERM; reports then have what was found before.
    """
    runs, options = load_body("runs"), CheckOptions(**values)
    if prints_schema:
        context.exit(runs.print_schema())
    context.exit(runs.discover_ids(options) if options.is_discovery else runs.check(options))


@click.command(cls=Command, example="mockserver verify trace.har --report junit=verify.xml")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@API
@OPERATION
@EXCLUDE
@DEPLOYMENT
@click.option(
    "--freeze-at",
    metavar="MOMENT",
    help="The moment at which the deployment's clock was frozen; without it, the times in the "
    "recording.",
)
@click.option(
    "--sanitize",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the recording without its secrets to this file, so that it can be shared.",
)
@_add_validation_options
@click.pass_context
def verify(context: click.Context, /, **values: Any) -> None:
    """Verify recorded traffic against the contracts.

    A FILE is a HAR file of the developer tools of Chrome or Firefox, or of Playwright, which may be
    zipped.

    The exit code is 0 for pass, 1 for fail or inconclusive, 2 if there is nothing to validate,
    130 after Ctrl-C, 143 after SIGTERM; reports then have what was found before.
    """
    context.exit(load_body("runs").verify(VerifyOptions(**values)))
