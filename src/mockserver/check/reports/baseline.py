"""Writes the findings of a run as a baseline, which accepts them until a day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from msgspec import Struct

from mockserver.check.validation.baseline import Baseline, Entry, read_baseline, read_today
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict, list_unneeded
from mockserver.errors import SettingError
from mockserver.files import replace_file
from mockserver.redaction import Mask

_DAYS = 90
_REASON = "seen on {}; say here why it is accepted"
_COMMENT = 200
_HEAD = """\
# Findings that `mockserver check --baseline` accepts, each until the day in `expires`.
# Written by `--write-baseline` on {}. Say in each `reason` why the finding is accepted. Another
# `--write-baseline` keeps the reasons and days of entries that still match, and no comments.
"""


class BaselineFile(Struct, frozen=True):
    """A baseline to write: `previous` is what the file had, `used` what the run accepted."""

    path: Path
    previous: Baseline
    used: Baseline

    def write(self, runs: Sequence[tuple[Verdict, Mask]], *, is_whole: bool) -> int:
        """Write the findings of a run; returns the number of entries. Raises SettingError.

        After a whole run, what the file accepts and the run has not found is left out.
        """
        lines = dict[str, list[str]]()
        entries = {**self.used.entries, **self.previous.entries}
        for verdict, mask in runs:
            for finding in (*verdict.failures, *verdict.accepted, *verdict.warnings):
                if not _is_of_the_api(finding):
                    continue
                is_new = finding in verdict.failures and not _is_covered(finding, entries)
                for entry in self._list_entries(finding, entries, is_new=is_new):
                    lines[entry.finding] = [*_list_comments(finding, mask), *_format_entry(entry)]
        untested = self._list_untested([verdict for verdict, _ in runs], is_whole=is_whole)
        for entry in untested:
            lines.setdefault(entry.finding, _format_entry(entry))
        text = "".join(f"  {line}\n" for _, group in sorted(lines.items()) for line in group)
        notes = "".join(f"# {line}\n" for line in dict.fromkeys(_list_notes(runs)))
        body = f"accepted:\n{text}" if lines else "accepted: []\n"
        try:
            with replace_file(self.path) as file:
                file.write(f"{_HEAD.format(self._today)}{notes}{body}".encode())
        except OSError as error:
            raise SettingError(
                f"The baseline '{self.path}' cannot be written: {error.strerror}."
            ) from error
        return len(lines)

    @property
    def _today(self) -> date:
        return self.previous.today

    def _list_entries(
        self, finding: Finding, entries: Mapping[str, Entry], *, is_new: bool
    ) -> Iterator[Entry]:
        day = self._today + timedelta(days=_DAYS)
        for name in finding.names:
            if name in entries:
                entry = entries[name]
                yield entry if entry.expires >= self._today else replace(entry, expires=day)
        if is_new:
            yield Entry(finding.fingerprint, _REASON.format(self._today), day)

    def _list_untested(self, verdicts: Sequence[Verdict], *, is_whole: bool) -> Iterator[Entry]:
        """The entries of the file that this run says nothing about."""
        unneeded = set(list_unneeded(self.previous, verdicts)) if is_whole else set()
        found = {name for verdict in verdicts for name in verdict.fingerprints}
        for name, entry in self.previous.entries.items():
            if name not in found and name not in unneeded:
                yield entry


def prepare_baseline(path: Path, used: Baseline) -> BaselineFile:
    """The baseline that will be written. Raises SettingError where it could not be.

    A file that is there is overwritten only if it is a baseline.
    """
    if not path.parent.is_dir():
        raise SettingError(
            f"--write-baseline: there is no folder '{path.parent}' for '{path.name}'; make it "
            "first."
        )
    try:
        path.open("xb").close()
        path.unlink()
        return BaselineFile(path, Baseline(today=read_today()), used)
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingError(f"--write-baseline: '{path}': {error.strerror}.") from error
    try:
        previous = read_baseline(path)
    except SettingError as error:
        raise SettingError(
            f"--write-baseline: '{path}' is not overwritten, since it is not a baseline. {error}"
        ) from error
    return BaselineFile(path, previous, used)


def _is_of_the_api(finding: Finding) -> bool:
    """Whether a finding is about what was tested, and not about what could not be."""
    return finding.code != "no-response" and finding.cause[2:3] != ("unavailable",)


def _is_covered(finding: Finding, entries: Mapping[str, Entry]) -> bool:
    """Whether entries accept all of a finding: its cause, or each of its places."""
    places = finding.places
    causes = {place.names[0] for place in places if place.cause}
    return bool(causes & entries.keys()) or all(entries.keys() & {*it.names} for it in places)


def _list_comments(finding: Finding, mask: Mask) -> Iterator[str]:
    where = " ".join([finding.operation or "the deployment", str(finding.status or "")]).rstrip()
    sentence = f"{where}: {mask.text(finding.sentence)}"
    for line in (sentence, f"{finding.evidence} by {finding.source}"):
        shown = "".join(char if char.isprintable() else " " for char in line)
        yield f"# {shown[:_COMMENT]}"


def _format_entry(entry: Entry) -> list[str]:
    return [
        f"- finding: {_quote(entry.finding)}",
        f"  reason: {_quote(entry.reason)}",
        f"  expires: {entry.expires}",
    ]


def _quote(text: str) -> str:
    """A text as a scalar of YAML; JSON is YAML too."""
    return "'{}'".format(text.replace("'", "''")) if text.isprintable() else json.dumps(text)


def _list_notes(runs: Iterable[tuple[Verdict, Mask]]) -> Iterator[str]:
    for verdict, _ in runs:
        found = (*verdict.failures, *verdict.warnings)
        if verdict.inconclusive:
            yield f"The run of {verdict.api} was inconclusive; no entry accepts that."
        if number := sum(not _is_of_the_api(finding) for finding in found):
            yield (
                f"{number} findings of {verdict.api} are not here: the deployment did not respond, "
                "or was not there, and what is not tested cannot be accepted."
            )
