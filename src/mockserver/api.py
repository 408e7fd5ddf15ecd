"""The Api descriptor: all that crosses a vendor's border, and nothing of any one vendor."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NewType, get_type_hints

from mockserver.clock import parse
from mockserver.contract import (
    Contract,
    Format,
    Judge,
    Operation,
    Schema,
    Schemas,
    Violation,
)
from mockserver.errors import (
    ApiError,
    DocumentError,
    HttpError,
    LeverError,
    Refused,
    SettingError,
    nearest,
)
from mockserver.files import CONTRACTS
from mockserver.sandbox import World
from mockserver.store import Document

__all__ = ["Action", "Api", "Count", "Handler", "Kind", "functions"]

Handler = Callable[..., Any]
"""`(world, **parameters) -> body`; the body of success. A refusal is raised as Refused."""

Count = NewType("Count", int)
"""How many of something: from 1 to 100,000, so that a slip of the pen fills no disk."""

_SCHEMAS: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Count: {"type": "integer", "minimum": 1, "maximum": 100_000},
}


def _read_moment(text: str) -> int:
    try:
        return parse(text)
    except SettingError as error:
        raise ValueError(str(error)) from None


_MOMENT = Format(
    name="date-time",
    pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
    examples=("2025-08-21T14:30:00Z", "2000-01-23T04:56:07.000+00:00"),
    counterexamples=("2016-12-31T23:59:60Z", "2025-02-31T00:00:00Z", "2025-08-21t14:30:00z"),
    read=_read_moment,
)


def _nothing(_: Mapping[str, Any]) -> str:
    return ""


def _no_moment(_: Mapping[str, Any]) -> int | None:
    return None


def _no_faults(_: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ()


@dataclass(frozen=True)
class Kind:
    """A type of document: what its body looks like, and what the store needs to know of it.

    `schema` is in the contract's dialect and may refer to the contract. `key` gives the document's
    name, or an empty text when its owner and its place are name enough; `owner` the key of what it
    belongs to, a document of the kind `parent` where that is named; `at` and `until` its moments in
    microseconds since the epoch. `check` yields what else is wrong with a body that the schema
    accepts, as pairs of a field and a reason.
    """

    name: str
    schema: Mapping[str, Any]
    key: Callable[[Mapping[str, Any]], str] = _nothing
    owner: Callable[[Mapping[str, Any]], str] = _nothing
    parent: str = ""
    at: Callable[[Mapping[str, Any]], int | None] = _no_moment
    until: Callable[[Mapping[str, Any]], int | None] = _no_moment
    check: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]] = _no_faults

    def document(self, body: dict[str, Any], key: str = "") -> Document:
        """A body as the store keeps it."""
        return Document(
            kind=self.name,
            key=key or self.key(body),
            body=body,
            owner=self.owner(body),
            at=self.at(body),
            until=self.until(body),
        )


@dataclass(frozen=True)
class Action:
    """A vendor's function that scenarios call by name: a lever or a generator."""

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
        hints = get_type_hints(self.function)
        return {name: _SCHEMAS[hints[name]] for name in self.options}

    @property
    def types(self) -> Mapping[str, str]:
        """The JSON type of each option."""
        return {name: schema["type"] for name, schema in self.schemas.items()}

    @property
    def description(self) -> str:
        """What it does, in one sentence."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def faults(self, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What is wrong with options, as pairs of a name and a reason."""
        for name, value in options.items():
            if name not in self.options:
                yield name, f"'{self.name}' takes no '{name}'; {nearest(name, list(self.options))}"
            elif not _is_of_type(value, self.types[name]):
                yield name, f"{value!r} is not of type {self.types[name]}"
            elif not _is_within(value, self.schemas[name]):
                schema = self.schemas[name]
                yield name, f"{value} is not from {schema['minimum']} to {schema['maximum']}"
        for name, parameter in self.options.items():
            if parameter.default is parameter.empty and name not in options:
                yield name, f"'{self.name}' needs '{name}'"

    def __call__(self, world: World, **options: Any) -> Any:
        """Do it. Raises LeverError when the options do not fit."""
        for _, reason in self.faults(options):
            raise LeverError(reason)
        return self.function(world, **options)


