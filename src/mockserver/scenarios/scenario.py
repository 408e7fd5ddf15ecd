"""A scenario in hand: what was written, and where each part of it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.clock import ClockSetting
from mockserver.errors import ScenarioFault
from mockserver.event import ScenarioFunction
from mockserver.store import Document
from mockserver.yaml_source import Source

__all__ = [
    "EventCall",
    "GeneratorCall",
    "LocatedDocument",
    "Location",
    "Scenario",
    "ScenarioSource",
]


@dataclass(frozen=True, slots=True)
class Location:
    """Where something stands: a file, a line from 1, and the field as a path."""

    file: str
    line: int
    field: str

    def make_fault(self, reason: str) -> ScenarioFault:
        """Something wrong here."""
        return ScenarioFault(self.file, self.line, self.field, reason)


@dataclass(frozen=True, slots=True)
class ScenarioSource:
    """A file that has been read."""

    file: str
    source: Source

    def place(self, pointer: str) -> Location:
        """Where a JSON Pointer leads in this file."""
        return Location(self.file, self.source.line(pointer), pointer.lstrip("/").replace("/", "."))


@dataclass(frozen=True, slots=True)
class LocatedDocument:
    """A document, and where it is written or which generator made it."""

    document: Document
    place: Location


@dataclass(frozen=True, slots=True)
class GeneratorCall:
    """A generator to be called, with its options."""

    api: str
    generator: ScenarioFunction
    options: Mapping[str, Any]
    place: Location


@dataclass(frozen=True, slots=True)
class EventCall:
    """An event to be triggered, at a moment in microseconds or at the world's own."""

    api: str
    event: ScenarioFunction
    options: Mapping[str, Any]
    at: int | None
    place: Location


@dataclass
class Scenario:
    """A world written down. `clock` is how its clock is set, or None for real time.

    `documents` are by API; `generations` by API and generator, since one that extends another says
    anew how much there is of something. `sources` are the texts it was read from.
    """

    name: str = ""
    description: str = ""
    seed: int = 0
    clock: ClockSetting | None = None
    tokens: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, list[LocatedDocument]] = field(default_factory=dict)
    generations: dict[tuple[str, str], GeneratorCall] = field(default_factory=dict)
    triggers: list[EventCall] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
