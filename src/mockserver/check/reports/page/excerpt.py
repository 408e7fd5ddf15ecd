"""What a finding was held against: a piece of the contract, an invariant, or a case."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import yaml

from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.validation.finding import Finding
from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.json_pointer import tokens
from mockserver.kit import load_kit
from mockserver.yaml_source import Source, read

__all__ = ["Rule", "Rules", "SourceLine"]

_SHOWN, _AROUND = 36, 6
_PROSE = ("tags", "summary", "description", "x-rules", "x-evidence-note")
"""What an operation says of itself to people."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a file, and whether it is the one that is meant; without a number, a gap."""

    number: int
    text: str
    is_meant: bool = False


@dataclass(frozen=True)
class Rule:
    """What a finding was held against: what it is, where it stands, and why it is believed."""

    kind: str
    title: str
    sentence: str = ""
    note: str = ""
    evidence: str = ""
    path: tuple[str, ...] = ()
    lines: tuple[SourceLine, ...] = ()


class Rules:
    """The rules of one API, as findings name them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._text = api.contract.source.splitlines()

    def of(self, finding: Finding) -> Rule:
        """What a finding was held against, believed as the finding has it."""
        kind, _, name = finding.rule.partition(":")
        if kind in ("invariant", "case") and name:
            rule = self._invariant(name) if kind == "invariant" else self._case(name)
        else:
            rule = self._place(finding.rule, finding.status)
        return replace(rule, evidence=finding.evidence)

    def _invariant(self, name: str) -> Rule:
        for invariant in load_kit(self._api).invariants:
            if invariant.name == name:
                return Rule(
                    "invariant", name, invariant.sentence, invariant.note, path=invariant.operations
                )
        return Rule("invariant", name)

    def _case(self, name: str) -> Rule:
        file = f"cases/{self._api.name}.yaml"
        for case in read_cases(self._api.name).cases:
            if case.name == name:
                said = {
                    key: value
                    for key, value in vars(case).items()
                    if value and key not in ("name", "needs")
                }
                text = yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=88)
                lines = [SourceLine(0, line) for line in text.splitlines()]
                return Rule("case", name, note=file, lines=tuple(lines[:_SHOWN]))
        return Rule("case", name)

    def _place(self, pointer: str, status: int | None) -> Rule:
        file = f"{self._api.name}.yaml"
        try:
            path, node = tokens(pointer), self._api.contract.resolve(pointer)
        except (ContractError, ValueError):
            return Rule("contract", pointer)
        above, meant = pointer, ""
        if not isinstance(node, dict) and len(path) > 1:
            # A keyword is read with those beside it.
            above, meant = pointer.rpartition("/")[0], pointer
        elif "operationId" in node and str(status) in node["responses"]:
            meant = f"{pointer}/responses/{status}"
        lines = self._excerpt(above, meant)
        title = f"{file}, line {self._line(pointer)}"
        note = _note(self._api.contract, pointer)
        return Rule("contract", title, note=note, path=tuple(path[1:]), lines=tuple(lines))

    @cached_property
    def _source(self) -> Source:
        return read(self._api.contract.source)

    def _line(self, pointer: str) -> int:
        return self._source.line(pointer.removeprefix("#"))

    def _excerpt(self, pointer: str, meant: str) -> list[SourceLine]:
        """What is written at a pointer, without its prose where it is an operation."""
        marked = self._block(self._line(meant)) if meant else range(0)
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
        cut = [replace(line, text=line.text[margin:]) for line in lines]
        return list(_shortened(cut, prose))

    def _block(self, first: int) -> range:
        """The lines of what begins in a line: those after it that are further from the margin."""
        margin, last = _indent(self._text[first - 1]), first
        for number in range(first + 1, len(self._text) + 1):
            line = self._text[number - 1]
            if line.strip() and _indent(line) <= margin:
                break
            last = number if line.strip() else last
        return range(first, last + 1)


def _indent(line: str) -> int:
    """How far from the margin a line says something; the dash of a list is margin too."""
    return len(line) - len(line.lstrip(" "))


def _shortened(lines: Sequence[SourceLine], prose: Collection[int]) -> Iterator[SourceLine]:
    """The lines without prose, of very many the first and those around what is meant."""
    meant = [n for n, line in enumerate(lines) if line.is_meant]
    near = range(meant[0] - _AROUND, meant[-1] + _AROUND + 1) if meant else range(0)
    is_short = len(lines) - len(prose) <= _SHOWN
    gap = 0
    for n, line in enumerate(lines):
        is_near = n in near or n < (_AROUND if meant else _SHOWN)
        if line.number in prose or not (is_short or is_near):
            gap += 1
            continue
        if gap:
            yield _gap(gap)
        gap = 0
        yield line
    if gap:
        yield _gap(gap)


def _gap(number: int) -> SourceLine:
    return SourceLine(0, f"… {number} more {'line' if number == 1 else 'lines'}")


def _note(contract: Contract, pointer: str) -> str:
    """Why a place is believed: the note beside the nearest evidence above it."""
    while pointer.startswith("#"):
        node = contract.resolve(pointer)
        if isinstance(node, dict) and "x-evidence" in node:
            return str(node.get("x-evidence-note", ""))
        pointer = pointer.rpartition("/")[0]
    return ""
