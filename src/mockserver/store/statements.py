"""The SQL of documents, built once: running one costs little more than the database does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from msgspec import Struct
from sqlalchemy import (
    JSON,
    BigInteger,
    Numeric,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    true,
    union_all,
    update,
    values,
)

from mockserver.store.document import LENGTHS, OPEN
from mockserver.store.tables import collections, documents

document, collection = documents.c, collections.c
COLUMNS = (
    *(document.kind, document.key, document.body, document.owner),
    *(document.at, document.until, document.length),
)
_HERE = document.partition == bindparam("partition"), document.kind == bindparam("kind")
_LIMIT, _OFFSET = (bindparam(name, type_=BigInteger) for name in ("limit", "offset"))
_OF_OWNER = document.owner == bindparam("owner")
_COLLECTION = (collection.partition == bindparam("partition"), collection.kind == bindparam("kind"))
_IN_TIME = (document.at >= bindparam("start"), document.at <= bindparam("end"))
# What has no moment comes first, as it does in SQLite by itself.
_BY_MOMENT, _BY_MOMENT_DOWN = document.at.nulls_first(), document.at.desc().nulls_last()
_BY_KEY = (document.key_length, document.key)
_BY_KEY_DOWN = tuple(it.desc() for it in _BY_KEY)
_OF_KEY = document.key == bindparam("key"), document.key_length == bindparam("key_length")

GET = select(*COLUMNS).where(*_HERE, *_OF_KEY)


def _select_in_time(order: Sequence[Any]) -> Select[Any]:
    """A page of what several owners have in a time, from its end or from its beginning.

    The keys come out of an index; only the documents of the page are read.
    """
    keys = (
        select(document.key_length, document.key)
        # SQLite would rather search the index of owners, and then sort everything for one page. It
        # cannot where the owner is an expression.
        .where(*_HERE, *_IN_TIME, (document.owner + "").in_(bindparam("owners", expanding=True)))
        .order_by(*order)
        .limit(_LIMIT)
        .offset(_OFFSET)
        .subquery()
    )
    of_key = document.key_length == keys.c.key_length, document.key == keys.c.key
    return select(*COLUMNS).join_from(keys, documents, and_(*_HERE, *of_key)).order_by(*order)


NEWEST = _select_in_time((_BY_MOMENT_DOWN, *_BY_KEY_DOWN))
OLDEST = _select_in_time((_BY_MOMENT, *_BY_KEY))
COUNT_IN_TIME = (
    select(func.count())
    .select_from(documents)
    .where(*_HERE, *_IN_TIME, document.owner.in_(bindparam("owners", expanding=True)))
)
_ALL = select(*COLUMNS).where(*_HERE)
_PAGE = _ALL.limit(_LIMIT).offset(_OFFSET)
PAGE = _PAGE.where(_OF_OWNER).order_by(_BY_MOMENT, document.seq)
PAGE_FROM_END = _PAGE.where(_OF_OWNER).order_by(_BY_MOMENT_DOWN, document.seq.desc())
# Of one owner or of all, in the order of owners, then of coming.
IN_ORDER = _PAGE.order_by(document.owner, document.seq)
IN_ORDER_FROM_END = _PAGE.order_by(document.owner.desc(), document.seq.desc())
IN_ORDER_OF_OWNER = IN_ORDER.where(_OF_OWNER)
IN_ORDER_OF_OWNER_FROM_END = IN_ORDER_FROM_END.where(_OF_OWNER)
ALL = _ALL.order_by(_BY_MOMENT, *_BY_KEY)
INTERVALS = ALL.where(_OF_OWNER, document.at.is_not(None), document.length.is_not(None))
_lengths = (
    values(column("length", BigInteger), name="lengths", literal_binds=True)
    .data([(length,) for length in LENGTHS])
    .cte("lengths")
)
_begins_before = (*_HERE, _OF_OWNER, document.at < bindparam("end"))
_of_length = (
    *_begins_before,
    document.length == _lengths.c.length,
    document.at > bindparam("start", type_=BigInteger) - _lengths.c.length,
    document.until > bindparam("start"),
)


def _select_overlapping(of_each_length: Select[Any]) -> Select[Any]:
    is_open = document.length == OPEN
    found = union_all(select(*COLUMNS).where(*_begins_before, is_open), of_each_length).subquery()
    return select(found).order_by(found.c.at, func.length(found.c.key), found.c.key)


# PostgreSQL does not know that few intervals of a length begin in that length before a moment, and
# would read all that began before the range. OFFSET keeps the search for each length as it is.
_search = select(*COLUMNS).where(*_of_length).offset(literal_column("0")).lateral()
OVERLAPPING = {
    "sqlite": _select_overlapping(
        select(*COLUMNS).join_from(_lengths, documents, and_(*_of_length))
    ),
    "postgresql": _select_overlapping(
        select(*_search.c).select_from(_lengths.join(_search, true()))
    ),
}
"""The intervals that overlap a range: 22 short searches of an index (ADR 006)."""
_inside = (
    document.partition == collection.partition,
    document.kind == collection.kind,
    document.owner == collection.owner,
    document.at > bindparam("start"),
    document.at < bindparam("end"),
)
# Two searches for each owner: together, the least and the greatest moment would walk all between.
EXTENT = select(
    collection.owner,
    *(
        select(extreme(document.at)).where(*_inside).scalar_subquery()
        for extreme in (func.min, func.max)
    ),
).where(*_COLLECTION, collection.owner.in_(bindparam("owners", expanding=True)))
SIZE = select(collection.size, collection.last).where(
    *_COLLECTION, collection.owner == bindparam("owner")
)
LAST_NUMBERS = select(collection.owner, collection.last).where(
    *_COLLECTION, collection.owner.in_(bindparam("owners", expanding=True))
)
SIZES = select(collection.owner, collection.size).where(*_COLLECTION)
TOTAL_SIZE = select(func.sum(collection.size)).where(*_COLLECTION)
GREATEST_KEY = select(document.key).where(*_HERE).order_by(*_BY_KEY_DOWN).limit(1)


class Search(Struct, frozen=True):
    """Which documents of a kind are wanted, and their order.

    `text` is in the key or in the body as JSON, whatever the case of its ASCII letters. With
    `since` or `before`, those whose moment or interval lies between the two, at least in part.
    `sort` is a column, or a field of the body after a slash; without it they come in the order of
    owners, then of coming.
    """

    owner: str | None = None
    text: str = ""
    since: int | None = None
    before: int | None = None
    sort: str = ""
    is_descending: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether more than the owner says which documents are wanted."""
        return bool(self.text) or self.since is not None or self.before is not None


