"""The SQL of documents, built once: running one costs little more than the database does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    and_,
    bindparam,
    column,
    delete,
    func,
    select,
    union_all,
    update,
    values,
)
from sqlalchemy.dialects import postgresql, sqlite

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
# Keys that are natural numbers sort as numbers: the shorter one is the smaller one.
_BY_KEY = (func.length(document.key), document.key)

GET = select(*COLUMNS).where(*_HERE, document.key == bindparam("key"))
NEWEST = (
    select(*COLUMNS)
    # SQLite would rather search the index of owners, and then sort everything for one page. It
    # cannot where the owner is an expression.
    .where(*_HERE, *_IN_TIME, (document.owner + "").in_(bindparam("owners", expanding=True)))
    .order_by(_BY_MOMENT_DOWN, *(column.desc() for column in _BY_KEY))
    .limit(_LIMIT)
    .offset(_OFFSET)
)
COUNT_IN_TIME = (
    select(func.count())
    .select_from(documents)
    .where(*_HERE, *_IN_TIME, document.owner.in_(bindparam("owners", expanding=True)))
)
_ALL = select(*COLUMNS).where(*_HERE)
# Of one owner or of all, in the order of owners, then of coming.
IN_ORDER = _ALL.order_by(document.owner, document.seq).limit(_LIMIT).offset(_OFFSET)
IN_ORDER_OF_OWNER = IN_ORDER.where(_OF_OWNER)
_PAGE = _ALL.where(_OF_OWNER).limit(_LIMIT).offset(_OFFSET)
PAGE = _PAGE.order_by(_BY_MOMENT, document.seq)
PAGE_FROM_END = _PAGE.order_by(_BY_MOMENT_DOWN, document.seq.desc())
ALL = _ALL.order_by(_BY_MOMENT, *_BY_KEY)
_lengths = (
    values(column("length", BigInteger), name="lengths", literal_binds=True)
    .data([(length,) for length in LENGTHS])
    .cte("lengths")
)
_begins_before = (*_HERE, _OF_OWNER, document.at < bindparam("end"))
_overlapping = union_all(
    select(*COLUMNS).where(*_begins_before, document.length == OPEN),
    select(*COLUMNS).join_from(
        _lengths,
        documents,
        and_(
            *_begins_before,
            document.length == _lengths.c.length,
            document.at > bindparam("start", type_=BigInteger) - _lengths.c.length,
            document.until > bindparam("start"),
        ),
    ),
).subquery()
OVERLAPPING = select(_overlapping).order_by(
    _overlapping.c.at, func.length(_overlapping.c.key), _overlapping.c.key
)
EXTENT = (
    select(document.owner, func.min(document.at), func.max(document.at))
    .where(
        *_HERE,
        document.owner.in_(bindparam("owners", expanding=True)),
        document.at > bindparam("start"),
        document.at < bindparam("end"),
    )
    .group_by(document.owner)
)
SIZE = select(collection.size, collection.last).where(
    *_COLLECTION, collection.owner == bindparam("owner")
)
LAST_NUMBERS = select(collection.owner, collection.last).where(
    *_COLLECTION, collection.owner.in_(bindparam("owners", expanding=True))
)
SIZES = select(collection.owner, collection.size).where(*_COLLECTION)
GREATEST_KEY = (
    select(document.key).where(*_HERE).order_by(*(column.desc() for column in _BY_KEY)).limit(1)
)


def _grow(insert: Any) -> Any:
    counter = insert(collections)
    return counter.on_conflict_do_update(
        index_elements=collections.primary_key.columns,
        set_={
            "size": collection.size + counter.excluded.size,
            "last": collection.last + counter.excluded.last,
        },
    )


GROW = {"sqlite": _grow(sqlite.insert), "postgresql": _grow(postgresql.insert)}
"""Counts documents that come or go, and the numbers that are assigned; makes the counter first."""
ADD = documents.insert()
REMOVE = delete(documents).where(*_HERE, document.key == bindparam("key"))
# An update's own columns may not share a name with a bound one, hence `new_…` and `the_…`.
REPLACE = (
    update(documents)
    .where(
        document.partition == bindparam("the_partition"),
        document.kind == bindparam("the_kind"),
        document.key == bindparam("the_key"),
    )
    .values({name: bindparam(f"new_{name}") for name in ("at", "until", "length", "body")})
)
