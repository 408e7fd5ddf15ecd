"""The SQL of documents, built once: running one costs little more than the database does."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, delete, func, or_, select, update

from mockserver.store.tables import collections, documents

_COLUMNS = (
    documents.c.kind,
    documents.c.key,
    documents.c.body,
    documents.c.owner,
    documents.c.at,
    documents.c.until,
)
_HERE = documents.c.partition == bindparam("partition"), documents.c.kind == bindparam("kind")
_OF_OWNER = documents.c.owner == bindparam("owner")
_COLLECTION = (
    collections.c.partition == bindparam("partition"),
    collections.c.kind == bindparam("kind"),
)
_IN_TIME = (documents.c.at >= bindparam("start"), documents.c.at <= bindparam("end"))
_OVERLAPS = (
    documents.c.at < bindparam("end"),
    or_(documents.c.until > bindparam("start"), documents.c.until.is_(None)),
)
# Keys that are natural numbers sort as numbers: the shorter one is the smaller one.
_BY_KEY = (func.length(documents.c.key), documents.c.key)

GET = select(*_COLUMNS).where(*_HERE, documents.c.key == bindparam("key"))
PAGE = (
    select(*_COLUMNS)
    .where(*_HERE, _OF_OWNER)
    .order_by(documents.c.at, documents.c.seq)
    .limit(bindparam("limit", type_=BigInteger))
    .offset(bindparam("offset", type_=BigInteger))
)
NEWEST = (
    select(*_COLUMNS)
    # SQLite would rather search the index of owners, and then sort everything for one page. It
    # cannot where the owner is an expression.
    .where(*_HERE, *_IN_TIME, (documents.c.owner + "").in_(bindparam("owners", expanding=True)))
    .order_by(documents.c.at.desc(), *(column.desc() for column in _BY_KEY))
    .limit(bindparam("limit", type_=BigInteger))
    .offset(bindparam("offset", type_=BigInteger))
)
COUNT_IN_TIME = (
    select(func.count())
    .select_from(documents)
    .where(*_HERE, *_IN_TIME, documents.c.owner.in_(bindparam("owners", expanding=True)))
)
ALL = select(*_COLUMNS).where(*_HERE).order_by(documents.c.at, *_BY_KEY)
OVERLAPPING = select(*_COLUMNS).where(*_HERE, *_OVERLAPS).order_by(documents.c.at, *_BY_KEY)
OVERLAPPING_OF_OWNER = (
    select(*_COLUMNS).where(*_HERE, _OF_OWNER, *_OVERLAPS).order_by(documents.c.at, *_BY_KEY)
)
EXTENT = (
    select(documents.c.owner, func.min(documents.c.at), func.max(documents.c.at))
    .where(
        *_HERE,
        documents.c.owner.in_(bindparam("owners", expanding=True)),
        documents.c.at > bindparam("start"),
        documents.c.at < bindparam("end"),
    )
    .group_by(documents.c.owner)
)
SIZE = select(collections.c.size, collections.c.last).where(
    *_COLLECTION, collections.c.owner == bindparam("owner")
)
SIZES = select(collections.c.owner, collections.c.size).where(*_COLLECTION)
GREATEST_KEY = (
    select(documents.c.key).where(*_HERE).order_by(*(column.desc() for column in _BY_KEY)).limit(1)
)
# An update's own columns may not share a name with a bound one, hence `new_…` and `the_…`.
COUNTED = (
    update(collections)
    .where(
        collections.c.partition == bindparam("the_partition"),
        collections.c.kind == bindparam("the_kind"),
        collections.c.owner == bindparam("the_owner"),
    )
    .values(size=bindparam("new_size"), last=bindparam("new_last"))
)
REMOVE = delete(documents).where(*_HERE, documents.c.key == bindparam("key"))
REPLACE = (
    update(documents)
    .where(
        documents.c.partition == bindparam("the_partition"),
        documents.c.kind == bindparam("the_kind"),
        documents.c.key == bindparam("the_key"),
    )
    .values(at=bindparam("new_at"), until=bindparam("new_until"), body=bindparam("new_body"))
)
