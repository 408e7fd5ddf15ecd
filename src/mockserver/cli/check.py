"""`mockserver check`: hold deployments against the contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.command import Command
from mockserver.cli.text import indented, shown
from mockserver.errors import MockserverError, SettingError

if TYPE_CHECKING:
    from mockserver.check.runner import Plan
    from mockserver.check.target.target import Target
    from mockserver.check.validation.baseline import Baseline
    from mockserver.check.validation.verdict import Verdict

__all__ = ["check"]

_PHASES = ("examples", "cases", "generated", "invariants", "boundaries")
_GOOD, _NOT_GOOD, _NOT_JUDGED, _INTERRUPTED = 0, 1, 2, 130


class _Number(click.FloatRange):
    """A number that is not negative; `nan` is neither that nor another number."""

    def convert(self, value: Any, parameter: Any, context: Any) -> Any:
        number = super().convert(value, parameter, context)
        if not isfinite(number):
            self.fail(f"'{value}' is no number.", parameter, context)
        return number


def _print_schema(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        from mockserver import apis
        from mockserver.check.target.schema import editor_schema

        click.echo(indented(editor_schema(apis.load())))
        context.exit()


@click.command(cls=Command, example="mockserver check http://127.0.0.1:4010 --quick")
@click.argument("words", nargs=-1, metavar="[TARGET]...")
@click.option("--all", "is_all", is_flag=True, help="Check every target of the targets file.")
@click.option(
    "--targets",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The targets file; 'targets.yaml' in this folder without it.",
)
@click.option(
    "--targets-schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of targets files, and no more.",
)
@click.option("--api", "apis", multiple=True, metavar="API", help="Only this API; several times.")
@click.option(
    "--phase",
    "phases",
    multiple=True,
    type=click.Choice(_PHASES),
    help="Only this phase; can be given several times.",
)
@click.option(
    "--credential",
    "credentials",
    multiple=True,
    metavar="API=VARIABLE",
    help="The environment variable that has an API's credential.",
)
@click.option(
    "--id",
    "ids",
    multiple=True,
    metavar="API.NAME=VALUE",
    help="An id that the deployment has, such as that of an ended session.",
)
@click.option(
    "--allow-writes/--no-allow-writes",
    default=None,
    help="Send unsafe methods to a real deployment too, or do not.",
)
@click.option(
    "--evidence",
    type=click.Choice(["documented", "assumed"]),
    help="With 'assumed', what is assumed is a failure as well; 'documented' without it.",
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
    help="Write a report, such as junit=check.xml; of several targets, check-NAME.xml each.",
)
@click.option("--quick", is_flag=True, help="Generate fewer requests.")
@click.option("--plain", is_flag=True, help="Print plain lines, as in CI, on a terminal too.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=20250821,
    show_default=True,
    help="The same seed, the same requests.",
)
@click.option(
    "--rate",
    type=_Number(min=0),
    metavar="NUMBER",
    help="At most so many requests a second; 0, no limit, without it.",
)
@click.option(
    "--timeout",
    type=_Number(min=0),
    metavar="SECONDS",
    help="How long one answer may take; 10 without it, 0 for no limit.",
)
@click.option(
    "--time-limit",
    type=_Number(min=0),
    metavar="SECONDS",
    help="How long the whole may take; 0, no limit, without it.",
)
@click.pass_context
def check(context: click.Context, /, **given: Any) -> None:
    """Hold deployments against the contracts.

    A TARGET is a URL, or a name in the targets file; an option takes the place of what the file
    says of the target.

    Ends with 0 when all is good, with 1 when something is not or the run proves nothing, with 2
    when a target could not be validated, with 130 after Ctrl-C, when reports have what there was.
    """
    try:
        from mockserver.check import runner  # noqa: F401 - so that what is missing is said at once
    except ModuleNotFoundError as error:
        raise SettingError(
            f"'{error.name}' is not installed; pip install 'mockserver-kit[check]' brings it."
        ) from error
    from mockserver.cli.report_files import read_reports

    targets = _targets(given)
    plan = _plan(given)
    reports = read_reports(given["reports"], targets)
    codes, verdicts = [], []
    for target in targets:
        reached, code = _validated(target, _strict(plan, target, given), is_plain=given["plain"])
        verdicts += reached
        codes.append(code)
        for report in reports:
            report.write(reached, target)
        if code == _INTERRUPTED:
            break
    is_cut = any(verdict.results and verdict.results.truncated for verdict in verdicts)
    if max(codes) < _NOT_JUDGED and plan.is_whole and not is_cut:
        _print_unneeded(plan.baseline, verdicts)
    context.exit(max(codes))


def _targets(given: dict[str, Any]) -> list[Target]:
    """The targets that were asked for, with what the options say of them, ready to be checked."""
    from mockserver.cli.overrides import overridden
    from mockserver.cli.targeting import choose_target, choose_targets

    words, file = given["words"], given["file"]
    if given["is_all"] == bool(words):
        raise SettingError(
            "Say what to check: one TARGET or several, each a URL or a name in the targets file, "
            "or --all for every target of it."
        )
    for word in words:
        if words.count(word) > 1:
            raise SettingError(f"The target '{word}' is given twice; once is enough.")
    chosen = [choose_target(word, file) for word in words] if words else choose_targets(file)
    return [overridden(target, given).with_secrets() for target in chosen]


def _plan(given: dict[str, Any]) -> Plan:
    from mockserver.check.runner import Plan
    from mockserver.check.validation.baseline import Baseline, read_baseline

    path = given["baseline"]
    return Plan(
        phases=frozenset(given["phases"] or _PHASES),
        seed=given["seed"],
        is_quick=given["quick"],
        baseline=Baseline() if path is None else read_baseline(path),
    )


def _strict(plan: Plan, target: Target, given: dict[str, Any]) -> Plan:
    """A plan that is as strict as the target and the options say."""
    from mockserver.check.validation.finding import Severity

    severity = Severity(is_assumed_binding=target.evidence == "assumed", is_strict=given["strict"])
    return replace(plan, severity=severity)


def _validated(target: Target, plan: Plan, *, is_plain: bool) -> tuple[list[Verdict], int]:
    """The verdicts on a target's APIs, which are printed, and the exit code that they mean."""
    from mockserver import apis
    from mockserver.check import runner
    from mockserver.check.validation.verdict import Verdict
    from mockserver.cli.progress import watching

    verdicts: list[Verdict] = []
    served = apis.load(target.apis)
    title = target.url if target.name == target.url else f"{target.name}, {target.url}"
    phases = [phase for phase in _PHASES if phase in plan.phases]
    sentence = ""
    try:
        with watching(title, served, phases, is_plain=is_plain) as progress:
            verdicts.extend(runner.check(target, served.values(), plan, progress))
        code = _GOOD if all(verdict.passed for verdict in verdicts) else _NOT_GOOD
    except MockserverError as error:
        code, sentence = _NOT_JUDGED, target.mask.text(str(error))
        verdicts.append(Verdict(list(served)[len(verdicts)], inconclusive=(sentence,)))
    except KeyboardInterrupt:
        code, sentence = _INTERRUPTED, "It was interrupted; what is said is what there was so far."
    _print(title, verdicts, target)
    if sentence:
        click.echo(f"mockserver: {shown(sentence)}", err=True)
    return verdicts, code


def _print(title: str, verdicts: Sequence[Verdict], target: Target) -> None:
    """What was found, and below it, where that is long, the figures once more."""
    from mockserver.check.reports.text import format_summary, format_verdict

    found = [line for verdict in verdicts for line in format_verdict(verdict, target, target.mask)]
    for line in (f"{title}:", *found):
        click.echo(shown(line))
    if len(found) > len(verdicts) > 1:
        click.echo("In short:")
        for verdict in verdicts:
            click.echo(f"{verdict.api}: {format_summary(verdict)}")


def _print_unneeded(baseline: Baseline, verdicts: Sequence[Verdict]) -> None:
    seen = [fingerprint for verdict in verdicts for fingerprint in verdict.fingerprints]
    for fingerprint in baseline.unneeded(seen, {verdict.api for verdict in verdicts}):
        click.echo(f"no longer needed in the baseline, since it was not found: {fingerprint}")
