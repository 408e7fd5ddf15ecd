"""A scenario that has been read: its contents, and the location of each of them in its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.clock import ClockSetting, parse_clock_moment, parse_duration
from mockserver.errors import ScenarioFault, SettingError
from mockserver.event import ScenarioFunction
from mockserver.store import Document
from mockserver.yaml_source import Source


@dataclass(frozen=True, slots=True)
class Location:
    """A file, a line from 1, and a field as a path."""

    file: str
    line: int
    field: str

    def make_fault(self, reason: str) -> ScenarioFault:
        return ScenarioFault(self.file, self.line, self.field, reason)


@dataclass(frozen=True, slots=True)
class ScenarioSource:
    """A file that has been read."""

    file: str
    source: Source

    def locate(self, pointer: str) -> Location:
        """The location of a JSON Pointer in this file."""
        return Location(self.file, self.source.line(pointer), pointer.lstrip("/").replace("/", "."))


@dataclass(frozen=True, slots=True)
class LocatedDocument:
    """A document, and where it is written or which generator made it."""

    document: Document
    location: Location


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A generator or an event to call.

    `at` is the moment of an event in microseconds; None is the present moment of the world.
    """

    api: str
    function: ScenarioFunction
    options: Mapping[str, Any]
    location: Location
    at: int | None = None


@dataclass
class Scenario:
    """The contents of a scenario. `clock` is the setting of its clock.

    `documents` are by API. `generations` are by API and generator, because a scenario replaces the
    options of the scenario that it extends. `sources` are the texts that were read.
    """

    name: str = ""
    description: str = ""
    seed: int = 0
    clock: ClockSetting = ClockSetting()
    tokens: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, list[LocatedDocument]] = field(default_factory=dict)
    generations: dict[tuple[str, str], FunctionCall] = field(default_factory=dict)
    triggers: list[FunctionCall] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


class ClockFault(SettingError):
    """A field of a clock's setting is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(reason)


def read_clock(setting: Mapping[str, Any] | str) -> ClockSetting:
    """A clock from `real`, from `freeze`, or from `shift` and `rate`. Raises ClockFault."""
    if isinstance(setting, str):
        return ClockSetting()
    if "freeze" in setting and len(setting) > 1:
        raise ClockFault("freeze", "a clock that is frozen has no shift and no rate")
    readers: dict[str, Callable[[Any], Any]] = {
        "freeze": parse_clock_moment,
        "shift": _read_shift,
        "rate": float,
    }
    fields: dict[str, Any] = {}
    for name, value in setting.items():
        try:
            fields[name] = readers[name](value)
        except SettingError as error:
            raise ClockFault(name, str(error)) from None
    return ClockSetting(**fields)


def _read_shift(value: float | str) -> int:
    shift = parse_duration(value)
    ClockSetting(shift=shift).make_clock()  # raises for a moment that a clock cannot show
    return shift