def functions(module: Any) -> dict[str, Callable[..., Any]]:
    """The public functions that a module defines itself, by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and name[0] != "_"
    }


def _is_of_type(value: Any, kind: str) -> bool:
    if isinstance(value, bool) or kind == "boolean":
        return isinstance(value, bool) and kind == "boolean"
    if kind == "number":
        return isinstance(value, int | float)
    return isinstance(value, str if kind == "string" else int)


def _is_within(value: Any, schema: Mapping[str, Any]) -> bool:
    return "minimum" not in schema or schema["minimum"] <= value <= schema["maximum"]


@dataclass(frozen=True)
class Api:
    """A vendor's fake.

    `handlers` has a function for each operation, called like its operationId in snake_case.
    `refuse` puts a refusal by the server into the vendor's shape. `invalid` does so for a request
    that breaks the contract: it gets the world, the arguments that could be read, and the
    violations; a vendor that checks something else first can raise that instead.
    """

    name: str
    handlers: Mapping[str, Handler]
    refuse: Callable[[HttpError], Refused]
    invalid: Callable[[World, Mapping[str, Any], Sequence[Violation]], Refused]
    kinds: tuple[Kind, ...]
    formats: tuple[Format, ...] = ()
    generators: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    levers: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    @cached_property
    def contract(self) -> Contract:
        """The vendor's contract. Raises ContractError."""
        return Contract.load(CONTRACTS / f"{self.name}.yaml")

    @cached_property
    def judge(self) -> Judge:
        """The judge of this contract, with the vendor's own formats."""
        return Judge(self.contract, self.formats)

    @cached_property
    def kind_schemas(self) -> Mapping[str, Schema]:
        """The compiled schema of each kind's body, whose every moment a clock can show."""
        schemas = Schemas(self.contract.document, (*self.formats, _MOMENT))
        return {kind.name: schemas.compile_beside(kind.schema) for kind in self.kinds}

    def body_faults(self, kind: Kind, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What is wrong with a document's body, as pairs of a JSON Pointer and a reason."""
        schema = self.kind_schemas[kind.name]
        if not schema.accepts(body):
            yield from ((breach.place, breach.message) for breach in schema.breaches(body))
            return
        yield from ((f"/{name}", reason) for name, reason in kind.check(body))

    def check(self, document: Document) -> None:
        """Raise DocumentError for a document that does not fit its kind."""
        for place, reason in self.body_faults(self.kind(document.kind), document.body):
            name = f"the {document.kind} '{document.key}'" if document.key else document.kind
            raise DocumentError(document, f"{name}{place.replace('/', '.')}: {reason}")

    def kind(self, name: str) -> Kind:
        """The kind of that name; KeyError when there is none."""
        return self._kinds[name]

    @cached_property
    def _kinds(self) -> Mapping[str, Kind]:
        return {kind.name: kind for kind in self.kinds}

    def generator(self, name: str) -> Action:
        """The generator of that name; KeyError when there is none."""
        return Action(name, self.generators[name])

    def lever(self, name: str) -> Action:
        """The lever of that name; KeyError when there is none."""
        return Action(f"{self.name}.{name}", self.levers[name])

    def handler(self, operation: Operation) -> Handler:
        """The handler of an operation. Raises ApiError, with the nearest name, without one."""
        name = snake_case(operation.id)
        if name not in self.handlers:
            raise ApiError(
                f"The API '{self.name}' has no handler '{name}' for the operation "
                f"'{operation.id}': {nearest(name, list(self.handlers))}"
            )
        return self.handlers[name]


def snake_case(name: str) -> str:
    """A camelCase name in snake_case."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
