"""The targets of a command: their names, what options change in them, and their report files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from mockserver import apis
from mockserver.check.cases import read_cases
from mockserver.check.reports.github import format_annotations
from mockserver.check.reports.text import format_verdict
from mockserver.check.reports.writers import WRITERS, Writer
from mockserver.check.target.loader import read_targets
from mockserver.check.target.selection import exclude_operations
from mockserver.check.target.target import Target
from mockserver.check.validation.verdict import Verdict
from mockserver.cli.check import CheckOptions
from mockserver.cli.output import escape
from mockserver.deployment import find_url_fault, normalize_url
from mockserver.errors import SettingError, suggest_nearest
from mockserver.files import replace_file
from mockserver.redaction import Mask
from mockserver.settings import variable

DEFAULT_FILE = Path("targets.yaml")
"""The targets file, in the current folder, where no other is named."""

_HOST = re.compile(
    r"([\w.-]+|\[[0-9a-f:.]+\]):[0-9]{1,5}(/\S*)?|(localhost|[0-9]+(\.[0-9]+){3}|\[[0-9a-f:.]+\])(/\S*)?",
    re.IGNORECASE,
)
_NOT_IN_FILE_NAMES = re.compile("[^A-Za-z0-9._-]+")


def override_target(target: Target, options: CheckOptions) -> Target:
    """The target with what the options say about it; other credentials and ids stay as they are.

    Raises SettingError for an API or an id that does not exist.
    """
    apis.load(options.apis)  # raises for an unknown name
    variables, ids = dict(target.variables), {api: dict(it) for api, it in target.ids.items()}
    sources = dict(target.sources)
    for api, name in split_pairs(options.credentials, "--credential"):
        _check_name(api, apis.names(), "--credential: there is no API")
        variables[api] = name
        sources.pop(api, None)
    for key, value in split_pairs(options.ids, "--id"):
        api, _, name = key.partition(".")
        _check_name(api, apis.names(), "--id: there is no API")
        names = [required.name for required in read_cases(api).ids]
        _check_name(name, names, f"--id: '{api}' has no id")
        ids.setdefault(api, {})[name] = value
    given: dict[str, Any] = {"apis": options.apis or target.apis}
    for name in ("allow_writes", "rate", "timeout", "time_limit", "workers", "evidence"):
        if getattr(options, name) is not None:
            given[name] = getattr(options, name)
    changed = replace(target, variables=variables, sources=sources, ids=ids, **given)
    return exclude_operations(changed, options.operations, options.excluded)


def split_pairs(words: Iterable[str], option: str) -> Iterator[tuple[str, str]]:
    """Split values of an option that are written NAME=VALUE. Raises SettingError."""
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name or not value:
            raise SettingError(f"{option}: '{word}' is not written NAME=VALUE.")
        yield name, value


def _check_name(name: str, names: Sequence[str], problem: str) -> None:
    if name not in names:
        raise SettingError(f"{problem} '{name}'; {suggest_nearest(name, names)}")


def find_target(text: str, file: Path | None = None) -> Target:
    """The target of a URL, or of a name in a targets file; its secrets are not read yet.

    Names are looked up in `file`, else in `targets.yaml` of the current folder. Raises SettingError
    with what to do, also for a file that has faults.
    """
    if "://" in text:
        if fault := find_url_fault(text):
            raise SettingError(f"The target '{redact_url(text)}' cannot be used: {fault}.")
        return Target(name=text, url=normalize_url(text))
    hint = f" (for a URL, write 'http://{text}')" if _HOST.fullmatch(text) else ""
    targets = _read_targets(file, f"There is no target '{text}'{hint}")
    if text not in targets:
        nearest = suggest_nearest(text, targets)
        raise SettingError(
            f"There is no target '{text}' in '{file or DEFAULT_FILE}'; {nearest}{hint}"
        )
    return targets[text]


def redact_url(url: str) -> str:
    """A URL that cannot be used, without the secrets in it."""
    # What is before the `@` may be a password.
    return Mask().text(url.rpartition("@")[2])


def find_targets(texts: Sequence[str], file: Path | None = None) -> list[Target]:
    """The targets of these texts, as `find_target` does; of none, all targets of the file."""
    if not texts:
        return list(_read_targets(file, "There are no targets to check").values())
    return [find_target(text, file) for text in texts]


def _read_targets(file: Path | None, problem: str) -> dict[str, Target]:
    if file is None and not DEFAULT_FILE.exists():
        raise SettingError(
            f"{problem}: there is no '{DEFAULT_FILE}' in this folder; give a URL such as "
            "http://127.0.0.1:4010, or name the file with --targets FILE."
        )
    return read_targets(file or DEFAULT_FILE)


class ReportFile(Struct, frozen=True):
    """A report of one kind; `paths` has its file for each target, by the target's name."""

    write_as: Writer
    paths: Mapping[str, Path]

    def write(self, verdicts: Sequence[Verdict], target: Target) -> None:
        """Write the verdicts on a target. Raises SettingError if the file cannot be written."""
        path = self.paths[target.name]
        try:
            content = self.write_as(verdicts, target, target.mask)
            with replace_file(path) as file:
                file.write(content)
        except OSError as error:
            raise SettingError(
                f"The report '{path}' cannot be written: {error.strerror}."
            ) from error


def prepare_reports(words: Iterable[str], targets: Sequence[Target]) -> list[ReportFile]:
    """The reports that are written `KIND=FILE`; for several targets, one file each.

    Raises SettingError for an unknown kind, and for a file that could not be written at the end.
    """
    reports = []
    for kind, file in split_pairs(words, "--report"):
        if kind not in WRITERS:
            known = ", ".join(f"'{name}'" for name in WRITERS)
            raise SettingError(f"--report: '{kind}' is no kind of report; {known} are.")
        paths = {target.name: _name_file(Path(file), target, targets) for target in targets}
        reports.append(ReportFile(WRITERS[kind], paths))
    _check_files([path for report in reports for path in report.paths.values()])
    return reports


def _name_file(path: Path, target: Target, targets: Sequence[Target]) -> Path:
    """The file itself, or for several targets, one with the target's name in it."""
    if len(targets) == 1:
        return path
    name = target.mask.text(target.name.partition("://")[2] or target.name)
    name = _NOT_IN_FILE_NAMES.sub("-", name).strip("-")
    return path.with_name(f"{path.stem}-{name}{path.suffix}")


def _check_files(paths: Sequence[Path]) -> None:
    resolved = [path.resolve() for path in paths]
    for path in paths:
        if not path.parent.is_dir():
            raise SettingError(
                f"--report: there is no folder '{path.parent}' for '{path.name}'; make it first."
            )
        if resolved.count(path.resolve()) > 1:
            raise SettingError(f"--report: '{path}' would be written twice; name another file.")
        try:
            if path.is_dir():
                raise SettingError(f"--report: '{path}' is a folder; name a file in it.")
            is_new = not path.exists()
            path.open("ab").close()
            if is_new:
                path.unlink()
        except OSError as error:  # also for a name that is too long
            raise SettingError(f"--report: '{path}' cannot be written: {error.strerror}.") from None


def print_verdicts(title: str, verdicts: Sequence[Verdict], target: Target) -> int:
    """Print the verdicts on a target, escaped; returns the number of lines below the title."""
    lines = [line for verdict in verdicts for line in format_verdict(verdict, target, target.mask)]
    for line in (f"{title}:", *lines):
        click.echo(escape(target.mask.known(line)))
    if variable("GITHUB_ACTIONS") == "true":
        for line in format_annotations(verdicts, target.mask):
            click.echo(escape(line))
    return len(lines)
