"""The scenarios by name: those of the package, and those of another folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from mockserver.errors import SettingError, UnknownNameError, YamlError, look_up
from mockserver.files import SCENARIOS
from mockserver.yaml_source import decode, read_yaml


@dataclass(frozen=True, slots=True)
class Entry:
    """A scenario with its description and its YAML."""

    name: str
    description: str
    source: str


class Library(Struct, frozen=True):
    """The scenarios of the package and of a folder; one in the folder goes before its namesake."""

    folder: Path | None = None

    @property
    def paths(self) -> dict[str, Path]:
        """The files by name, in the order of the names."""
        places = [SCENARIOS, self.folder] if self.folder else [SCENARIOS]
        found = {path.stem: path for place in places for path in place.glob("*.yaml")}
        return dict(sorted(found.items()))

    def get_path(self, name: str) -> Path:
        """The file of a scenario. Raises UnknownNameError with the nearest name."""
        return look_up(self.paths, name, "There is no scenario")

    def get_entry(self, name: str) -> Entry:
        """A scenario as it is written. Raises UnknownNameError."""
        path = self.get_path(name)
        try:
            source = decode(path.read_bytes())
            data = read_yaml(source).data
        except (OSError, YamlError) as error:
            return Entry(name, f"It cannot be read: {error}", "")
        described = isinstance(data, dict) and isinstance(data.get("description"), str)
        return Entry(name, data["description"] if described else "It has no description.", source)

    def list_entries(self) -> Iterator[Entry]:
        return map(self.get_entry, self.paths)


def find_scenario(name: str, folder: Path | None = None, *, known: Library | None = None) -> Path:
    """The file of a scenario: by name, in a library or else in a folder, or by path.

    A path is relative to the folder, or to the working directory without one. Raises SettingError,
    with the nearest name.
    """
    try:
        return (known or Library(folder)).get_path(name)
    except UnknownNameError as error:
        if not name.endswith((".yaml", ".yml")):
            raise SettingError(str(error)) from None
    path = (folder or Path()) / name
    if not path.is_file():
        raise SettingError(f"There is no scenario file '{name}'.")
    return path
