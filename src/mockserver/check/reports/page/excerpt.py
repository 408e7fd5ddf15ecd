"""Excerpts of what a finding violates: lines of the contract, an invariant, or a status case."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import yaml

from mockserver.api import Api
from mockserver.check.derived_cases import list_cases
from mockserver.check.validation.finding import (
    CaseSource,
    ContractRule,
    Finding,
    InvariantSource,
)
from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.json_pointer import split_pointer
from mockserver.kit import load_kit
from mockserver.yaml_source import Source, read_yaml

_SHOWN, _AROUND = 36, 6
_PROSE = ("tags", "summary", "description", "x-rules", "x-evidence-note")
"""Properties of an operation for people, which an excerpt omits."""


@dataclass(frozen=True, slots=True)
class SourceLine:
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
        match finding.source:
            case InvariantSource(name):
                excerpt = self._find_invariant(name)
            case CaseSource(name):
                excerpt = self._find_case(name)
            case ContractRule(pointer):
                excerpt = self._cut(pointer, finding.status)
        return replace(excerpt, evidence=finding.evidence)

    def _find_invariant(self, name: str) -> Excerpt:
        for invariant in load_kit(self._api).invariants:
            if invariant.name == name:
                return Excerpt(
                    "invariant", name, invariant.sentence, invariant.note, path=invariant.operations
                )
        return Excerpt("invariant", name)

    def _find_case(self, name: str) -> Excerpt:
        file = f"cases/{self._api.name}.yaml"
        for case in list_cases(self._api):
            if case.name == name:
                fields = {
                    key: value
                    for key, value in vars(case).items()
                    if value and key not in ("name", "needs")
                }
                text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=88)
                lines = [SourceLine(0, line) for line in text.splitlines()]
                return Excerpt("case", name, note=case.rule or file, lines=tuple(lines[:_SHOWN]))
        return Excerpt("case", name)

    def _cut(self, pointer: str, status: int | None) -> Excerpt:
        file = f"{self._api.name}.yaml"
        try:
            path, node = split_pointer(pointer), self._api.contract.resolve(pointer)
        except (ContractError, ValueError):
            return Excerpt("contract", pointer)
        parent, marked = pointer, ""
        if not isinstance(node, dict) and len(path) > 1:
            # A keyword is shown with those beside it.
            parent, marked = pointer.rpartition("/")[0], pointer
        elif "operationId" in node and str(status) in node["responses"]:
            marked = f"{pointer}/responses/{status}"
        lines = self._cut_lines(parent, marked)
        title = f"{file}, line {self._line(pointer)}"
        note = _find_note(self._api.contract, pointer)
        return Excerpt("contract", title, note=note, path=tuple(path[1:]), lines=tuple(lines))

    @cached_property
    def _source(self) -> Source:
        return read_yaml(self._api.contract.source)

    def _line(self, pointer: str) -> int:
        return self._source.line(pointer.removeprefix("#"))

    def _cut_lines(self, pointer: str, mark: str) -> list[SourceLine]:
        """The lines at a pointer, without the prose of an operation."""
        marked = self._block(self._line(mark)) if mark else range(0)
        prose = {
            number
            for word in _PROSE
            if f"{pointer.removeprefix('#')}/operationId" in self._source.lines
            and f"{pointer.removeprefix('#')}/{word}" in self._source.lines
            for number in self._block(self._line(f"{pointer}/{word}"))
        }
        lines = [
            SourceLine(number, self._text[number - 1], number in marked)
            for number in self._block(self._line(pointer))
        ]
        margin = min((_indent(line.text) for line in lines if line.text.strip()), default=0)
        return list(_shorten([replace(line, text=line.text[margin:]) for line in lines], prose))

    def _block(self, first: int) -> range:
        """A line and those after it that are indented more."""
        margin, last = _indent(self._text[first - 1]), first
        for number in range(first + 1, len(self._text) + 1):
            line = self._text[number - 1]
            if line.strip() and _indent(line) <= margin:
                break
            last = number if line.strip() else last
        return range(first, last + 1)


def _indent(line: str) -> int:
    """The indentation of a line; the dash of a list counts as none."""
    return len(line) - len(line.lstrip(" "))


def _shorten(lines: Sequence[SourceLine], prose: Collection[int]) -> Iterator[SourceLine]:
    """The lines without prose; of many, the first and those around the marked ones."""
    marked = [n for n, line in enumerate(lines) if line.is_marked]
    near = range(marked[0] - _AROUND, marked[-1] + _AROUND + 1) if marked else range(0)
    is_short = len(lines) - len(prose) <= _SHOWN
    gap = 0
    for n, line in enumerate(lines):
        is_near = n in near or n < (_AROUND if marked else _SHOWN)
        if line.number in prose or not (is_short or is_near):
            gap += 1
            continue
        if gap:
            yield _make_gap(gap)
        gap = 0
        yield line
    if gap:
        yield _make_gap(gap)


def _make_gap(number: int) -> SourceLine:
    return SourceLine(0, f"… {number} more {'line' if number == 1 else 'lines'}")


def _find_note(contract: Contract, pointer: str) -> str:
    """The note beside the nearest evidence above a place."""
    while pointer.startswith("#"):
        node = contract.resolve(pointer)
        if isinstance(node, dict) and "x-evidence" in node:
            return str(node.get("x-evidence-note", ""))
        pointer = pointer.rpartition("/")[0]
    return ""