def select_matching(search: Search, dialect: str) -> tuple[Select[Any], Select[Any]]:
    """The statements of a search: its documents from an offset on, and their number."""
    conditions: list[Any] = [*_HERE]
    if search.owner is not None:
        conditions.append(document.owner == search.owner)
    if search.text:
        written = orjson.dumps(search.text).decode()[1:-1]  # as it stands in the JSON of a body
        conditions.append(
            document.key.icontains(search.text, autoescape=True)
            | document.body.icontains(written, autoescape=True)
        )
    if search.before is not None:
        conditions.append(document.at < search.before)
    if search.since is not None:
        goes_on = (document.until > search.since) | (document.length == OPEN)
        conditions.append((document.at >= search.since) | goes_on)
    number = select(func.count()).select_from(documents).where(*conditions)
    # Only the documents of the page are read; the keys are put in order without them.
    order = _order(search, dialect)
    keys = select(document.key_length, document.key).where(*conditions).order_by(*order)
    page = keys.limit(_LIMIT).offset(_OFFSET).subquery()
    of_key = document.key_length == page.c.key_length, document.key == page.c.key
    return (
        select(*COLUMNS).join_from(page, documents, and_(*_HERE, *of_key)).order_by(*order),
        number,
    )


def _order(search: Search, dialect: str) -> list[Any]:
    """What the documents are ordered by; what has no value comes first."""
    terms: list[Any]
    if not search.sort:
        terms = [document.owner, document.seq]
    elif search.sort == "key":
        terms = [*_BY_KEY]
    elif not search.sort.startswith("/"):
        column_of = {"owner": document.owner, "at": document.at, "until": document.until}
        terms = [column_of[search.sort]]
    elif dialect == "sqlite":
        terms = [func.json_extract(document.body, f'$."{search.sort[1:]}"')]
    else:
        # Numbers before texts, as in SQLite. JSONB would refuse a body with the character U+0000.
        value = func.json_extract_path(cast(document.body, JSON), search.sort[1:])
        text = func.nullif(cast(value, Text), "null")
        number = case((func.json_typeof(value) == "number", cast(text, Numeric)))
        terms = [text.is_not(None), number.is_(None), number, text.collate("C")]
    if search.is_descending:
        ordered = [term.desc().nulls_last() for term in terms]
        return [*ordered, *(() if search.sort == "key" else _BY_KEY_DOWN)]
    ordered = [term.asc().nulls_first() for term in terms]
    return [*ordered, *(() if search.sort == "key" else _BY_KEY)]


@cache
def get_grow_statement(dialect: str) -> Any:
    """Counts documents that come or go, and assigned numbers; makes the counter first."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:  # imported only where it is needed: at the start of a server it takes long
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
    counter = insert(collections)
    return counter.on_conflict_do_update(
        index_elements=collections.primary_key.columns,
        set_={
            "size": collection.size + counter.excluded.size,
            "last": collection.last + counter.excluded.last,
        },
    )


ADD = documents.insert()
REMOVE = delete(documents).where(*_HERE, *_OF_KEY)
# An update's own columns may not share a name with a bound one, hence `new_…` and `the_…`.
REPLACE = (
    update(documents)
    .where(
        document.partition == bindparam("the_partition"),
        document.kind == bindparam("the_kind"),
        document.key_length == bindparam("the_key_length"),
        document.key == bindparam("the_key"),
    )
    .values({name: bindparam(f"new_{name}") for name in ("at", "until", "length", "body")})
)
