"""Reads a scenario and everything it extends, and says all that is wrong, with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.api import Action, Api, Kind
from mockserver.clock import parse
from mockserver.contract import Breach, Schemas
from mockserver.errors import ScenarioError, ScenarioFault, SettingError, nearest
from mockserver.files import SCENARIOS
from mockserver.json_pointer import escape
from mockserver.scenarios.format import scenario_schema
from mockserver.store import Document
from mockserver.yaml_source import Source, YamlError, read

__all__ = ["Generation", "Place", "Pull", "Scenario", "find", "load"]


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
class Generation:
    """A generator to be called, with its options."""

    api: str
    generator: Action
    options: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Pull:
    """A lever to be pulled, at a moment in microseconds or at the world's own."""

    api: str
    lever: Action
    options: Mapping[str, Any]
    at: int | None
    place: Place


@dataclass
class Scenario:
    """A world written down. `clock` is the moment it is frozen at, or None for real time."""

    name: str = ""
    description: str = ""
    seed: int = 0
    clock: int | None = None
    tokens: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, list[tuple[Document, Place]]] = field(default_factory=dict)
    generations: list[Generation] = field(default_factory=list)
    pulls: list[Pull] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


def find(name: str, folder: Path = SCENARIOS) -> Path:
    """The file of a scenario: by name in a folder or among those of the package, or by path.

    Raises SettingError, with the nearest name.
    """
    paths = [*SCENARIOS.glob("*.yaml"), *folder.glob("*.yaml")]
    known = {path.stem: path for path in sorted(paths, key=lambda path: path.parent == folder)}
    if name in known:
        return known[name]
    if name.endswith((".yaml", ".yml")):
        if Path(name).is_file():
            return Path(name)
        raise SettingError(f"There is no scenario file '{name}'.")
    raise SettingError(f"There is no scenario '{name}'; {nearest(name, list(known))}")


def load(path: Path, apis: Mapping[str, Api], known: Sequence[str]) -> Scenario:
    """The scenario of a file, with what it extends. Raises ScenarioError with every fault.

    `apis` are those that are served, `known` the names of all: a scenario may speak of more than
    is served.
    """
    reader = _Reader(apis, known)
    scenario = Scenario()
    reader.read(path, scenario, ())
    if not reader.faults:
        reader.faults.extend(_relations(scenario, apis))
    if reader.faults:
        raise ScenarioError(sorted(reader.faults, key=lambda fault: (fault.file, fault.line)))
    return scenario


