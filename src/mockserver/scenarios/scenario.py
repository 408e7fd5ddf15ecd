"""A scenario in hand: what was written, and where each part of it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.clock import ClockSetting
from mockserver.errors import ScenarioFault
from mockserver.event import Action
from mockserver.store import Document
from mockserver.yaml_source import Source

__all__ = ["Generation", "Place", "Row", "Scenario", "TriggeredEvent", "Written"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, a line from 1, and the field as a path."""

    file: str
    line: int
    field: str

    def fault(self, reason: str) -> ScenarioFault:
        """Something wrong here."""
        return ScenarioFault(self.file, self.line, self.field, reason)


@dataclass(frozen=True, slots=True)
class Written:
    """A file that has been read."""

    file: str
    source: Source

    def place(self, pointer: str) -> Place:
        """Where a JSON Pointer leads in this file."""
        return Place(self.file, self.source.line(pointer), pointer.lstrip("/").replace("/", "."))


@dataclass(frozen=True, slots=True)
class Row:
    """A document, and where it is written or which generator made it."""

    document: Document
    place: Place


@dataclass(frozen=True, slots=True)
class Generation:
    """A generator to be called, with its options."""

    api: str
    generator: Action
    options: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class TriggeredEvent:
    """An event to be triggered, at a moment in microseconds or at the world's own."""

    api: str
    event: Action
    options: Mapping[str, Any]
    at: int | None
    place: Place


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
    documents: dict[str, list[Row]] = field(default_factory=dict)
    generations: dict[tuple[str, str], Generation] = field(default_factory=dict)
    triggers: list[TriggeredEvent] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
