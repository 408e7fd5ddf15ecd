"""Events and generators: functions of a vendor that scenarios call by name."""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, NewType, get_args, get_origin, get_type_hints

from msgspec import Struct

from mockserver.clock import SECOND, machine_now
from mockserver.errors import EventError, SettingError, suggest_nearest
from mockserver.factory import Chance
from mockserver.kind import closed_object
from mockserver.moment import is_distance, is_relative, resolve_moment
from mockserver.sandbox import World
from mockserver.store import Document

Count = NewType("Count", int)
"""How many of something: from 1 to 100,000, so that a typing error fills no disk."""

MomentText = NewType("MomentText", str)
"""A moment as a user writes it, such as `-1d`; `World.read_moment` says which one it is."""

Shares = NewType("Shares", Mapping[str, float])
"""How often each of some names comes, in proportion; `Annotated` with `Names` says which."""


class Names(Struct, frozen=True):
    """The names that an option can have, as in `Annotated[str, Names(STATUSES)]`."""

    names: tuple[str, ...]

    def make_schema(self, hint: Any) -> dict[str, Any]:
        """The schema of one name, or of the shares of names."""
        if hint is str:
            return {"type": "string", "enum": list(self.names)}
        share = {"type": "number", "minimum": 0}
        return closed_object(dict.fromkeys(self.names, share)) | {"minProperties": 1}


_WEEK = 7 * 24 * 3_600 * SECOND

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
}
_SCHEMAS: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    MomentText: {"type": "string", "minLength": 1},
    Count: {"type": "integer", "minimum": 1, "maximum": 100_000},
}


@dataclass(frozen=True)
class ScenarioFunction:
    """A vendor's function that scenarios call by name: an event or a generator."""

    name: str
    function: Callable[..., Any]

    @cached_property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """What it takes besides the world."""
        parameters = dict(inspect.signature(self.function).parameters)
        parameters.pop("world")
        return MappingProxyType(parameters)

    @cached_property
    def schemas(self) -> Mapping[str, Mapping[str, Any]]:
        """The JSON Schema of each option."""
        return {name: _make_schema(self._hints[name]) for name in self.options}

    @cached_property
    def _hints(self) -> Mapping[str, Any]:
        return get_type_hints(self.function, include_extras=True)

    def is_relative(self, options: Mapping[str, Any]) -> bool:
        """Whether a moment in its options, or the default of one, is relative to another."""
        return any(map(is_relative, self._list_moments(options)))

    def is_long(self, options: Mapping[str, Any]) -> bool:
        """Whether its moments are a week or more apart, and none is on a day such as `today`.

        Then what it makes is much the same an hour later.
        """
        moments = self._list_moments(options)
        if any(is_relative(text) and not is_distance(text) for text in moments):
            return False
        now = machine_now()
        resolved = [resolve_moment(text, now) for text in moments]
        return max(resolved, default=0) - min(resolved, default=0) >= _WEEK

    def _list_moments(self, options: Mapping[str, Any]) -> list[str]:
        defaults = {name: parameter.default for name, parameter in self.options.items()}
        given = {**defaults, **options}
        return [given[it] for it in defaults if self._hints[it] is MomentText and given[it]]

    @property
    def description(self) -> str:
        """What it does, in one sentence."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def find_faults(self, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What is wrong with options, as pairs of a name and a reason."""
        for name, value in options.items():
            if name not in self.options:
                nearest = suggest_nearest(name, self.options)
                yield name, f"'{self.name}' takes no '{name}'; {nearest}"
                continue
            schema = self.schemas[name]
            if type(value) not in _TYPES[schema["type"]]:  # `isinstance` takes a bool for an int
                # Shortened, because a value of a request may be long and deep.
                yield name, f"{reprlib.repr(value)} is not of type {schema['type']}"
            elif self._hints[name] is MomentText:
                try:
                    resolve_moment(value, machine_now())
                except SettingError as error:
                    yield name, str(error)
            elif "enum" in schema and value not in schema["enum"]:
                yield name, f"'{value}' is no {name}; {suggest_nearest(value, schema['enum'])}"
            elif "minimum" in schema and not schema["minimum"] <= value <= schema["maximum"]:
                yield name, f"{value} is not from {schema['minimum']} to {schema['maximum']}"
        for name, parameter in self.options.items():
            if parameter.default is parameter.empty and name not in options:
                yield name, f"'{self.name}' needs '{name}'"

    def __call__(self, world: World, **options: Any) -> Any:
        """Do it. Raises EventError when the options do not fit."""
        for _, reason in self.find_faults(options):
            raise EventError(reason)
        return self.function(world, **options)


def _make_schema(hint: Any) -> Mapping[str, Any]:
    if get_origin(hint) is Annotated:
        inner, names = get_args(hint)
        return names.make_schema(inner)  # type: ignore[no-any-return]  # of `Names`
    return _SCHEMAS[hint]


def choose(chance: Chance, shares: Shares) -> str:
    """One of the names, as often as their shares say. Raises EventError if all are 0."""
    if not any(shares.values()):
        raise EventError(f"one of {', '.join(shares)} needs a share above 0")
    return chance.choices(list(shares), list(shares.values()))[0]


def collect_functions(module: Any) -> dict[str, Callable[..., Any]]:
    """The public functions that a module defines itself, by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and name[0] != "_"
    }


def get_subject(world: World, kind: str, id: str | int) -> Document:
    """The document that an event is about. Raises EventError when there is none."""
    document = world.documents.get(kind, str(id))
    if document is None:
        raise EventError(f"there is no {kind} {id!r}")
    return document