class _Reader:
    def __init__(self, apis: Mapping[str, Api], known: Sequence[str]) -> None:
        self.apis = apis
        self.schema = scenario_schema(apis, known)
        self.shape = Schemas({}).compile_beside(self.schema)
        self.faults: list[ScenarioFault] = []

    def read(self, path: Path, scenario: Scenario, extended_by: tuple[Path, ...]) -> None:
        """Put what a file says over what it extends."""
        file = path.name
        try:
            text = path.read_text(encoding="utf-8")
            source = read(text)
        except (OSError, UnicodeDecodeError) as error:
            self.faults.append(ScenarioFault(file, 1, "", f"it cannot be read: {error}"))
            return
        except YamlError as error:
            self.faults.append(ScenarioFault(file, error.line, "", error.reason))
            return
        breaches = list(self.shape.breaches(source.data))
        if breaches:
            self.faults.extend(self.shape_fault(_Written(file, source), item) for item in breaches)
            return
        self.extend(path, source, scenario, extended_by)
        scenario.sources.append(text)
        self.merge(_Written(file, source), scenario)

    def shape_fault(self, written: _Written, breach: Breach) -> ScenarioFault:
        if not breach.unexpected:
            return written.place(breach.place).fault(breach.message)
        word = breach.unexpected[0]
        node: Any = self.schema
        for token in breach.rule.split("/")[1:-1]:
            node = node[token]
        reason = f"'{word}' is not known here; {nearest(word, list(node['properties']))}"
        return written.place(f"{breach.place}/{escape(word)}").fault(reason)

    def extend(
        self, path: Path, source: Source, scenario: Scenario, extended_by: tuple[Path, ...]
    ) -> None:
        if "extends" not in source.data:
            return
        place = _Written(path.name, source).place("/extends")
        try:
            parent = find(source.data["extends"], path.parent)
        except SettingError as error:
            self.faults.append(place.fault(str(error)))
            return
        if parent in (path, *extended_by):
            self.faults.append(place.fault(f"'{parent.stem}' extends itself"))
            return
        self.read(parent, scenario, (path, *extended_by))

    def merge(self, written: _Written, scenario: Scenario) -> None:
        data = written.source.data
        scenario.name = data["name"]
        scenario.description = data["description"]
        scenario.seed = data.get("seed", scenario.seed)
        scenario.tokens.update(data.get("tokens", {}))
        if "clock" in data:
            scenario.clock = self.clock(written, data["clock"])
        for name, section in data.get("apis", {}).items():
            if name in self.apis:
                self.section(written, scenario, self.apis[name], section)
        for n, lever in enumerate(data.get("levers", [])):
            self.pull(written, scenario, f"/levers/{n}", lever)

    def clock(self, written: _Written, clock: Any) -> int | None:
        if clock == "real":
            return None
        return self.moment(written.place("/clock/freeze"), clock["freeze"])

    def moment(self, place: Place, text: str) -> int | None:
        try:
            return parse(text)
        except SettingError as error:
            self.faults.append(place.fault(str(error)))
            return None

    def section(
        self, written: _Written, scenario: Scenario, api: Api, section: Mapping[str, Any]
    ) -> None:
        pointer = f"/apis/{api.name}"
        documents = scenario.documents.setdefault(api.name, [])
        for kind, bodies in section.get("documents", {}).items():
            for n, body in enumerate(bodies):
                below = f"{pointer}/documents/{kind}/{n}"
                documents.extend(self.document(written, below, api, api.kind(kind), body))
        for name, options in section.get("generate", {}).items():
            place = written.place(f"{pointer}/generate/{name}")
            generation = Generation(api.name, api.generator(name), options, place)
            scenario.generations.append(generation)

    def document(
        self, written: _Written, pointer: str, api: Api, kind: Kind, body: dict[str, Any]
    ) -> Iterator[tuple[Document, Place]]:
        breaches = list(api.kind_schemas[kind.name].breaches(body))
        faults = [(breach.place, breach.message) for breach in breaches]
        if not faults:
            faults = [(f"/{name}", reason) for name, reason in kind.check(body)]
        for place, reason in faults:
            self.faults.append(written.place(pointer + place).fault(reason))
        if not faults:
            yield kind.document(body), written.place(pointer)

    def pull(
        self, written: _Written, scenario: Scenario, pointer: str, lever: Mapping[str, Any]
    ) -> None:
        place = written.place(f"{pointer}/pull")
        name, _, verb = lever["pull"].partition(".")
        api = self.apis.get(name)
        known = [f"{api.name}.{verb}" for api in self.apis.values() for verb in api.levers]
        if api is None or verb not in api.levers:
            reason = f"there is no lever '{lever['pull']}'; {nearest(lever['pull'], known)}"
            self.faults.append(place.fault(reason))
            return
        action, options = api.lever(verb), lever.get("with", {})
        for option, reason in action.faults(options):
            self.faults.append(written.place(f"{pointer}/with/{option}").fault(reason))
        at = None
        if "at" in lever:
            at = self.moment(written.place(f"{pointer}/at"), lever["at"])
        scenario.pulls.append(Pull(name, action, options, at, place))


@dataclass(frozen=True, slots=True)
class _Written:
    file: str
    source: Source

    def place(self, pointer: str) -> Place:
        return Place(self.file, self.source.line(pointer), pointer.lstrip("/").replace("/", "."))


def _relations(scenario: Scenario, apis: Mapping[str, Api]) -> Iterator[ScenarioFault]:
    """What is wrong between documents: two with one key, one without its parent or outside it."""
    for name, documents in scenario.documents.items():
        known: dict[tuple[str, str], Document] = {}
        for document, place in documents:
            if document.key and (document.kind, document.key) in known:
                yield place.fault(
                    f"there are two of the kind '{document.kind}' with the key '{document.key}'"
                )
            known[document.kind, document.key] = document
        for document, place in documents:
            parent_kind = apis[name].kind(document.kind).parent
            if not parent_kind:
                continue
            parent = known.get((parent_kind, document.owner))
            if parent is None:
                yield place.fault(f"there is no {parent_kind} '{document.owner}' in this scenario")
            elif not _is_inside(document, parent):
                yield place.fault(f"it lies outside its {parent_kind} '{document.owner}'")


def _is_inside(document: Document, parent: Document) -> bool:
    if parent.at is None or document.at is None:
        return True
    return parent.at <= document.at and (parent.until is None or document.at <= parent.until)
