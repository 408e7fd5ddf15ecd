"""Creation: what a create answers is what was sent, and what is listed afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.contract import ABSENT
from mockserver.invariant import Interaction
from mockserver.traits.declarations import Creation
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, Listing, at, show

__all__ = ["RULES", "adds_further_rows"]


@dataclass(frozen=True)
class _Created:
    """A create that succeeded: what was sent and what was answered."""

    body: Mapping[str, Any]
    row: Any
    echo: Mapping[str, str]


@dataclass(frozen=True)
class _Listed:
    """A list, and the creates since it was read before: `creates` are those that succeeded."""

    now: Listing
    earlier: Listing | None
    creates: tuple[tuple[Interaction, Creation], ...]
    refused: int


def adds_further_rows(trait: Creation, body: Any) -> bool:
    """Whether the server may add rows of its own with a create."""
    if not trait.further or not isinstance(body, Mapping):
        return False
    return not trait.when or any(body.get(name) in values for name, values in trait.when.items())


def _created(evaluation: Evaluation) -> _Created | None:
    trait, now = evaluation.of.creation, evaluation.now
    body = now.arguments.get("body")
    if trait is None or not now.is_success or not now.is_valid or not isinstance(body, Mapping):
        return None
    row = at(now.response_body, trait.entry)
    return _Created(body, row, trait.echo) if isinstance(row, Mapping) else None


def _since_read(evaluation: Evaluation) -> _Listed | None:
    """The creates in this list since it was read before, by the operations that add to it."""
    now = evaluation.listing
    if now is None or (now.total is None and not now.is_whole):
        return None
    creates: list[tuple[Interaction, Creation]] = []
    refused = 0
    for seen in reversed(evaluation.before):
        trait = evaluation.traits.of(seen).creation
        earlier = evaluation.read(seen) if seen.operation is evaluation.now.operation else None
        if earlier is not None and earlier.scope == now.scope:
            return _Listed(now, earlier, tuple(creates), refused)
        if evaluation.may_have_written(seen, evaluation.now):
            if trait is None or trait.in_ != evaluation.now.operation.id or not _succeeded(seen):
                return _Listed(now, None, tuple(creates), refused) if creates else None
            creates.append((seen, trait))
        elif trait is not None and _is_about_the_same(evaluation, seen):
            refused += 1
    return _Listed(now, None, tuple(creates), refused) if creates else None


def _grows_at(listing: Listing) -> str:
    return listing.traits.order.grows_at if listing.traits.order else ""


def _succeeded(seen: Interaction) -> bool:
    return seen.is_success and seen.is_valid


def _is_about_the_same(evaluation: Evaluation, seen: Interaction) -> bool:
    names = {it.name for it in seen.operation.parameters if it.location == "path"}
    return all(seen.arguments.get(it) == evaluation.now.arguments.get(it) for it in names)


def _after_creates(evaluation: Evaluation) -> _Listed | None:
    found = _since_read(evaluation)
    return found if found and found.creates and found.earlier else None


def _after_a_create(evaluation: Evaluation) -> _Listed | None:
    found = _since_read(evaluation)
    if found is None or not found.creates or found.now.first is None:
        return None
    is_there = {"end": found.now.is_last, "start": found.now.first == 0}
    return found if is_there.get(_grows_at(found.now)) else None


def _after_refusals(evaluation: Evaluation) -> _Listed | None:
    found = _since_read(evaluation)
    return found if found and found.refused and not found.creates and found.earlier else None


@rule(Creation, "entry", "echo", reads=_created)
def what_is_created_is_echoed(created: _Created) -> Iterator[str]:
    """A create answers the row that was sent."""
    for field, pointer in created.echo.items():
        row, sent = at(created.row, pointer), created.body.get(field, ABSENT)
        if ABSENT not in (row, sent) and row != sent:
            yield f"{field} was {show(sent)}, and {pointer} is {show(row)}"


@rule(Creation, reads=_after_a_create, of="in_")
def what_is_created_is_listed(found: _Listed) -> Iterator[str]:
    """The row that a create answered is listed, at the end where new rows appear."""
    seen, trait = found.creates[0]
    row = at(seen.response_body, trait.entry)
    count = 1 + (trait.further if adds_further_rows(trait, seen.arguments.get("body")) else 0)
    rows = found.now.rows[-count:] if _grows_at(found.now) == "end" else found.now.rows[:count]
    is_elsewhere = count > 1 and len(rows) < count <= (found.now.total or 0)
    if row not in rows and not is_elsewhere:
        yield f"created was {show(row)}, and listed there is {show(rows)}"


@rule(Creation, reads=_after_creates, of="in_")
def the_list_grows_by_what_is_created(found: _Listed) -> Iterator[str]:
    """Each create makes the list one row longer, and rows that the server adds with it."""
    if found.earlier is None:
        return
    further = sum(
        trait.further
        for seen, trait in found.creates
        if adds_further_rows(trait, seen.arguments.get("body"))
    )
    grown = _count(found.now) - _count(found.earlier)
    if not len(found.creates) <= grown <= len(found.creates) + further:
        yield f"it grew by {grown} rows, and created were {len(found.creates)}"


@rule(Creation, reads=_after_refusals, of="in_")
def what_is_refused_is_not_listed(found: _Listed) -> Iterator[str]:
    """A create that was refused leaves the list as it was."""
    if found.earlier is not None and _count(found.now) != _count(found.earlier):
        yield f"there are {_count(found.now)} rows, and there were {_count(found.earlier)}"


def _count(listing: Listing) -> int:
    return len(listing.rows) if listing.total is None else listing.total


RULES = (
    what_is_created_is_echoed,
    what_is_created_is_listed,
    the_list_grows_by_what_is_created,
    what_is_refused_is_not_listed,
)
