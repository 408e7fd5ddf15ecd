"""The runs of `mockserver check`, `verify` and `diff`; they need the extra `check`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import click

from mockserver import apis
from mockserver.api import Api
from mockserver.check import runner
from mockserver.check.comparison.comparison import PHASES as COMPARED
from mockserver.check.comparison.comparison import Comparison, compare
from mockserver.check.comparison.reports import ComparisonReport
from mockserver.check.discovery import Discovery
from mockserver.check.reports.baseline import BaselineFile, prepare_baseline
from mockserver.check.reports.snippet import format_snippet
from mockserver.check.reports.text import format_summary
from mockserver.check.runner import Plan, Progress
from mockserver.check.target.loader import build_schema
from mockserver.check.target.selection import (
    exclude_operations,
    find_excluded,
    list_remaining,
)
from mockserver.check.target.target import Target
from mockserver.check.traffic.sanitizer import sanitize
from mockserver.check.traffic.verification import VerificationOptions
from mockserver.check.traffic.verification import verify as verify_recordings
from mockserver.check.validation.baseline import Baseline, read_baseline
from mockserver.check.validation.finding import Severity
from mockserver.check.validation.verdict import Verdict, list_unneeded
from mockserver.cli.check import PHASES, CheckOptions, DiffOptions, VerifyOptions
from mockserver.cli.output import escape, print_json
from mockserver.cli.process import INTERRUPTED
from mockserver.cli.progress import show_progress
from mockserver.cli.targets import (
    ReportFile,
    find_targets,
    override_target,
    prepare_reports,
    print_verdicts,
    redact_url,
)
from mockserver.clock import machine_now
from mockserver.contract import BINDING, weaker
from mockserver.deployment import find_url_fault, normalize_url
from mockserver.errors import MockserverError, SettingError
from mockserver.moment import resolve_moment
from mockserver.traffic.recording import read_recording

_PASS, _FAIL, _NOT_VALIDATED = 0, 1, 2


def print_schema() -> int:
    """Print the JSON Schema of targets files, and return the exit code."""
    print_json(build_schema())
    return _PASS


def check(options: CheckOptions) -> int:
    """Check targets, print the verdicts, write the reports, and return the exit code.

    Raises SettingError.
    """
    targets = _choose_targets(options)
    plan = Plan(
        phases=frozenset(options.phases or PHASES),
        seed=options.seed,
        is_quick=options.is_quick,
        is_partial=bool(options.operations or options.excluded),
        baseline=read_baseline(options.baseline) if options.baseline else Baseline(),
    )
    reports = prepare_reports(options.reports, targets)
    file = None
    if options.write_baseline:
        file = prepare_baseline(options.write_baseline, plan.baseline)
    code, runs = _PASS, list[tuple[Target, Verdict]]()
    for target in targets:
        severity = Severity(target.evidence, options.is_strict)
        reached, target_code = _check_target(
            target, replace(plan, severity=severity), is_plain=options.is_plain
        )
        runs += [(target, verdict) for verdict in reached]
        code = max(code, target_code, _write_reports(reports, reached, target))
        if target_code == INTERRUPTED:
            left = ", ".join(it.name for it in targets[targets.index(target) + 1 :])
            if left:
                click.echo(
                    escape(f"mockserver: Not checked, so without a report: {left}."), err=True
                )
            break
    _print_missing_ids(runs)
    if code < _NOT_VALIDATED:
        _finish_baselines(runs, plan, file)
    elif file is not None:
        reason = "the run did not reach a verdict on everything"
        click.echo(f"mockserver: '{file.path}' was not written: {reason}", err=True)
    return code


def _choose_targets(options: CheckOptions) -> list[Target]:
    if options.is_all == bool(options.names):
        raise SettingError(
            "Say what to check: one TARGET or several, each a URL or a name in the targets file, "
            "or --all for every target of it."
        )
    for name in options.names:
        if options.names.count(name) > 1:
            raise SettingError(f"The target '{name}' is given twice; once is enough.")
    found = find_targets(options.names, options.targets_file)
    return [override_target(target, options).with_secrets() for target in found]


def discover_ids(options: CheckOptions) -> int:
    """Print ids that targets have, as lines for the targets file, and return the exit code.

    Raises SettingError.
    """
    if options.reports or options.baseline or options.write_baseline:
        raise SettingError("--discover checks nothing; leave out reports and baselines.")
    code = _PASS
    for target in _choose_targets(options):
        click.echo(escape(target.mask.text(f"{target.name}:")))
        found: dict[str, dict[str, str]] = {}
        try:
            with runner.connect(target, Plan()) as make_context:
                for api in apis.load(target.apis).values():
                    context = make_context(api)
                    discovery = runner.discover_ids(context)
                    for line in _format_discovery(api.name, discovery):
                        click.echo(escape(target.mask.text(line)))
                    names = {**dict.fromkeys(discovery.reasons, ""), **discovery.ids}
                    found |= {api.name: names} if names else {}
        except MockserverError as error:
            code = _NOT_VALIDATED
            click.echo(f"mockserver: {escape(target.mask.text(str(error)))}", err=True)
        if found:
            click.echo(
                "\nCheck that each id is what its comment says, fill in or remove those without a "
                "value, and add them\nto the targets file:\n"
            )
            for line in format_snippet(target, found):
                click.echo(escape(target.mask.text(line)))
    return code


def _format_discovery(api: str, discovery: Discovery) -> Iterator[str]:
    for name, source in discovery.sources.items():
        writers = ", ".join(discovery.writers[name])
        warning = f"; where writing is allowed, {writers} would be sent to it" if writers else ""
        yield f"  {api}.{name}: {discovery.ids[name]}, from {source}{warning}"
    for reason in dict.fromkeys(discovery.reasons.values()):
        names = [name for name, why in discovery.reasons.items() if why == reason]
        yield f"  {api}: none found for {', '.join(names)}: {reason}"
    if not discovery.ids and not discovery.reasons:
        yield f"  {api}: it needs no ids"


def _write_reports(
    reports: Iterable[ReportFile], verdicts: Sequence[Verdict], target: Target
) -> int:
    """Write the reports that can be written, and return the exit code."""
    code = _PASS
    for report in reports:
        try:
            report.write(verdicts, target)
        except SettingError as error:
            click.echo(f"mockserver: {escape(str(error))}", err=True)
            code = _NOT_VALIDATED
    return code


def _print_missing_ids(runs: Sequence[tuple[Target, Verdict]]) -> None:
    """Print what to add to the targets file, so that what was skipped for want of ids is tested."""
    missing: dict[str, dict[str, dict[str, str]]] = {}
    targets = {target.name: target for target, _ in runs}
    for target, verdict in runs:
        if verdict.results and verdict.results.missing_ids:
            missing.setdefault(target.name, {})[verdict.api] = verdict.results.missing_ids
    if missing:
        click.echo(
            "\nIds are missing for what was skipped. Fill in those that the deployment has, remove "
            "the other lines,\nand add them to the targets file:\n"
        )
    for name, ids in missing.items():
        for line in format_snippet(targets[name], ids):
            click.echo(escape(targets[name].mask.text(line)))


def _finish_baselines(
    runs: Sequence[tuple[Target, Verdict]], plan: Plan, file: BaselineFile | None
) -> None:
    """Print the entries that are no longer needed, and write the baseline that was asked for."""
    verdicts = [verdict for _, verdict in runs]
    is_whole = runner.is_complete(plan, verdicts)
    for fingerprint in list_unneeded(plan.baseline, verdicts) if is_whole else ():
        click.echo(f"no longer needed in the baseline, since it was not found: {fingerprint}")
    if file is not None:
        masked = [(verdict, verdict.extend(target.mask)) for target, verdict in runs]
        number = file.write(masked, is_whole=is_whole)
        click.echo(f"wrote {number} accepted findings to '{file.path}'")


def _check_target(target: Target, plan: Plan, *, is_plain: bool) -> tuple[list[Verdict], int]:
    """Print and return the verdicts on the APIs of a target, and the exit code for them."""
    title = target.mask.text(", ".join(dict.fromkeys((target.name, target.url))))
    phases = [phase for phase in PHASES if phase in plan.phases]
    with show_progress(title, apis.load(target.apis), phases, is_plain=is_plain) as progress:
        verdicts, code, message = reach_verdicts(target, plan, progress)
    lines = print_verdicts(title, verdicts, target)
    if lines > len(verdicts) > 1:
        click.echo("In short:")
        for verdict in verdicts:
            click.echo(f"{verdict.api}: {format_summary(verdict)}")
    if message:
        click.echo(f"mockserver: {escape(message)}", err=True)
    return verdicts, code


def reach_verdicts(
    target: Target, plan: Plan, progress: Progress
) -> tuple[list[Verdict], int, str]:
    """The verdicts on the APIs of a target, the exit code for them, and a message if there is one.

    After a KeyboardInterrupt, they are the verdicts on what there was so far.
    """
    verdicts: list[Verdict] = []
    served = apis.load(target.apis)
    message = ""
    try:
        verdicts.extend(runner.check(target, served.values(), plan, progress))
        code = _PASS if all(verdict.passed for verdict in verdicts) else _FAIL
        for verdict in verdicts:
            if not verdict.is_validated:
                code, message = _NOT_VALIDATED, target.mask.text(verdict.inconclusive[0])
    except MockserverError as error:
        code, message = _NOT_VALIDATED, target.mask.text(str(error))
        verdicts.append(Verdict(list(served)[len(verdicts)], inconclusive=(message,)))
    except KeyboardInterrupt:
        code, message = INTERRUPTED, "Interrupted; the verdict is on what there was so far."
        reason = "it was interrupted before this API"
        verdicts += [Verdict(api, inconclusive=(reason,)) for api in list(served)[len(verdicts) :]]
    return verdicts, code, message


def verify(options: VerifyOptions) -> int:
    """Verify recordings, print the verdicts, write the reports, and return the exit code.

    Raises SettingError.
    """
    apis.load(options.apis)  # raises for an unknown name
    excluded = find_excluded(options.operations, options.excluded)
    if not list_remaining(options.apis, excluded):
        raise SettingError("No operation is left by --operation and --exclude; name others.")
    for url in options.urls:
        if fault := find_url_fault(url):
            raise SettingError(f"--url: '{redact_url(url)}' cannot be used: {fault}.")
    at = options.freeze_at
    frozen = None if at is None else resolve_moment(at, machine_now())
    how = VerificationOptions(
        apis=options.apis,
        excluded=excluded,
        urls=[normalize_url(url) for url in options.urls],
        frozen=frozen,
        severity=Severity(options.evidence or BINDING, options.is_strict),
        baseline=read_baseline(options.baseline) if options.baseline else Baseline(),
    )
    prepare_reports(options.reports, [Target("", "")])  # raises before anything is read
    if options.sanitize and len(options.files) > 1:
        raise SettingError("--sanitize writes one recording; name one FILE.")
    try:
        recordings = [read_recording(path) for path in options.files]
        if options.sanitize:
            count = sanitize(recordings[0], list(apis.load().values()), options.sanitize)
            click.echo(f"'{options.sanitize}' has placeholders for {count} secrets.", err=True)
        verification = verify_recordings(recordings, list(apis.load().values()), how)
    except KeyboardInterrupt:
        click.echo("mockserver: Interrupted before anything was verified.", err=True)
        return INTERRUPTED
    reports = prepare_reports(options.reports, [target for target, _ in verification.verdicts])
    is_pass = all(it.passed for _, verdicts in verification.verdicts for it in verdicts)
    code = _PASS if is_pass else _FAIL
    for target, verdicts in verification.verdicts:
        print_verdicts(target.url, verdicts, target)
        code = max(code, _write_reports(reports, verdicts, target))
    entries = verification.entries
    left_out = sum(count for _, count, _ in entries.left_out)
    click.echo(
        f"{entries.total} entries: {entries.verified} verified, {left_out} left out, "
        f"{entries.foreign} of other servers"
    )
    for reason, count, places in entries.left_out:
        click.echo(escape(f"  left out: {count} that {reason}: {places}"))
    for note in verification.notes:
        click.echo(escape(f"note: {note}"))
    if verification.is_interrupted:
        click.echo("mockserver: Interrupted; the verdict is on what there was so far.", err=True)
        return INTERRUPTED
    return code


def compare_deployments(a: str | None, b: str | None, options: DiffOptions) -> int:
    """Compare two deployments, print their differences, and return the exit code.

    Raises SettingError.
    """
    if a is None or b is None:
        raise SettingError(
            "Two deployments are compared: name both, as in "
            "'mockserver diff https://staging.example http://127.0.0.1:4010'."
        )
    targets = [target.with_secrets() for target in find_targets((a, b), options.targets_file)]
    targets = [exclude_operations(it, options.operations, options.excluded) for it in targets]
    if options.timeout is not None:
        targets = [replace(target, timeout=options.timeout) for target in targets]
    first, second = targets
    report = ComparisonReport(first, second, options.limit)
    severity = Severity(weaker(first.evidence, second.evidence))
    plan = Plan(frozenset(options.phases or COMPARED), severity=severity)
    served = _load_apis(first, second, options.apis)

    def print_progress(api: str, phase: str) -> None:
        click.echo(f"{api}: {phase} …", err=True)

    comparisons, code = list[Comparison](), _PASS

    def add(comparison: Comparison) -> None:
        comparisons.append(comparison)
        for line in () if options.is_json else report.format_lines(comparison):
            click.echo(escape(line))

    try:
        for comparison in compare(first, second, served, plan, print_progress):
            add(comparison)
    except KeyboardInterrupt:
        code = INTERRUPTED
        for api in served[len(comparisons) :]:
            add(Comparison(api.name, inconclusive=["it was interrupted before this API"]))
        click.echo("mockserver: Interrupted; the comparison is of what there was so far.", err=True)
    except MockserverError as error:
        message = second.mask.text(first.mask.text(str(error)))
        click.echo(f"mockserver: {escape(message)}", err=True)
        return _NOT_VALIDATED
    if options.is_json:
        print_json(report.make_document(comparisons))
    if code or any(comparison.inconclusive for comparison in comparisons):
        return max(code, _NOT_VALIDATED)
    return _PASS if all(comparison.is_equal for comparison in comparisons) else _FAIL


def _load_apis(a: Target, b: Target, wanted: Sequence[str]) -> list[Api]:
    """The APIs that both serve, or those of them that are wanted."""
    served = [name for name in apis.names() if all(name in (it.apis or [name]) for it in (a, b))]
    for name in apis.load(wanted) if wanted else ():
        if name not in served:
            raise SettingError(f"'{name}' is not an API that both '{a.name}' and '{b.name}' serve.")
    if not served:
        raise SettingError(f"There is no API that both '{a.name}' and '{b.name}' serve.")
    return list(apis.load(wanted or served).values())
