"""The traits that a contract can declare beyond its schemas, as typed classes.

A trait is an OpenAPI extension of an operation, or of the whole document where it holds of all
operations. `openapi/traits.schema.json` has their shape; pointers lead into the response of success
or, where they are a row's, into one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from mockserver.contract import Contract, Operation
from mockserver.invariant import Interaction

_RESPONSE, _ROW, _PARAMETER, _OPERATION = (
    {"leads": to} for to in ("response", "row", "parameter", "operation")
)


@dataclass(frozen=True)
class Rule:
    """Why a single rule of a trait is believed."""

    evidence: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Trait:
    """What every trait has; `rules` has the evidence of rules where it is not the trait's."""

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
    """The operation adds a row to the list of another one, and responds with it.

    `entry` points at the row in the response; `echo` maps fields of the body to fields of the row.
    `further` says how many other rows the server may add, where the body has one of the values
    `when`.
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
    """The operation has the same responses as another one."""

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
        trait: Trait | None = getattr(self, ATTRIBUTES[kind])
        return trait


ATTRIBUTES: Mapping[type[Trait], str] = {
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
OF_ALL = (Envelope, Authentication)
"""The traits that may be declared once for all operations, at the top of the document."""


@dataclass(frozen=True, eq=False)
class ApiTraits:
    """The traits of an API, by the id of the operation."""

    contract: Contract
    operations: Mapping[str, Traits]
    readings: WeakKeyDictionary[Interaction, Any] = field(default_factory=WeakKeyDictionary)
    """What was parsed of an exchange: every later one is compared with it."""

    def of(self, interaction: Interaction) -> Traits:
        """The traits of an exchange's operation."""
        return self.operations[interaction.operation.id]
