"""Creation: the response of a create is what was sent, and is listed afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from mockserver.invariant import Interaction
from mockserver.json_pointer import ABSENT, escape
from mockserver.traits.declarations import Creation
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, Listing, at, show


class _Create(Struct, frozen=True):
    """A create that succeeded, and the row in its response."""

    trait: Creation
    body: Any
    row: Any

    @property
    def most_rows(self) -> int:
        """How many rows it may add, with those that the server adds by itself."""
        when = self.trait.when
        if not isinstance(self.body, Mapping):
            return 1
        has_further = not when or any(self.body.get(name) in when[name] for name in when)
        return 1 + (self.trait.further if has_further else 0)


class _Growth(Struct, frozen=True):
    """A list, and the creates since it was read before: those that succeeded, the newest first."""

    now: Listing
    earlier: Listing | None
    creates: tuple[_Create, ...]
    refused: int


def _as_create(trait: Creation | None, interaction: Interaction) -> _Create | None:
    if trait is None or not interaction.is_success or not interaction.is_valid:
        return None
    row = at(interaction.response_body, trait.entry)
    return _Create(trait, interaction.arguments.get("body"), row)


@rule(
    Creation,
    "entry",
    "echo",
    reads=lambda evaluation: _as_create(evaluation.of.creation, evaluation.now),
)
def what_is_created_is_echoed(create: _Create) -> Iterator[str]:
    """The response of a create has the row that was sent."""
    for field, pointer in create.trait.echo.items():
        row, sent = at(create.row, pointer), at(create.body, f"/{escape(field)}")
        if ABSENT not in (row, sent) and row != sent:
            yield f"{field} was {show(sent)}, and {pointer} is {show(row)}"


def _shows_its_end(listing: Listing) -> bool:
    is_shown = listing.is_last if listing.grows_at == "end" else listing.first == 0
    return bool(listing.grows_at and listing.first is not None and is_shown)


def _read_growth(evaluation: Evaluation, *, is_at_end: bool = False) -> _Growth | None:
    """The creates in this list since it was read before, by the operations that add to it.

    With `is_at_end`, what counts as read is the page at whose end new rows appear.
    """
    now, operation = evaluation.listing, evaluation.now.operation
    if now is None or (now.total is None and not now.is_whole):
        return None
    creates: list[_Create] = []
    refused = 0
    for interaction in reversed(evaluation.before):
        trait = evaluation.traits.of(interaction).creation
        earlier = evaluation.read(interaction) if interaction.operation is operation else None
        if earlier is not None and earlier.scope == now.scope:
            if is_at_end and not _shows_its_end(earlier):
                continue
            return _Growth(now, earlier, tuple(creates), refused)
        if evaluation.may_have_written(interaction):
            create = _as_create(trait, interaction)
            if create is None or create.trait.in_ != operation.id:
                break
            creates.append(create)
        elif trait is not None:
            refused += evaluation.is_about_the_same(interaction)
    return _Growth(now, None, tuple(creates), refused)


def _count_ties(now: Listing, create: _Create) -> int:
    """How many rows at the end at which rows appear may be in any order with a created one."""
    ties = now.traits.order.ties if now.traits.order else ""
    if not ties:
        return 0
    value, further = at(create.row, ties), create.most_rows - 1
    rows = now.rows[::-1] if now.grows_at == "end" else now.rows
    for n, row in enumerate(rows):
        if at(row, ties) != value:
            further -= 1
        if further < 0:
            return n
    return len(rows)


@rule(
    Creation,
    reads=partial(_read_growth, is_at_end=True),
    where=lambda growth: growth.creates and _shows_its_end(growth.now),
    of="in_",
)
def what_is_created_is_listed(growth: _Growth) -> Iterator[str]:
    """The row in the response of a create is listed, at the end where new rows appear."""
    now, create = growth.now, growth.creates[0]
    count = create.most_rows + _count_ties(now, create)
    rows = now.rows[-count:] if now.grows_at == "end" else now.rows[:count]
    is_elsewhere = count > 1 and len(rows) < count <= (now.total or 0)
    if create.row not in rows and not is_elsewhere:
        yield f"created was {show(create.row)}, and listed there is {show(rows)}"


@rule(
    Creation, reads=_read_growth, where=lambda growth: growth.creates and growth.earlier, of="in_"
)
def the_list_grows_by_what_is_created(growth: _Growth) -> Iterator[str]:
    """Each create makes the list one row longer, and rows that the server adds with it."""
    grown = growth.now.count - (growth.earlier.count if growth.earlier else 0)
    most = sum(create.most_rows for create in growth.creates)
    if not len(growth.creates) <= grown <= most:
        yield f"it grew by {grown} rows, and created were {len(growth.creates)}"


@rule(
    Creation,
    reads=_read_growth,
    where=lambda growth: growth.refused and not growth.creates and growth.earlier,
    of="in_",
)
def what_is_refused_is_not_listed(growth: _Growth) -> Iterator[str]:
    """A create that was refused leaves the list as it was."""
    if growth.earlier is not None and growth.now.count != growth.earlier.count:
        yield f"there are {growth.now.count} rows, and there were {growth.earlier.count}"
