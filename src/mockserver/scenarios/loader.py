"""Reads a scenario and everything it extends, and says all that is wrong, with file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from mockserver.api import Api
from mockserver.clock import ClockSetting, parse_clock_moment
from mockserver.errors import (
    ScenarioError,
    ScenarioFault,
    SettingError,
    UnknownNameError,
    YamlError,
    suggest_nearest,
)
from mockserver.files import SCENARIOS
from mockserver.json_pointer import escape
from mockserver.kind import Kind
from mockserver.scenarios.clocks import ClockFault, read_clock
from mockserver.scenarios.library import Library, find_scenario
from mockserver.scenarios.relations import find_relation_faults
from mockserver.scenarios.scenario import (
    EventCall,
    GeneratorCall,
    LocatedDocument,
    Location,
    Scenario,
    ScenarioSource,
)
from mockserver.scenarios.shape import Shape
from mockserver.yaml_source import TOO_DEEP, Source, decode, is_too_deep, read_yaml

_SHARED = ("default", "documented")
"""The scenarios to which an API with a folder of its own adds its `world.yaml`."""

__all__ = ["load", "load_data", "load_text"]

_read = lru_cache(maxsize=64)(read_yaml)
"""Each new sandbox reads its scenario again, and few of them have changed since."""


def load(
    path: Path, apis: Mapping[str, Api], library: Library | None = None, *, is_whole: bool = True
) -> Scenario:
    """The scenario of a file, with what it extends. Raises ScenarioError with every fault.

    It can extend one in its own folder, or one that the library knows. One that is not whole is to
    be added to a world, and what its documents belong to may be there.
    """
    reader = _Reader(apis, library, is_whole=is_whole)
    if path.parent == SCENARIOS and path.stem in _SHARED:
        for own in filter(None, (api.file("world.yaml") for api in apis.values())):
            reader.read_file(own, ())
    reader.read_file(path, ())
    return reader.result()


def load_text(
    text: str, apis: Mapping[str, Api], library: Library, name: str, *, is_whole: bool = True
) -> Scenario:
    """The scenario that a YAML text is; faults call it by a name. Raises ScenarioError.

    It can extend what the library knows, and no file.
    """
    reader = _Reader(apis, library, is_whole=is_whole)
    reader.read_text(name, text, None, ())
    return reader.result()


def load_data(
    data: Any, apis: Mapping[str, Api], library: Library, name: str, *, is_whole: bool = True
) -> Scenario:
    """The scenario that a value out of JSON is, likewise. Raises ScenarioError."""
    if is_too_deep(data):
        raise ScenarioError([ScenarioFault(name, 1, "", TOO_DEEP)])
    reader = _Reader(apis, library, is_whole=is_whole)
    text = json.dumps(data, ensure_ascii=False)
    reader.read_written(ScenarioSource(name, Source(data)), text, None, ())
    return reader.result()


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


class _Reader:
    def __init__(self, apis: Mapping[str, Api], library: Library | None, *, is_whole: bool) -> None:
        self.apis = apis
        self.is_whole = is_whole
        self.library = library or Library()
        self.shape = Shape(apis)
        self.scenario = Scenario()
        self.faults: list[ScenarioFault] = []

    def result(self) -> Scenario:
        faults = self.faults or list(self.relation_faults())
        if faults:
            raise ScenarioError(sorted(faults, key=lambda fault: (fault.file, fault.line)))
        return self.scenario

    def relation_faults(self) -> Iterator[ScenarioFault]:
        generating = {api for api, _ in self.scenario.generations}
        for name, rows in self.scenario.documents.items():
            is_complete = self.is_whole and name not in generating
            yield from find_relation_faults(self.apis[name], rows, is_complete=is_complete)

    def read_file(self, path: Path, extended_by: tuple[Path, ...]) -> None:
        """Put what a file says over what it extends."""
        try:
            text = decode(path.read_bytes())
        except OSError as error:
            self.faults.append(ScenarioFault(path.name, 1, "", f"it cannot be read: {error}"))
        except YamlError as error:
            self.faults.append(ScenarioFault(path.name, error.line, "", error.reason))
        else:
            self.read_text(path.name, text, path, extended_by)

    def read_text(
        self, name: str, text: str, path: Path | None, extended_by: tuple[Path, ...]
    ) -> None:
        try:
            written = ScenarioSource(name, _read(text))
        except YamlError as error:
            self.faults.append(ScenarioFault(name, error.line, "", error.reason))
        else:
            self.read_written(written, text, path, extended_by)

    def read_written(
        self, written: ScenarioSource, text: str, path: Path | None, extended_by: tuple[Path, ...]
    ) -> None:
        data, faults = self.shape.validate(written)
        self.faults.extend(faults)
        if "extends" in data:
            self.extend(written.place("/extends"), data["extends"], path, extended_by)
        self.scenario.sources.append(text)
        self.merge(written, data, self.scenario)

    def extend(
        self, place: Location, name: str, path: Path | None, extended_by: tuple[Path, ...]
    ) -> None:
        try:
            parent = self.library.get_path(name) if path is None else self.beside(path, name)
        except (SettingError, UnknownNameError) as error:
            self.faults.append(place.make_fault(str(error)))
            return
        chain = (path, *extended_by) if path else extended_by
        if parent in chain:
            self.faults.append(place.make_fault(f"'{parent.stem}' extends itself"))
            return
        self.read_file(parent, chain)

    def beside(self, path: Path, name: str) -> Path:
        """What a file extends: one in its folder or below, else one that the library knows."""
        known, folder = self.library.paths, path.parent
        beside = {path.stem: path for path in folder.glob("*.yaml")}
        named = {**known, **beside}
        parent = named[name] if name in named else find_scenario(name, folder)
        if parent not in known.values() and not _is_inside(parent, folder):
            raise SettingError(
                f"'{name}' lies outside the folder of this file; extend what is in it, or below"
            )
        return parent

    def merge(self, written: ScenarioSource, data: Mapping[str, Any], scenario: Scenario) -> None:
        scenario.name = data.get("name", "")
        scenario.description = data.get("description", "")
        scenario.seed = data.get("seed", scenario.seed)
        scenario.tokens.update(data.get("tokens", {}))
        if "clock" in data:
            scenario.clock = self.clock(written, data["clock"])
        for name, section in data.get("apis", {}).items():
            self.section(written, scenario, self.apis[name], section)
        for n, event in enumerate(data.get("events", [])):
            if event and "trigger" in event:
                scenario.triggers.extend(self.trigger(written, f"/events/{n}", event))

    def clock(self, written: ScenarioSource, setting: Any) -> ClockSetting | None:
        if setting == "real":
            return None
        try:
            return read_clock(setting)
        except ClockFault as fault:
            self.faults.append(written.place(f"/clock/{fault.field}").make_fault(str(fault)))
            return None

    def moment(self, place: Location, text: str) -> int | None:
        try:
            return parse_clock_moment(text)
        except SettingError as error:
            self.faults.append(place.make_fault(str(error)))
            return None

    def section(
        self, written: ScenarioSource, scenario: Scenario, api: Api, section: Mapping[str, Any]
    ) -> None:
        pointer = f"/apis/{api.name}"
        rows = scenario.documents.setdefault(api.name, [])
        for kind, bodies in section.get("documents", {}).items():
            for n, body in enumerate(bodies):
                below = f"{pointer}/documents/{kind}/{n}"
                if body is not None:
                    rows.extend(self.row(written, below, api, api.get_kind(kind), body))
        for name, options in section.get("generate", {}).items():
            place = written.place(f"{pointer}/generate/{name}")
            generation = GeneratorCall(api.name, api.get_generator(name), options, place)
            scenario.generations[api.name, name] = generation

    def row(
        self, written: ScenarioSource, pointer: str, api: Api, kind: Kind, body: dict[str, Any]
    ) -> Iterator[LocatedDocument]:
        faults = list(api.find_body_faults(kind, body))
        for place, reason in faults:
            self.faults.append(written.place(pointer + place).make_fault(reason))
        if not faults:
            yield LocatedDocument(kind.document(body), written.place(pointer))

    def trigger(
        self, written: ScenarioSource, pointer: str, event: Mapping[str, Any]
    ) -> Iterator[EventCall]:
        place = written.place(f"{pointer}/trigger")
        name, _, verb = event["trigger"].partition(".")
        api = self.apis.get(name)
        if api is None or verb not in api.events:
            known = [f"{api.name}.{verb}" for api in self.apis.values() for verb in api.events]
            reason = f"there is no event '{event['trigger']}'; {suggest_nearest(event['trigger'], known)}"
            self.faults.append(place.make_fault(reason))
            return
        action, options = api.get_event(verb), event.get("with", {})
        for option, reason in action.find_faults(options):
            self.faults.append(written.place(f"{pointer}/with/{escape(option)}").make_fault(reason))
        at = self.moment(written.place(f"{pointer}/at"), event["at"]) if "at" in event else None
        yield EventCall(name, action, options, at, place)
