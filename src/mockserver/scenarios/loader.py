"""Reads a scenario and everything it extends, and says all that is wrong, with file and line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from mockserver.api import Api, get_events, list_operations
from mockserver.clock import machine_now
from mockserver.errors import (
    ScenarioError,
    ScenarioFault,
    SettingError,
    UnknownNameError,
    YamlError,
    suggest_nearest,
)
from mockserver.fault import MAX_RULES, FaultRule, find_rule_faults
from mockserver.files import SCENARIOS
from mockserver.json_pointer import escape, split_pointer, step
from mockserver.moment import RELATIVE, is_relative, resolve_clock_moment
from mockserver.scenarios.library import Library, find_scenario
from mockserver.scenarios.scenario import (
    ClockFault,
    FunctionCall,
    LocatedDocument,
    Location,
    Scenario,
    ScenarioSource,
    StreamedDocuments,
    WrittenDocument,
    note_fault,
    read_clock,
)
from mockserver.scenarios.schema import validate_shape
from mockserver.streamed_text import StreamedText
from mockserver.yaml_source import Source, decode, read_yaml

_SHARED = ("default", "documented")
"""The scenarios to which an API with a folder of its own adds its `world.yaml`."""

_read = lru_cache(maxsize=64)(read_yaml)
"""Each new sandbox reads its scenario again, and few of them have changed since."""


def load(
    path: Path,
    apis: Mapping[str, Api],
    library: Library | None = None,
    note_file: Callable[[Path], object] = lambda _: None,
) -> Scenario:
    """The scenario of a file, with what it extends. Raises ScenarioError with every fault.

    It can extend one in its own folder, or one that the library knows. `note_file` is called with
    each file before it is read or looked for.
    """
    reader = _Reader(apis, library, note_file)
    if path.parent == SCENARIOS and path.stem in _SHARED:
        for own in filter(None, (api.file("world.yaml") for api in apis.values())):
            reader.read_file(own)
    reader.read_file(path)
    return reader.result()


def load_stream(
    text: StreamedText, apis: Mapping[str, Api], library: Library, name: str, root: str = ""
) -> Scenario:
    """The scenario that a text is, or what it has at a pointer; faults call it by a name.

    It can extend what the library knows, and no file. Its documents are validated when its world is
    made, unless there are faults already. Raises ScenarioError.
    """
    reader = _Reader(apis, library)
    streamed = reader.scenario.streamed = StreamedDocuments(text, name, root)
    reader.scenario.is_relative = text.contains(RELATIVE)
    try:
        source = text.source
        for token in split_pointer(root):
            source = Source(step(source.data, token))
        reader.read_source(ScenarioSource(name, source), text.digest)
        if reader.faults:
            streamed.read(apis, reader.now, reader.note_faults)
    except YamlError as error:
        reader.faults.append(ScenarioFault(name, error.line, "", error.reason))
    return reader.result()


class _Reader:
    def __init__(
        self,
        apis: Mapping[str, Api],
        library: Library | None,
        note_file: Callable[[Path], object] = lambda _: None,
    ) -> None:
        self.apis = apis
        self.note_file = note_file
        self.library = library or Library()
        self.scenario = Scenario()
        self.faults: list[ScenarioFault] = []

    @property
    def now(self) -> int:
        """The moment of the scenario, if no other clock is chosen."""
        return self.scenario.clock.make_clock().now()

    def result(self) -> Scenario:
        if self.faults:
            for name, documents in self.scenario.documents.items():
                for document in documents:
                    if isinstance(document, WrittenDocument):
                        for found in document.read(self.apis[name], self.now):
                            self.note_faults(name, found)
            raise ScenarioError(sorted(self.faults, key=lambda fault: (fault.file, fault.line)))
        return self.scenario

    def read_file(self, path: Path, extended_by: tuple[Path, ...] = ()) -> None:
        """Put what a file says over what it extends."""
        self.note_file(path)
        try:
            text = decode(path.read_bytes())
        except OSError as error:
            self.faults.append(ScenarioFault(path.name, 1, "", f"it cannot be read: {error}"))
        except YamlError as error:
            self.faults.append(ScenarioFault(path.name, error.line, "", error.reason))
        else:
            self.read_text(path.name, text, (path, *extended_by))
            if not extended_by and self.library.paths.get(path.stem) == path:
                self.check_name(path)

    def check_name(self, path: Path) -> None:
        """Note a fault if the scenario is called otherwise than its file, by which it is loaded."""
        name = self.scenario.name
        if name and name != path.stem:
            source = ScenarioSource(path.name, _read(decode(path.read_bytes())))
            reason = f"'{name}' is loaded as '{path.stem}', the name of its file; write the same"
            self.faults.append(source.locate("/name").make_fault(reason))

    def read_text(self, name: str, text: str, chain: tuple[Path, ...] = ()) -> None:
        """Read a text; `chain` has its file, then the one that extends it, and so on."""
        try:
            source = ScenarioSource(name, _read(text))
        except YamlError as error:
            self.faults.append(ScenarioFault(name, error.line, "", error.reason))
        else:
            self.read_source(source, text, chain)

    def read_source(self, source: ScenarioSource, text: str, chain: tuple[Path, ...] = ()) -> None:
        data, faults = validate_shape(source, self.apis)
        self.faults.extend(faults)
        if "extends" in data:
            self.extend(source.locate("/extends"), data["extends"], chain)
        self.scenario.sources.append(text)
        self.merge(source, data)

    def extend(self, location: Location, name: str, chain: tuple[Path, ...]) -> None:
        if chain:
            file = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
            self.note_file(chain[0].parent / file)
        try:
            parent = self.find_beside(chain[0], name) if chain else self.library.get_path(name)
        except (SettingError, UnknownNameError) as error:
            self.faults.append(location.make_fault(str(error)))
            return
        if parent in chain:
            self.faults.append(location.make_fault(f"'{parent.stem}' extends itself"))
            return
        self.read_file(parent, chain)

    def find_beside(self, path: Path, name: str) -> Path:
        """What a file extends: one in its folder or below, else one that the library knows.

        One that extends its own name extends the one of the package, in whose place it is.
        """
        known, folder = self.library.paths, path.parent
        beside = {path.stem: path for path in folder.glob("*.yaml")}
        shadowed = Library().paths if path.stem == name else {}
        named = {**known, **beside, **shadowed}
        parent = named[name] if name in named else find_scenario(name, folder)
        is_inside = parent.resolve().is_relative_to(folder.resolve())
        if parent not in (*known.values(), *shadowed.values()) and not is_inside:
            raise SettingError(
                f"'{name}' lies outside the folder of this file; extend what is in it, or below"
            )
        return parent

    def merge(self, source: ScenarioSource, data: Mapping[str, Any]) -> None:
        scenario = self.scenario
        scenario.name = data.get("name", "")
        scenario.description = data.get("description", "")
        scenario.seed = data.get("seed", scenario.seed)
        scenario.tokens.update(data.get("tokens", {}))
        scenario.validation = data.get("validation", scenario.validation)
        if "clock" in data:
            try:
                scenario.clock = read_clock(data["clock"])
            except ClockFault as fault:
                location = source.locate(f"/clock/{fault.field}")
                self.faults.append(location.make_fault(str(fault)))
        for name, section in data.get("apis", {}).items():
            self.read_section(source, self.apis[name], section)
        self.read_faults(source, data.get("faults", []))
        for n, event in enumerate(data.get("events", [])):
            if event and "trigger" in event:
                self.read_event(source, f"/events/{n}", event)

    def read_faults(
        self, source: ScenarioSource, rules: Sequence[Mapping[str, Any] | None]
    ) -> None:
        """Read the rules of a file; one replaces its namesake of the extended scenario."""
        known, names = self.scenario.faults, set[str]()
        operations = list_operations(self.apis.values())
        for n, data in enumerate(rules):
            pointer = f"/faults/{n}"
            place = f"{source.locate(pointer).field}."
            if data is None or any(f"{it.field}.".startswith(place) for it in self.faults):
                continue  # the schema has found a fault in it
            faults = list(find_rule_faults(data, operations))
            if data["name"] in names:
                faults.append(("/name", f"there is a fault '{data['name']}' above"))
            names.add(data["name"])
            self.faults += [source.locate(pointer + it).make_fault(why) for it, why in faults]
            if not faults:
                known[data["name"]] = FaultRule.read(data)
        if len(known) > MAX_RULES:
            reason = f"with those that it extends it has {len(known)}, and {MAX_RULES} are allowed"
            self.faults.append(source.locate("/faults").make_fault(reason))

    def read_section(self, source: ScenarioSource, api: Api, section: Mapping[str, Any]) -> None:
        pointer = f"/apis/{api.name}"
        documents = self.scenario.documents.setdefault(api.name, [])
        for name, bodies in section.get("documents", {}).items():
            kind = api.kinds_by_name[name]
            for n, body in enumerate(bodies):
                if body is None:
                    continue  # the schema has found a fault in it
                written = WrittenDocument(kind, body, source, f"{pointer}/documents/{name}/{n}")
                if written.is_relative:
                    self.scenario.is_relative = True
                    documents.append(written)
                    continue
                for found in written.read(api, self.now):
                    if isinstance(found, ScenarioFault):
                        self.faults.append(found)
                    else:
                        documents.append(found)
        for name, written in section.get("generate", {}).items():
            function, place = api.get_generator(name), f"{pointer}/generate/{name}"
            calls = self.scenario.generations[api.name, name] = []
            places = {place: written}
            if isinstance(written, list):
                places = {f"{place}/{n}": options for n, options in enumerate(written)}
            for place, options in places.items():
                if options is None:
                    continue  # the schema has found a fault in it
                faults = list(function.find_faults(options))
                for option, reason in faults:
                    if option in options:  # else the schema has found the fault
                        location = source.locate(f"{place}/{escape(option)}")
                        self.faults.append(location.make_fault(reason))
                if not faults and function.is_relative(options):
                    is_long = function.is_long(options)
                    self.scenario.has_long_periods |= is_long
                    self.scenario.is_relative |= not is_long
                call = FunctionCall(api.name, function, options, source.locate(place))
                calls.append(call)

    def note_faults(self, _api: str, found: LocatedDocument | ScenarioFault) -> None:
        if isinstance(found, ScenarioFault):
            note_fault(self.faults, found)

    def read_event(self, source: ScenarioSource, pointer: str, event: Mapping[str, Any]) -> None:
        location = source.locate(f"{pointer}/trigger")
        name, known = event["trigger"], get_events(self.apis.values())
        if name not in known:
            reason = f"there is no event '{name}'; {suggest_nearest(name, known)}"
            self.faults.append(location.make_fault(reason))
            return
        function, options = known[name], event.get("with", {})
        for option, reason in function.find_faults(options):
            self.faults.append(source.locate(f"{pointer}/with/{escape(option)}").make_fault(reason))
        at = event.get("at", "now")
        try:
            resolve_clock_moment(at, machine_now())
        except SettingError as error:
            self.faults.append(source.locate(f"{pointer}/at").make_fault(str(error)))
        self.scenario.is_relative |= is_relative(at) or function.is_relative(options)
        call = FunctionCall(name.partition(".")[0], function, options, location, at)
        self.scenario.triggers.append(call)
