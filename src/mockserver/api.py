"""The Api descriptor: everything that the server and the kit see of a vendor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import isasyncgenfunction, signature
from pathlib import Path
from typing import Any

from mockserver.contract import (
    Contract,
    Format,
    MediaType,
    Operation,
    Schema,
    Schemas,
    Validator,
    Violation,
)
from mockserver.errors import (
    ApiError,
    DocumentError,
    HttpError,
    Refusal,
    describe_status,
    suggest_nearest,
)
from mockserver.event import ScenarioFunction
from mockserver.files import CONTRACTS
from mockserver.inference import Infer
from mockserver.json_pointer import escape
from mockserver.kind import MOMENT, Kind
from mockserver.sandbox import World
from mockserver.store import Document, find_storing_fault
from mockserver.traits import ApiTraits, load_traits

Handler = Callable[..., Any]
"""`(world, **parameters) -> body`; the body of success. A refusal is raised as `Refusal`."""


RefuseInvalid = Callable[[World, Mapping[str, Any], Sequence[Violation]], Refusal]


def refuse_with_problem(error: HttpError) -> Refusal:
    """A refusal with problem details (RFC 9457), for an API that has no shape of its own."""
    body = {
        "type": "about:blank",
        "title": describe_status(error.status),
        "status": error.status,
        "detail": error.sentence,
    }
    headers = {"Content-Type": "application/problem+json", **error.headers}
    return Refusal(error.status, body, headers)


@dataclass(frozen=True, eq=False)
class Api:
    """An API of a vendor.

    `folder` is where an API outside the package has its contract (`openapi.yaml`), its status cases
    (`cases.yaml`) and what it adds to the default world (`world.yaml`). `handlers` has functions
    for operations, called like their operationId in snake_case; responses of the others are made
    of the contract. `refuse` puts a refusal by the server into the vendor's shape, or else problem
    details. `refuse_invalid` does so for a request that breaks the contract: it gets the world, the
    arguments that could be read, and the violations; a vendor that checks something else first can
    raise that instead. Without it, refusals of an operation are made of the contract, too. `infer`
    finds the documents behind recorded exchanges; without it, they are the objects whose schema in
    the contract is that of a kind.
    """

    name: str
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    refuse: Callable[[HttpError], Refusal] = refuse_with_problem
    refuse_invalid: RefuseInvalid | None = None
    kinds: tuple[Kind, ...] = ()
    folder: Path | None = None
    formats: tuple[Format, ...] = ()
    generators: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    events: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    infer: Infer | None = None

    @cached_property
    def contract(self) -> Contract:
        """The vendor's contract. Raises ContractError."""
        return Contract.load(self.file("openapi.yaml") or CONTRACTS / f"{self.name}.yaml")

    def file(self, name: str) -> Path | None:
        """A file of the API's own folder; None where it has no folder, or not that file."""
        path = self.folder / name if self.folder else None
        return path if path and path.is_file() else None

    @cached_property
    def traits(self) -> ApiTraits:
        """What the contract declares beyond its schemas. Raises ContractError."""
        return load_traits(self.contract)

    @cached_property
    def validator(self) -> Validator:
        """The validator of this contract, with the vendor's own formats."""
        return Validator(self.contract, self.formats)

    @cached_property
    def kind_schemas(self) -> Mapping[str, Schema]:
        """The compiled schema of each kind's body, whose every moment a clock can show."""
        schemas = Schemas(self.contract.document, (*self.formats, MOMENT))
        return {kind.name: schemas.compile_inline(kind.schema) for kind in self.kinds}

    def find_body_faults(self, kind: Kind, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What is wrong with a document's body, as pairs of a JSON Pointer and a reason."""
        schema = self.kind_schemas[kind.name]
        if not schema.accepts(body):
            yield from ((found.location, found.message) for found in schema.find_violations(body))
            return
        yield from ((f"/{name}", reason) for name, reason in kind.check(body))
        if reason := find_storing_fault(body):
            yield "", reason

    def read_body(
        self, kind: Kind, body: dict[str, Any], now: int
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """A body as a user writes it, its moments resolved, and what is wrong with it."""
        resolved, reasons = kind.resolve_moments(body, now)
        faults = [(f"/{escape(name)}", reason) for name, reason in reasons.items()]
        places = dict(faults)
        others = list(self.find_body_faults(kind, resolved))
        if rewritten := kind.rewrite_moments(resolved, [place[1:] for place, _ in others]):
            resolved.update(rewritten)
            others = list(self.find_body_faults(kind, resolved))
        return resolved, [*(other for other in others if other[0] not in places), *faults]

    def check_document(self, document: Document) -> None:
        """Raise DocumentError for a document that does not fit its kind."""
        kind = self.kinds_by_name[document.kind]
        for place, reason in self.find_body_faults(kind, document.body):
            name = f"the {document.kind} '{document.key}'" if document.key else document.kind
            raise DocumentError(document, f"{name}{place.replace('/', '.')}: {reason}")

    @cached_property
    def kinds_by_name(self) -> Mapping[str, Kind]:
        """The kinds by name."""
        return {kind.name: kind for kind in self.kinds}

    def get_generator(self, name: str) -> ScenarioFunction:
        """The generator of that name; KeyError when there is none."""
        return ScenarioFunction(name, self.generators[name])

    def get_event(self, name: str) -> ScenarioFunction:
        """The event of that name; KeyError when there is none."""
        return ScenarioFunction(f"{self.name}.{name}", self.events[name])

    def find_handler(self, operation: Operation) -> Handler | None:
        """The handler of an operation; None where its responses are made of the contract."""
        return self.handlers.get(snake_case(operation.id))

    @cached_property
    def unhandled(self) -> tuple[Operation, ...]:
        """The operations without a handler.

        Raises ApiError for a handler without an operation or with other parameters, and for an
        operation whose response cannot be made of the contract.
        """
        operations = {snake_case(it.id): it for it in self.contract.operations}
        for name, handler in self.handlers.items():
            if name not in operations:
                raise ApiError(
                    f"The API '{self.name}' has a handler '{name}', and no operation that is "
                    "called like it (the name of a function that is no handler begins with '_'); "
                    f"{suggest_nearest(name, operations)}"
                )
            if reason := _find_misfit(handler, operations[name]):
                raise ApiError(
                    f"The handler '{name}' of the API '{self.name}' does not fit its operation: "
                    f"{reason}."
                )
        unhandled = [it for name, it in operations.items() if name not in self.handlers]
        for operation in unhandled:
            spec = operation.response(operation.success)
            content = spec.content if spec else {}
            if content and not any(_can_be_made(media) for media in content.values()):
                raise ApiError(
                    f"The API '{self.name}' has no handler '{snake_case(operation.id)}', and its "
                    f"response, {', '.join(content)}, is made of no schema: write the handler, or "
                    "an example in the contract."
                )
        return tuple(unhandled)


def _find_misfit(handler: Handler, operation: Operation) -> str | None:
    """Why a handler cannot be called with the least or the most that a request has; or None."""
    most = [it.name for it in operation.parameters]
    least = [it.name for it in operation.parameters if it.required or "default" in it.schema]
    if operation.body:
        most.append("body")
    if operation.is_body_required:
        least.append("body")
    context = (None, None) if isasyncgenfunction(handler) else (None,)  # and whether it is over
    for names in (least, most):
        try:
            signature(handler).bind(*context, **dict.fromkeys(names))
        except TypeError as error:
            return str(error)
    return None


def _can_be_made(media: MediaType) -> bool:
    is_text = "json" in media.name or media.name.startswith(("text/", "*/"))
    return is_text or bool(media.examples)


def get_events(apis: Iterable[Api]) -> dict[str, ScenarioFunction]:
    """The events of APIs, by names such as `api.event`."""
    events = [api.get_event(name) for api in apis for name in api.events]
    return {event.name: event for event in events}


def list_operations(apis: Iterable[Api]) -> dict[str, list[str]]:
    """The ids of each API's operations, by the name of the API."""
    return {api.name: [operation.id for operation in api.contract.operations] for api in apis}


def snake_case(name: str) -> str:
    """A name in snake_case: `listItems` and `list items` are both `list_items`."""
    spaced = re.sub(r"[^A-Za-z0-9]+", "_", name)
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in spaced)
    return re.sub(r"_+", "_", words).strip("_")
