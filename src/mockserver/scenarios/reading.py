"""Reads a scenario and everything it extends, and says all that is wrong, with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mockserver.api import Api
from mockserver.clock import parse_present
from mockserver.errors import ScenarioError, ScenarioFault, SettingError, nearest
from mockserver.files import SCENARIOS
from mockserver.json_pointer import escape
from mockserver.kind import Kind
from mockserver.scenarios.relations import relation_faults
from mockserver.scenarios.scenario import Generation, Place, Pull, Row, Scenario, Written
from mockserver.scenarios.shape import Shape
from mockserver.yaml_source import YamlError, read

__all__ = ["find", "load"]


def find(name: str, folder: Path | None = None) -> Path:
    """The file of a scenario: by name, in a folder or among those of the package, or by path.

    A path is relative to the folder, or to the working directory without one. Raises SettingError,
    with the nearest name.
    """
    folders = [SCENARIOS, folder] if folder else [SCENARIOS]
    known = {path.stem: path for place in folders for path in sorted(place.glob("*.yaml"))}
    if name in known:
        return known[name]
    if name.endswith((".yaml", ".yml")):
        path = (folder or Path()) / name
        if path.is_file():
            return path
        raise SettingError(f"There is no scenario file '{name}'.")
    raise SettingError(f"There is no scenario '{name}'; {nearest(name, list(known))}")


def load(path: Path, apis: Mapping[str, Api]) -> Scenario:
    """The scenario of a file, with what it extends. Raises ScenarioError with every fault."""
    reader = _Reader(apis)
    scenario = Scenario()
    reader.read(path, scenario, ())
    faults = reader.faults or list(_relation_faults(scenario, apis))
    if faults:
        raise ScenarioError(sorted(faults, key=lambda fault: (fault.file, fault.line)))
    return scenario


def _relation_faults(scenario: Scenario, apis: Mapping[str, Api]) -> Iterator[ScenarioFault]:
    generating = {api for api, _ in scenario.generations}
    for name, rows in scenario.documents.items():
        yield from relation_faults(apis[name], rows, is_complete=name not in generating)


class _Reader:
    def __init__(self, apis: Mapping[str, Api]) -> None:
        self.apis = apis
        self.shape = Shape(apis)
        self.faults: list[ScenarioFault] = []

    def read(self, path: Path, scenario: Scenario, extended_by: tuple[Path, ...]) -> None:
        """Put what a file says over what it extends."""
        try:
            text = path.read_text(encoding="utf-8")
            written = Written(path.name, read(text))
        except (OSError, UnicodeDecodeError) as error:
            self.faults.append(ScenarioFault(path.name, 1, "", f"it cannot be read: {error}"))
            return
        except YamlError as error:
            self.faults.append(ScenarioFault(path.name, error.line, "", error.reason))
            return
        data, faults = self.shape.judge(written)
        self.faults.extend(faults)
        if "extends" in data:
            self.extend(path, written.place("/extends"), data["extends"], scenario, extended_by)
        scenario.sources.append(text)
        self.merge(written, data, scenario)

    def extend(
        self,
        path: Path,
        place: Place,
        name: str,
        scenario: Scenario,
        extended_by: tuple[Path, ...],
    ) -> None:
        try:
            parent = find(name, path.parent)
        except SettingError as error:
            self.faults.append(place.fault(str(error)))
            return
        if parent in (path, *extended_by):
            self.faults.append(place.fault(f"'{parent.stem}' extends itself"))
            return
        self.read(parent, scenario, (path, *extended_by))

    def merge(self, written: Written, data: Mapping[str, Any], scenario: Scenario) -> None:
        scenario.name = data.get("name", "")
        scenario.description = data.get("description", "")
        scenario.seed = data.get("seed", scenario.seed)
        scenario.tokens.update(data.get("tokens", {}))
        if data.get("clock") == "real":
            scenario.clock = None
        elif "freeze" in data.get("clock", {}):
            place = written.place("/clock/freeze")
            scenario.clock = self.moment(place, data["clock"]["freeze"])
        for name, section in data.get("apis", {}).items():
            self.section(written, scenario, self.apis[name], section)
        for n, lever in enumerate(data.get("levers", [])):
            if lever and "pull" in lever:
                scenario.pulls.extend(self.pull(written, f"/levers/{n}", lever))

    def moment(self, place: Place, text: str) -> int | None:
        try:
            return parse_present(text)
        except SettingError as error:
            self.faults.append(place.fault(str(error)))
            return None

    def section(
        self, written: Written, scenario: Scenario, api: Api, section: Mapping[str, Any]
    ) -> None:
        pointer = f"/apis/{api.name}"
        rows = scenario.documents.setdefault(api.name, [])
        for kind, bodies in section.get("documents", {}).items():
            for n, body in enumerate(bodies):
                below = f"{pointer}/documents/{kind}/{n}"
                if body is not None:
                    rows.extend(self.row(written, below, api, api.kind(kind), body))
        for name, options in section.get("generate", {}).items():
            place = written.place(f"{pointer}/generate/{name}")
            generation = Generation(api.name, api.generator(name), options, place)
            scenario.generations[api.name, name] = generation

    def row(
        self, written: Written, pointer: str, api: Api, kind: Kind, body: dict[str, Any]
    ) -> Iterator[Row]:
        faults = list(api.body_faults(kind, body))
        for place, reason in faults:
            self.faults.append(written.place(pointer + place).fault(reason))
        if not faults:
            yield Row(kind.document(body), written.place(pointer))

    def pull(self, written: Written, pointer: str, lever: Mapping[str, Any]) -> Iterator[Pull]:
        place = written.place(f"{pointer}/pull")
        name, _, verb = lever["pull"].partition(".")
        api = self.apis.get(name)
        if api is None or verb not in api.levers:
            known = [f"{api.name}.{verb}" for api in self.apis.values() for verb in api.levers]
            reason = f"there is no lever '{lever['pull']}'; {nearest(lever['pull'], known)}"
            self.faults.append(place.fault(reason))
            return
        action, options = api.lever(verb), lever.get("with", {})
        for option, reason in action.faults(options):
            self.faults.append(written.place(f"{pointer}/with/{escape(option)}").fault(reason))
        at = self.moment(written.place(f"{pointer}/at"), lever["at"]) if "at" in lever else None
        yield Pull(name, action, options, at, place)
