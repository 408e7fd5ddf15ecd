"""`mockserver check`: hold a deployment against the contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.command import Command
from mockserver.errors import SettingError
from mockserver.settings import variable

if TYPE_CHECKING:
    from mockserver.check.masking import Mask
    from mockserver.check.runner import Plan
    from mockserver.check.target import Target
    from mockserver.check.verdict import Verdict

__all__ = ["check"]

_LAYERS = ("examples", "provocations", "generated", "laws", "probes")


@click.command(cls=Command, example="mockserver check http://127.0.0.1:4010 --quick")
@click.argument("url", metavar="URL")
@click.option("--api", "apis", multiple=True, metavar="API", help="Only this API; several times.")
@click.option(
    "--layer",
    "layers",
    multiple=True,
    type=click.Choice(_LAYERS),
    help="Only this layer; can be given several times.",
)
@click.option(
    "--credential",
    "credentials",
    multiple=True,
    metavar="API=VARIABLE",
    help="The environment variable that has an API's credential.",
)
@click.option(
    "--known",
    multiple=True,
    metavar="API.NAME=VALUE",
    help="An id that the deployment has, such as that of an ended session.",
)
@click.option("--allow-writes", is_flag=True, help="Send unsafe methods to a real deployment too.")
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
    help="Findings that are known, each with a reason and a day on which it expires.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="KIND=FILE",
    help="Write a report: json=FILE or junit=FILE.",
)
@click.option("--quick", is_flag=True, help="Generate fewer requests.")
@click.option(
    "--seed",
    type=int,
    default=20250821,
    show_default=True,
    help="The same seed, the same requests.",
)
@click.option(
    "--rate", type=float, default=0, metavar="NUMBER", help="At most so many requests a second."
)
@click.option(
    "--timeout",
    type=float,
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="How long one answer may take.",
)
@click.option(
    "--time-limit", type=float, default=0, metavar="SECONDS", help="How long the whole may take."
)
@click.pass_context
def check(context: click.Context, /, **given: Any) -> None:
    """Hold a deployment against the contracts.

    Ends with 0 when all is good, with 1 when something is not or the run proves nothing, with 2
    when the target could not be judged.
    """
    try:
        from mockserver import apis
        from mockserver.check import runner
    except ModuleNotFoundError as error:
        raise SettingError(
            f"'{error.name}' is not installed; pip install 'mockserver-kit[check]' brings it."
        ) from error
    target, plan = _target(given), _plan(given)
    served = apis.load(given["apis"])
    verdicts: list[Verdict] = []
    mask = _mask(target)
    reports = [_report(text) for text in given["reports"]]
    for verdict in runner.check(target, served.values(), plan, _progress):
        verdicts.append(verdict)
        _print(verdict, target, mask)
    for kind, path in reports:
        path.write_bytes(_document(kind, verdicts, target, mask))
    context.exit(0 if all(verdict.is_good for verdict in verdicts) else 1)


def _target(given: dict[str, Any]) -> Target:
    from mockserver.check.target import Target

    known: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for place, value in _pairs(given["known"], "--known"):
        api, _, name = place.partition(".")
        known[api][name] = value
    return Target(
        name=given["url"],
        url=given["url"],
        credentials=dict(_credentials(given["credentials"])),
        known=known,
        allow_writes=given["allow_writes"],
        rate=given["rate"],
        timeout=given["timeout"],
        time_limit=given["time_limit"],
    )


def _plan(given: dict[str, Any]) -> Plan:
    from mockserver.check.baseline import Baseline, read_baseline
    from mockserver.check.finding import Severity
    from mockserver.check.runner import Plan

    path = given["baseline"]
    return Plan(
        layers=frozenset(given["layers"] or _LAYERS),
        seed=given["seed"],
        is_quick=given["quick"],
        severity=Severity(given["evidence"] == "assumed", given["strict"]),
        baseline=Baseline() if path is None else read_baseline(path),
    )


def _credentials(given: Iterable[str]) -> Iterable[tuple[str, str]]:
    for api, name in _pairs(given, "--credential"):
        value = variable(name)
        if not value:
            raise SettingError(f"--credential: the environment has no variable '{name}'.")
        yield api, value


def _pairs(given: Iterable[str], option: str) -> Iterable[tuple[str, str]]:
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise SettingError(f"{option}: '{text}' is not written NAME=VALUE.")
        yield name, value


def _report(text: str) -> tuple[str, Path]:
    ((kind, path),) = _pairs([text], "--report")
    if kind not in ("json", "junit"):
        raise SettingError(f"--report: '{kind}' is no kind of report; 'json' and 'junit' are.")
    return kind, Path(path)


def _mask(target: Target) -> Mask:
    from mockserver.check.masking import Mask

    return Mask(target.credentials.values())


def _progress(api: str, layer: str, *_: object) -> None:
    click.echo(f"{api}: {layer} …", err=True)


def _print(verdict: Verdict, target: Target, mask: Mask) -> None:
    from mockserver.check.reports.text import lines

    for line in lines(verdict, target, mask):
        click.echo(line)


def _document(kind: str, verdicts: list[Verdict], target: Target, mask: Mask) -> bytes:
    from mockserver.check.reports import documents

    write = documents.as_json if kind == "json" else documents.as_junit
    return write(verdicts, target, mask)
