"""A scenario that has been read: its contents, and the location of each of them in its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from mockserver.api import Api
from mockserver.clock import ClockSetting, machine_now, parse_duration
from mockserver.errors import ScenarioError, ScenarioFault, SettingError
from mockserver.event import ScenarioFunction
from mockserver.fault import FaultRule
from mockserver.json_pointer import split_pointer
from mockserver.kind import Kind
from mockserver.moment import resolve_clock_moment
from mockserver.sandbox import World
from mockserver.store import Document
from mockserver.streamed_text import StreamedText
from mockserver.value_builder import Row
from mockserver.yaml_source import Source

BATCH = 200
"""How many documents are written together: other writers wait so long."""
MAX_FAULTS = 1_000
"""After so many, a scenario or a snapshot is not read on."""


def note_fault(faults: list[ScenarioFault], fault: ScenarioFault) -> None:
    """Add a fault to others. Raises ScenarioError when there are too many."""
    faults.append(fault)
    if len(faults) >= MAX_FAULTS:
        raise ScenarioError(sorted(faults, key=lambda fault: (fault.file, fault.line)))


class Location(Struct, frozen=True, gc=False):
    """A file, a line from 1, and a field as a path."""

    file: str
    line: int
    field: str

    def make_fault(self, reason: str) -> ScenarioFault:
        return ScenarioFault(self.file, self.line, self.field, reason)


class ScenarioSource(Struct, frozen=True):
    """A file that has been read, or a value in it; `root` is the pointer of that value."""

    file: str
    source: Source
    root: str = ""

    def locate(self, pointer: str) -> Location:
        """The location in the file of a JSON Pointer below the value."""
        field = f"{self.root}{pointer}".lstrip("/").replace("/", ".")
        return Location(self.file, self.source.line(pointer), field)


class LocatedDocument(Struct, frozen=True):
    """A document, and where it is written or which generator made it."""

    document: Document
    location: Location


class WrittenDocument(Struct, frozen=True):
    """A document as it is written, at a pointer of a source."""

    kind: Kind
    body: Any
    source: ScenarioSource
    pointer: str = ""

    @property
    def is_relative(self) -> bool:
        """Whether it depends on the moment at which it is read."""
        return isinstance(self.body, dict) and self.kind.is_relative(self.body)

    def read(self, api: Api, now: int) -> Iterator[LocatedDocument | ScenarioFault]:
        """The document at a moment, or what is wrong with it."""
        source, pointer = self.source, self.pointer
        if not isinstance(self.body, dict):
            yield source.locate(pointer).make_fault(f'{self.body!r} is not of type "object"')
            return
        body, faults = api.read_body(self.kind, self.body, now)
        yield from (source.locate(pointer + below).make_fault(reason) for below, reason in faults)
        if not faults:
            yield LocatedDocument(self.kind.document(body), source.locate(pointer))


class StreamedDocuments(Struct, frozen=True):
    """The documents of a text that is read item by item, because it need not fit into the memory.

    `file` is the name of the text in faults, `root` the pointer of the scenario in it.
    """

    text: StreamedText
    file: str
    root: str

    def read(
        self,
        apis: Mapping[str, Api],
        now: int,
        take: Callable[[str, LocatedDocument | ScenarioFault], None],
    ) -> None:
        """Call a function with the API of each document, and the document or a fault in it.

        Relative moments are relative to `now`. What belongs to no kind is left out: the schema of a
        scenario finds it. Raises YamlError.
        """

        def take_row(row: Row) -> None:
            *_, name, _, kind = split_pointer(row.list)
            if name not in apis or kind not in apis[name].kinds_by_name:
                return
            api, lines = apis[name], Source(row.value, lambda: dict(row.lines))
            place = f"{row.list}/{row.index}".removeprefix(self.root)
            source = ScenarioSource(self.file, lines, place)
            written = WrittenDocument(api.kinds_by_name[kind], row.value, source)
            for found in written.read(api, now):
                take(name, found)

        self.text.read_rows(take_row)


class FunctionCall(Struct, frozen=True):
    """A generator or an event to call.

    `at` is the moment of an event as it is written; without one it is the present moment of the
    world.
    """

    api: str
    function: ScenarioFunction
    options: Mapping[str, Any]
    location: Location
    at: str = "now"

    def act(self, world: World) -> Any:
        """Call it in a world, at its moment. Raises what the function raises, and SettingError."""
        moment = resolve_clock_moment(self.at, world.now)
        return self.function(world.freeze_at(moment), **self.options)


class Scenario(Struct):
    """The contents of a scenario. `clock` is the setting of its clock.

    `documents` are by API; those with a relative moment are read when the world is made. What is
    there `is_relative` if it is another at each load, and `has_long_periods` if a generator makes
    it in a relative period that is long enough to be much the same an hour later. `generations` are
    by API and generator, because a scenario replaces the options of the scenario that it extends.
    `sources` are the texts that were read, or digests of them. `faults` are the rules by name.
    `streamed` are more documents, which are read when the world is made.
    """

    name: str = ""
    description: str = ""
    seed: int = 0
    clock: ClockSetting = ClockSetting()
    tokens: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, list[LocatedDocument | WrittenDocument]] = field(default_factory=dict)
    is_relative: bool = False
    has_long_periods: bool = False
    generations: dict[tuple[str, str], list[FunctionCall]] = field(default_factory=dict)
    triggers: list[FunctionCall] = field(default_factory=list)
    validation: str = "strict"
    faults: dict[str, FaultRule] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    streamed: StreamedDocuments | None = None


class ClockFault(SettingError):
    """A field of a clock's setting is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(reason)


def read_clock(setting: Mapping[str, Any] | str) -> ClockSetting:
    """A clock from `real`, from `freeze`, or from `shift` and `rate`. Raises ClockFault.

    What `freeze` has may be relative to the machine's clock.
    """
    if isinstance(setting, str):
        return ClockSetting()
    if "freeze" in setting and len(setting) > 1:
        raise ClockFault("freeze", "a clock that is frozen has no shift and no rate")
    readers: dict[str, Callable[[Any], Any]] = {
        "freeze": lambda text: resolve_clock_moment(text, machine_now()),
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
