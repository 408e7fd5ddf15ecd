"""The files that reports are written to: known to be writable before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.cli.overrides import pairs
from mockserver.errors import SettingError

if TYPE_CHECKING:
    from mockserver.check.reports.writers import Writer
    from mockserver.check.target.target import Target
    from mockserver.check.validation.verdict import Verdict

__all__ = ["ReportFile", "read_reports"]

_UNFIT = re.compile("[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class ReportFile:
    """A report of one kind; `paths` has its file for each target, by the target's name."""

    write_as: Writer
    paths: Mapping[str, Path]

    def write(self, verdicts: Sequence[Verdict], target: Target) -> None:
        """Write the verdicts on a target. Raises SettingError when the file cannot be written."""
        path = self.paths[target.name]
        try:
            path.write_bytes(self.write_as(verdicts, target, target.mask))
        except OSError as error:
            raise SettingError(
                f"The report '{path}' cannot be written: {error.strerror}."
            ) from error


def read_reports(given: Sequence[str], targets: Sequence[Target]) -> list[ReportFile]:
    """The reports that were asked for, as `KIND=FILE`; of several targets, one file each.

    Raises SettingError for an unknown kind, a folder that is not there, and a file asked for twice.
    """
    from mockserver.check.reports.writers import WRITERS

    reports = []
    for kind, file in pairs(given, "--report"):
        if kind not in WRITERS:
            known = ", ".join(f"'{name}'" for name in WRITERS)
            raise SettingError(f"--report: '{kind}' is no kind of report; {known} are.")
        paths = {target.name: _path(Path(file), target, targets) for target in targets}
        reports.append(ReportFile(WRITERS[kind], paths))
    _check([path for report in reports for path in report.paths.values()])
    return reports


def _path(path: Path, target: Target, targets: Sequence[Target]) -> Path:
    """The file itself, or where there are several targets, one with the target's name in it."""
    if len(targets) == 1:
        return path
    name = _UNFIT.sub("-", target.name.partition("://")[2] or target.name).strip("-")
    return path.with_name(f"{path.stem}-{name}{path.suffix}")


def _check(paths: Sequence[Path]) -> None:
    resolved = [path.resolve() for path in paths]
    for path in paths:
        if not path.parent.is_dir():
            raise SettingError(
                f"--report: there is no folder '{path.parent}' for '{path.name}'; make it first."
            )
        if _is_folder(path):
            raise SettingError(f"--report: '{path}' is a folder; name a file in it.")
        if resolved.count(path.resolve()) > 1:
            raise SettingError(f"--report: '{path}' would be written twice; name another file.")
        try:
            is_new = not path.exists()
            path.open("ab").close()
            if is_new:
                path.unlink()
        except OSError as error:
            raise SettingError(f"--report: '{path}' cannot be written: {error.strerror}.") from None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, which is said when it is opened
        return False
