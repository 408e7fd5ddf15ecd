"""Traits: what a contract declares beyond its schemas, read into typed classes.

A trait is an OpenAPI extension of an operation, or of the whole document where it holds of all
operations. `openapi/traits.schema.json` has their shape; pointers lead into the response of success
or, where they are a row's, into one row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from mockserver.contract import Contract, Operation, Schema, Schemas
from mockserver.errors import ContractError, suggest_nearest
from mockserver.files import CONTRACTS
from mockserver.invariant import Interaction
from mockserver.json_pointer import escape, split_pointer
from mockserver.traits.generators import read_pagination_of_generators

__all__ = [
    "ApiTraits",
    "Authentication",
    "Creation",
    "Envelope",
    "Filter",
    "Filters",
    "Identity",
    "Mirror",
    "Moments",
    "Order",
    "Pagination",
    "PureRead",
    "Range",
    "Rule",
    "Trait",
    "Traits",
    "load_traits",
]

_RESPONSE, _ROW, _PARAMETER, _OPERATION = (
    {"leads": it} for it in ("response", "row", "parameter", "operation")
)


@dataclass(frozen=True)
class Rule:
    """Why a single rule of a trait is believed."""

    evidence: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Trait:
    """What every trait has; `rules` has the evidence of single rules where it is not the trait's."""

    key: ClassVar[str]
    pointer: str = ""
    evidence: str = "assumed"
    note: str = ""
    rules: Mapping[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Pagination(Trait):
    """How a list is cut into pages.

    `page`, `offset`, `cursor` and `per_page` name parameters. The others point into the response:
    `rows`; `total`, how many rows there are; `current` and `size`, the page or offset and the page
    size repeated; `last`, the number of the last page; `first_row` and `last_row`, positions
    counted from 1; `next_cursor`, null or missing on the last page; `path` and `links`, URLs.
    """

    key: ClassVar[str] = "x-pagination"
    style: str
    rows: str = field(default="", metadata=_RESPONSE)
    page: str = field(default="", metadata=_PARAMETER)
    offset: str = field(default="", metadata=_PARAMETER)
    cursor: str = field(default="", metadata=_PARAMETER)
    per_page: str = field(default="", metadata=_PARAMETER)
    total: str = field(default="", metadata=_RESPONSE)
    current: str = field(default="", metadata=_RESPONSE)
    size: str = field(default="", metadata=_RESPONSE)
    last: str = field(default="", metadata=_RESPONSE)
    first_row: str = field(default="", metadata=_RESPONSE)
    last_row: str = field(default="", metadata=_RESPONSE)
    next_cursor: str = field(default="", metadata=_RESPONSE)
    path: str = field(default="", metadata=_RESPONSE)
    links: Mapping[str, str] = field(default_factory=dict, metadata=_RESPONSE)
    first_page: int = 1

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that choose a page, not what is listed."""
        return tuple(filter(None, (self.page, self.offset, self.cursor, self.per_page)))


@dataclass(frozen=True, kw_only=True)
class Order(Trait):
    """How rows are sorted: pointers into a row, the first one first, a `-` before one descending.

    `grows_at` is the end of the list at which new rows appear: `start` or `end`.
    """

    key: ClassVar[str] = "x-order"
    by: tuple[str, ...] = field(default=(), metadata=_ROW)
    rows: str = field(default="", metadata=_RESPONSE)
    grows_at: str = ""


@dataclass(frozen=True, kw_only=True)
class Identity(Trait):
    """What names a row: no two rows of a list share `key`, and the `stable` fields go with it."""

    key: ClassVar[str] = "x-identity"
    id: str = field(metadata=_ROW)
    rows: str = field(default="", metadata=_RESPONSE)
    stable: tuple[str, ...] = field(default=(), metadata=_ROW)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A parameter that selects rows: `equals` a field, `one-of` a list of values, or `contains`."""

    parameter: str
    field: str
    match: str = "equals"


@dataclass(frozen=True, kw_only=True)
class Filters(Trait):
    """The filters of a list."""

    key: ClassVar[str] = "x-filters"
    by: tuple[Filter, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Range(Trait):
    """Two parameters that bound a time, each of which may be left out unless it is required.

    Rows are selected by a moment, `over`, or by an interval from `begin` to `finish`, null while it
    lasts; `clips` says that what is shown of an interval is cut to the range. Without either the
    range chooses what the whole response is about. `unit` is how a bound is written, `row_unit` how
    a row's time is: `seconds`, `milliseconds`, `by-size`, `date-time` or `day-month-year`.
    """

    key: ClassVar[str] = "x-range"
    start: str = field(metadata=_PARAMETER)
    end: str = field(metadata=_PARAMETER)
    over: str = field(default="", metadata=_ROW)
    begin: str = field(default="", metadata=_ROW)
    finish: str = field(default="", metadata=_ROW)
    unit: str = "date-time"
    row_unit: str = "date-time"
    clips: bool = False
    included: bool = True
    zone: str = "UTC"
    latest_without_start: int = 0
    most_days: int = 0


@dataclass(frozen=True, kw_only=True)
class PureRead(Trait):
    """The operation changes nothing; `varies` are the fields that may differ all the same.

    `ignores_body` says that a body changes nothing, `any_case` which parameters may be in either
    case.
    """

    key: ClassVar[str] = "x-pure-read"
    varies: tuple[str, ...] = field(default=(), metadata=_RESPONSE)
    ignores_body: bool = False
    any_case: tuple[str, ...] = field(default=(), metadata=_PARAMETER)


@dataclass(frozen=True, kw_only=True)
class Envelope(Trait):
    """Where a response repeats its status, and whether it succeeded.

    `statuses` are those of which it is believed; `literal` says that letters beyond ASCII are not
    escaped.
    """

    key: ClassVar[str] = "x-envelope"
    status: str = field(default="", metadata=_RESPONSE)
    success: str = field(default="", metadata=_RESPONSE)
    statuses: tuple[int, ...] = ()
    literal: bool = False


@dataclass(frozen=True, kw_only=True)
class Authentication(Trait):
    """A request without a good credential is refused, with this status, and nothing is done."""

    key: ClassVar[str] = "x-authentication"
    status: int = 401


@dataclass(frozen=True, kw_only=True)
class Creation(Trait):
    """The operation adds a row to the list of another one, and answers it.

    `entry` points at the row in the response; `echo` maps fields of the body to fields of the row.
    `list_by` names the parameters that both operations have. `further` says how many other rows the
    server may add, where the body has one of the values `when`.
    """

    key: ClassVar[str] = "x-creates"
    in_: str = field(metadata=_OPERATION)
    entry: str = field(default="", metadata=_RESPONSE)
    echo: Mapping[str, str] = field(default_factory=dict)
    further: int = 0
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Moments(Trait):
    """Fields that are the moment of the response, `now`, and fields of rows that are not after it.

    Clocks differ, and so `tolerance` seconds either way are allowed.
    """

    key: ClassVar[str] = "x-moments"
    now: tuple[str, ...] = field(default=(), metadata=_RESPONSE)
    past: tuple[str, ...] = field(default=(), metadata=_ROW)
    unit: str = "date-time"
    row_unit: str = "date-time"
    tolerance: int = 300


@dataclass(frozen=True, kw_only=True)
class Mirror(Trait):
    """The operation answers what another one does."""

    key: ClassVar[str] = "x-mirrors"
    operation: str = field(metadata=_OPERATION)


@dataclass(frozen=True)
class Traits:
    """The traits of one operation; `tries` are arguments with which workflows call it."""

    operation: Operation
    pagination: Pagination | None = None
    order: Order | None = None
    identity: Identity | None = None
    filters: Filters | None = None
    range: Range | None = None
    pure_read: PureRead | None = None
    creation: Creation | None = None
    moments: Moments | None = None
    mirror: Mirror | None = None
    envelope: Envelope | None = None
    authentication: Authentication | None = None
    tries: tuple[Mapping[str, Any], ...] = ()

    @property
    def rows(self) -> str | None:
        """Where the rows of a list are in the response; None where it is no list."""
        for trait in (self.pagination, self.order, self.identity):
            if trait is not None:
                return trait.rows
        return None

    def get(self, kind: type[Trait]) -> Trait | None:
        """The trait of that type."""
        trait: Trait | None = getattr(self, _ATTRIBUTES[kind])
        return trait


_ATTRIBUTES: Mapping[type[Trait], str] = {
    Pagination: "pagination",
    Order: "order",
    Identity: "identity",
    Filters: "filters",
    Range: "range",
    PureRead: "pure_read",
    Creation: "creation",
    Moments: "moments",
    Mirror: "mirror",
    Envelope: "envelope",
    Authentication: "authentication",
}
_OF_ALL = (Envelope, Authentication)
"""The traits that may be declared once for all operations, at the top of the document."""


@dataclass(frozen=True, eq=False)
class ApiTraits:
    """The traits of an API, by the id of the operation."""

    contract: Contract
    operations: Mapping[str, Traits]
    readings: WeakKeyDictionary[Interaction, Any] = field(default_factory=WeakKeyDictionary)
    """What was parsed of an exchange: every later one is compared with it."""

    def of(self, seen: Interaction) -> Traits:
        """The traits of an exchange's operation."""
        return self.operations[seen.operation.id]

    @property
    def has_any(self) -> bool:
        """Whether the contract declares any trait."""
        return any(traits.get(kind) for traits in self.operations.values() for kind in _ATTRIBUTES)


def load_traits(contract: Contract) -> ApiTraits:
    """The traits that a contract declares. Raises ContractError, with the place of what is wrong."""
    return ApiTraits(
        contract,
        {operation.id: _read_traits(contract, operation) for operation in contract.operations},
    )


def _read_traits(contract: Contract, operation: Operation) -> Traits:
    node = contract.resolve(operation.pointer)
    found: dict[str, Any] = {}
    for kind, attribute in _ATTRIBUTES.items():
        if kind.key in node:
            owner = operation.pointer
        elif kind in _OF_ALL and kind.key in contract.document:
            owner = "#"
        elif kind is Pagination and (data := read_pagination_of_generators(node)):
            _validate(data, kind.key, operation.pointer)
            found[attribute] = _build(contract, operation, kind, data, operation.pointer)
            continue
        else:
            continue
        pointer = f"{owner}/{kind.key}"
        data = contract.resolve(pointer)
        _validate(data, kind.key, pointer)
        found[attribute] = _build(contract, operation, kind, data, pointer)
    tries = node.get("x-tries", [])
    _validate(tries, "x-tries", f"{operation.pointer}/x-tries")
    return Traits(operation, tries=tuple(tries), **found)


@cache
def _schema() -> tuple[Mapping[str, Any], Schemas]:
    whole = json.loads((CONTRACTS / "traits.schema.json").read_text("utf-8"))
    return whole, Schemas(whole)


@cache
def _compiled(key: str) -> Schema:
    return _schema()[1].compile(f"#/properties/{key}")


def _validate(data: Any, key: str, pointer: str) -> None:
    for violation in _compiled(key).find_violations(data):
        if violation.unexpected:
            known = list(_schema()[0]["properties"][key]["properties"])
            name = violation.unexpected[0]
            reason = f"'{name}' is not known here; {suggest_nearest(name, known)}"
        else:
            reason = violation.message
        raise ContractError(f"the trait at {pointer}{violation.location}: {reason}")


def _build(
    contract: Contract, operation: Operation, kind: type[Trait], data: Any, pointer: str
) -> Trait:
    known = {item.name: item for item in fields(kind)}
    values: dict[str, Any] = {
        "pointer": pointer,
        "evidence": data.get("x-evidence", operation.evidence),
        "note": data.get("x-evidence-note", ""),
    }
    for key, value in data.items():
        name = f"{key}_" if key == "in" else key
        if name == "rules":
            values[name] = {
                rule: Rule(it["x-evidence"], it.get("x-evidence-note", ""))
                for rule, it in value.items()
            }
        elif kind is Filters and name == "by":
            values[name] = tuple(Filter(**it) for it in value)
        elif name in known:
            values[name] = tuple(value) if isinstance(value, list) else value
            _refuse_missing(contract, operation, known[name].metadata, values, key, pointer)
    trait = kind(**values)
    if isinstance(trait, Filters):
        for item in trait.by:
            _refuse_parameter(operation, item.parameter, f"{pointer}/by")
    return trait


def _refuse_missing(
    contract: Contract,
    operation: Operation,
    metadata: Mapping[str, Any],
    values: Mapping[str, Any],
    key: str,
    pointer: str,
) -> None:
    """Raise ContractError for a name or pointer in a trait that leads to nothing."""
    if "leads" not in metadata:
        return
    value = values[f"{key}_" if key == "in" else key]
    named = value.values() if isinstance(value, Mapping) else value
    for name in (named,) if isinstance(named, str) else named:
        place = f"{pointer}/{key}"
        if metadata["leads"] == "parameter":
            _refuse_parameter(operation, name, place)
        elif metadata["leads"] == "operation":
            ids = [other.id for other in contract.operations]
            if name not in ids:
                raise ContractError(
                    f"the trait at {place}: no operation '{name}'; {suggest_nearest(name, ids)}"
                )
        elif metadata["leads"] == "response":
            _refuse_pointer(contract, operation, name, place)
        elif metadata["leads"] == "row":
            rows = values.get("rows") or _rows_of(contract, operation)
            _refuse_pointer(contract, operation, f"{rows}/*{name.removeprefix('-')}", place)


def _rows_of(contract: Contract, operation: Operation) -> str:
    node = contract.resolve(operation.pointer)
    for key in ("x-pagination", "x-order", "x-identity"):
        if key in node:
            return str(contract.resolve(f"{operation.pointer}/{key}").get("rows", ""))
    return ""


def _refuse_parameter(operation: Operation, name: str, place: str) -> None:
    names = [parameter.name for parameter in operation.parameters]
    if name not in names:
        reason = f"{operation.id} has no parameter '{name}'; {suggest_nearest(name, names)}"
        raise ContractError(f"the trait at {place}: {reason}")


def _refuse_pointer(contract: Contract, operation: Operation, pointer: str, place: str) -> None:
    response = operation.response(operation.success)
    media = next((it for it in response.content.values() if it.pointer), None) if response else None
    if media is None or not _leads(contract, media.pointer, split_pointer(pointer)):
        reason = f"the response of {operation.id} has nothing at '{pointer}'"
        raise ContractError(f"the trait at {place}: {reason}")


def _leads(contract: Contract, schema: str, path: list[str]) -> bool:
    """Whether a path leads somewhere in what a schema describes; `*` is any item of an array."""
    node, schema = contract.locate(schema)
    for word in ("allOf", "oneOf", "anyOf"):
        parts = range(len(node.get(word, ())))
        if any(_leads(contract, f"{schema}/{word}/{n}", path) for n in parts):
            return True
    if not path:
        return True
    step, *rest = path
    if step == "*":
        return "items" in node and _leads(contract, f"{schema}/items", rest)
    if step in node.get("properties", ()):
        return _leads(contract, f"{schema}/properties/{escape(step)}", rest)
    return (
        "properties" not in node and "allOf" not in node and node.get("type", "object") == "object"
    )
