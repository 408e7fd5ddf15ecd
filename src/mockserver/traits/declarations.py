"""The traits that a contract can declare beyond its schemas, as typed classes.

A trait is an OpenAPI extension of an operation, or of the whole document where it holds of all
operations. `openapi/traits.schema.json` has their shape, and says what a name or pointer leads to:
a parameter, an operation, a place in the response of success, or one in a row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field, structs

from mockserver.contract import Contract, Operation
from mockserver.invariant import Interaction


class Rule(Struct, frozen=True):
    """Why a single rule of a trait is believed."""

    evidence: str = field(default="assumed", name="x-evidence")
    note: str = field(default="", name="x-evidence-note")


class Trait(Rule, frozen=True, kw_only=True):
    """What every trait has; `rules` has the evidence of rules where it is not the trait's."""

    pointer: str = ""
    rules: Mapping[str, Rule] = {}


class Pagination(Trait, frozen=True, kw_only=True):
    """How a list is cut into pages.

    `page`, `offset`, `cursor` and `per_page` name parameters. The others point into the response:
    `rows`; `total`, how many rows there are; `current` and `size`, the page or offset and the page
    size repeated; `last`, the number of the last page; `first_row` and `last_row`, positions
    counted from 1; `next_cursor`, null or missing on the last page; `path` and `links`, URLs.
    """

    style: str
    rows: str = ""
    page: str = ""
    offset: str = ""
    cursor: str = ""
    per_page: str = ""
    total: str = ""
    current: str = ""
    size: str = ""
    last: str = ""
    first_row: str = ""
    last_row: str = ""
    next_cursor: str = ""
    path: str = ""
    links: Mapping[str, str] = {}
    first_page: int = 1

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that choose a page, not what is listed."""
        return tuple(filter(None, (self.page, self.offset, self.cursor, self.per_page)))


class Order(Trait, frozen=True, kw_only=True):
    """How rows are sorted: pointers into a row, the first one first, a `-` before one descending.

    `grows_at` is the end of the list at which new rows appear: `start` or `end`. Of rows with the
    same value of `ties`, whichever may be the newer one.
    """

    by: tuple[str, ...] = ()
    rows: str = ""
    grows_at: str = ""
    ties: str = ""


class Identity(Trait, frozen=True, kw_only=True):
    """What names a row: no two rows of a list share `key`, and the `stable` fields go with it."""

    id: str
    rows: str = ""
    stable: tuple[str, ...] = ()


class Labels(Trait, frozen=True, kw_only=True):
    """`text` says in words what the value of the field `of` is, by a table of `texts`.

    `shown` are the texts in the documents' examples; one may be that of another value by mistake.
    """

    of: str
    text: str
    texts: Mapping[str, str]
    shown: Mapping[str, tuple[str, ...]] = {}

    def find_other(self, value: str, text: str) -> str:
        """The other value that has a text; empty where none has, or examples exchange the two."""
        for other, of_other in self.texts.items():
            is_mixed_up = of_other in self.shown.get(value, ()) or (
                self.texts[value] in self.shown.get(other, ())
            )
            if text == of_other and other != value and not is_mixed_up:
                return other
        return ""


class Filter(Struct, frozen=True):
    """A parameter that selects rows: `equals` a field, `one-of` a list of values, or `contains`."""

    parameter: str
    field: str
    match: str = "equals"


class Filters(Trait, frozen=True, kw_only=True):
    """The filters of a list."""

    by: tuple[Filter, ...] = ()


class Range(Trait, frozen=True, kw_only=True):
    """Two parameters that bound a time, each of which may be left out unless it is required.

    Rows are selected by a moment, `over`, or by an interval from `begin` to `finish`, null while it
    lasts; `clips` says that what is shown of an interval is cut to the range. Without either the
    range chooses what the whole response is about. `unit` is how a bound is written, `row_unit` how
    a row's time is: `seconds`, `milliseconds`, `by-size`, `date-time` or `day-month-year`. With
    `needs_both` it is a rule of its own what one bound alone selects.
    """

    start: str
    end: str
    over: str = ""
    begin: str = ""
    finish: str = ""
    unit: str = "date-time"
    row_unit: str = "date-time"
    clips: bool = False
    included: bool = True
    zone: str = "UTC"
    latest_without_start: int = 0
    needs_both: bool = False
    most_days: int = 0


class Totals(Trait, frozen=True, kw_only=True):
    """Numbers that sum up a range of time: `sum` adds up over ranges, `counts` are others.

    `of` names the parameters that choose what is summed up. `tries` are the arguments with which
    workflows call the operation; each is compared with the first.
    """

    sum: str
    counts: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    tries: tuple[Mapping[str, Any], ...] = ()


class PureRead(Trait, frozen=True, kw_only=True):
    """The operation changes nothing; `varies` are the fields that may differ all the same.

    `ignores_body` says that a body changes nothing, `any_case` which parameters may be in either
    case.
    """

    varies: tuple[str, ...] = ()
    ignores_body: bool = False
    any_case: tuple[str, ...] = ()


class Envelope(Trait, frozen=True, kw_only=True):
    """Where a response repeats its status, and whether it succeeded.

    `statuses` are those of which it is believed; `literal` says that letters beyond ASCII are not
    escaped.
    """

    status: str = ""
    success: str = ""
    statuses: tuple[int, ...] = ()
    literal: bool = False


class Refusals(Trait, frozen=True, kw_only=True):
    """A request whose parameters do not conform is refused with this status, and told which.

    `names` leads to an object that is keyed by the parameters, or to a sentence.
    """

    status: int
    names: str


class Authentication(Trait, frozen=True, kw_only=True):
    """A request without a good credential is refused, with this status, and nothing is done."""

    status: int = 401


class Creation(Trait, frozen=True, kw_only=True):
    """The operation adds a row to the list of another one, and responds with it.

    `entry` points at the row in the response; `echo` maps fields of the body to fields of the row.
    `further` says how many other rows the server may add, where the body has one of the values
    `when`.
    """

    in_: str = field(name="in")
    entry: str = ""
    echo: Mapping[str, str] = {}
    further: int = 0
    when: Mapping[str, tuple[Any, ...]] = {}


class Moments(Trait, frozen=True, kw_only=True):
    """Fields that are the moment of the response, `now`, and fields of rows that are not after it.

    Clocks differ, and so `tolerance` seconds either way are allowed. The unit of `now` may also be
    `time-of-day`, in minutes on a twelve-hour clock; with `zone: any` its zone is not known.
    """

    now: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    unit: str = "date-time"
    row_unit: str = "date-time"
    zone: str = "UTC"
    tolerance: int = 300


class Mirror(Trait, frozen=True, kw_only=True):
    """The operation has the same responses as another one."""

    operation: str


class Traits(Struct, frozen=True, kw_only=True):
    """The traits of one operation; `tries` are arguments with which workflows call it."""

    operation: Operation
    pagination: Pagination | None = field(default=None, name="x-pagination")
    order: Order | None = field(default=None, name="x-order")
    identity: Identity | None = field(default=None, name="x-identity")
    labels: Labels | None = field(default=None, name="x-labels")
    filters: Filters | None = field(default=None, name="x-filters")
    range: Range | None = field(default=None, name="x-range")
    totals: Totals | None = field(default=None, name="x-totals")
    pure_read: PureRead | None = field(default=None, name="x-pure-read")
    creation: Creation | None = field(default=None, name="x-creates")
    moments: Moments | None = field(default=None, name="x-moments")
    mirror: Mirror | None = field(default=None, name="x-mirrors")
    envelope: Envelope | None = field(default=None, name="x-envelope")
    refusals: Refusals | None = field(default=None, name="x-refusals")
    authentication: Authentication | None = field(default=None, name="x-authentication")
    tries: tuple[Mapping[str, Any], ...] = field(default=(), name="x-tries")

    @property
    def rows(self) -> str | None:
        """Where the rows of a list are in the response; None where it is no list."""
        traits = (self.pagination, self.order, self.identity)
        return next((trait.rows for trait in traits if trait is not None), None)

    @property
    def row(self) -> str:
        """Where a row is in a response: each of a list, `*`, or the one that is created."""
        if self.rows is None and self.creation is not None:
            return self.creation.entry
        return f"{self.rows or ''}/*"

    @property
    def all(self) -> list[Trait]:
        """Every trait that is declared."""
        return [trait for trait in structs.astuple(self) if isinstance(trait, Trait)]


class Readings(OrderedDict[Interaction, Any]):
    """What was parsed of the latest exchanges.

    A reading refers to its exchange, so that a weak reference would keep all of them.
    """

    MOST = 400

    def __setitem__(self, interaction: Interaction, reading: Any) -> None:
        super().__setitem__(interaction, reading)
        if len(self) > self.MOST:
            self.popitem(last=False)


class ApiTraits(Struct, frozen=True, eq=False):
    """The traits of an API, by the id of the operation."""

    contract: Contract
    operations: Mapping[str, Traits]
    readings: Readings = field(default_factory=Readings)
    """Every later exchange is compared with what was parsed of one."""

    def of(self, interaction: Interaction) -> Traits:
        """The traits of an exchange's operation."""
        return self.operations[interaction.operation.id]
