"""Excerpts of what a finding violates: lines of the contract, an invariant, or a status case."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import yaml
from msgspec import Struct

from mockserver.api import Api
from mockserver.check.cases import StatusCase
from mockserver.check.derived_cases import list_cases
from mockserver.check.reports.evidence import find_note, locate_rule, read_source
from mockserver.check.validation.finding import Finding
from mockserver.errors import ContractError
from mockserver.json_pointer import split_pointer
from mockserver.kit import load_kit
from mockserver.yaml_source import Source

_SHOWN, _AROUND = 36, 6
_PROSE = ("tags", "summary", "description", "x-rules", "x-evidence-note")
"""Properties of an operation for people, which an excerpt omits."""


class SourceLine(Struct, frozen=True):
    """A line of a file; without a number, a gap."""

    number: int
    text: str
    is_marked: bool = False


@dataclass(frozen=True)
class Excerpt:
    """What a finding violates: its kind and title, its lines or sentence, and its evidence."""

    kind: str
    title: str
    sentence: str = ""
    note: str = ""
    evidence: str = ""
    path: tuple[str, ...] = ()
    lines: tuple[SourceLine, ...] = ()


class Excerpts:
    """The excerpts of one API."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._text = api.contract.source.splitlines()

    def find(self, finding: Finding) -> Excerpt:
        """The excerpt for a finding, with the finding's evidence."""
        kind, name = finding.source.kind, finding.source.name
        excerpt = Excerpt(kind, name)
        if kind == "contract":
            excerpt = self._find_rule(name, finding.status)
        for invariant in load_kit(self._api).invariants:
            if (kind, name) == ("invariant", invariant.name):
                sentence, path = invariant.sentence, invariant.operations
                excerpt = Excerpt(kind, name, sentence, invariant.note, path=path)
        for case in list_cases(self._api):
            if (kind, name) == ("case", case.name):
                note = case.rule or f"cases/{self._api.name}.yaml"
                excerpt = Excerpt(kind, name, note=note, lines=_list_fields(case))
        note = find_note(self._api, finding) or excerpt.note
        return replace(excerpt, evidence=finding.evidence, note=note)

    def _find_rule(self, pointer: str, status: int | None) -> Excerpt:
        contract, lines = self._api.contract, self._source.lines
        try:
            path, node = split_pointer(pointer), contract.resolve(pointer)
        except (ContractError, ValueError):
            return Excerpt("contract", pointer)
        place, mark = pointer.removeprefix("#"), ""
        title = locate_rule(self._api, pointer)
        if not isinstance(node, dict) and len(path) > 1:
            # A keyword is shown with those beside it.
            place, mark = place.rpartition("/")[0], place
        elif "operationId" in node and str(status) in node["responses"]:
            mark = f"{place}/responses/{status}"
        prose = {
            number
            for name in _PROSE
            if f"{place}/operationId" in lines and f"{place}/{name}" in lines
            for number in self._find_block(f"{place}/{name}")
        }
        marked = self._find_block(mark) if mark else range(0)
        return Excerpt(
            "contract",
            title,
            path=tuple(path[1:]),
            lines=tuple(self._cut(self._find_block(place), marked, prose)),
        )

    @property
    def _source(self) -> Source:
        return read_source(self._api)

    def _find_block(self, pointer: str) -> range:
        """The numbers of the lines of a value: its first, and those after it indented more."""
        first = last = self._source.line(pointer)
        margin = _indent(self._text[first - 1])
        for number, line in enumerate(self._text[first:], first + 1):
            if line.strip() and _indent(line) <= margin:
                break
            last = number if line.strip() else last
        return range(first, last + 1)

    def _cut(self, block: range, marked: range, prose: Collection[int]) -> Iterator[SourceLine]:
        """The lines of a block without prose; of many, the first and those around the marked."""
        is_short = len(block) - len(prose) <= _SHOWN
        shown = set(block if is_short else block[: _AROUND if marked else _SHOWN])
        shown.update(range(marked.start - _AROUND, marked.stop + _AROUND) if marked else ())
        shown.difference_update(prose)
        margin = _indent(self._text[block.start - 1])
        for is_shown, group in groupby(block, shown.__contains__):
            numbers = list(group)
            if is_shown:
                for number in numbers:
                    yield SourceLine(number, self._text[number - 1][margin:], number in marked)
            else:
                word = "line" if len(numbers) == 1 else "lines"
                yield SourceLine(0, f"… {len(numbers)} more {word}")


def _list_fields(case: StatusCase) -> tuple[SourceLine, ...]:
    fields = {key: value for key, value in vars(case).items() if key not in ("name", "needs")}
    present = {key: value for key, value in fields.items() if value}
    text = yaml.safe_dump(present, allow_unicode=True, sort_keys=False, width=88)
    return tuple(SourceLine(0, line) for line in text.splitlines()[:_SHOWN])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
