"""How PostgreSQL runs the statements that read: by an index, of which it reads what is returned."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import psycopg
import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from mockserver.clock import SECOND
from mockserver.store import statements
from mockserver.store.document import LENGTHS

READING: dict[str, Select[Any]] = {
    name: value["postgresql"] if isinstance(value, dict) else value
    for name, value in vars(statements).items()
    if name[0] != "_" and (isinstance(value, Select) or name == "OVERLAPPING")
}
FEW, MANY = 1_000, 20_000
"""How many documents the partitions of these numbers have."""
STEP = 10 * SECOND
"""The time from one document to the next; they last from half a second to two minutes."""

FILL = """
INSERT INTO documents
SELECT {size}, 'k', length(n::text), n::text, (n % 4)::text, n,
    n * {step}::bigint, n * {step}::bigint + length / 2, length, '{{}}'
FROM generate_series(1, {size}) AS n, LATERAL (SELECT ({lengths})[n % 5 + 1] AS length) AS lengths
"""
COUNT = """
INSERT INTO collections
SELECT partition, kind, owner, count(*), max(seq) FROM documents GROUP BY partition, kind, owner
"""


def list_values(size: int) -> dict[str, Any]:
    """The values of all statements; a range has 20 documents, near the end."""
    return {
        "partition": size, "kind": "k", "key": "9", "key_length": 1, "owner": "1", "limit": 10,
        "offset": 0, "start": (size - 40) * STEP, "end": (size - 20) * STEP,
        "owners": ["1", "2"],
    }  # fmt: skip


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    """A database with documents of four owners."""
    lengths = f"ARRAY{list(LENGTHS[:5])}"
    with psycopg.connect(database, autocommit=True) as connection:
        for size in (FEW, MANY):
            connection.execute(FILL.format(size=size, step=STEP, lengths=lengths).encode())
        connection.execute(COUNT)
        connection.execute("ANALYZE")  # as the server does itself, within minutes
        yield connection


def _count_blocks(connection: psycopg.Connection[Any], name: str, size: int, mode: str) -> int:
    """How many blocks of tables and indexes a statement reads."""
    values = list_values(size)
    compiled = (
        READING[name]
        .params(values)
        .compile(
            dialect=postgresql.dialect(paramstyle="numeric_dollar"),
            compile_kwargs={"render_postcompile": True},
        )
    )
    owners = {f"owners_{n}": owner for n, owner in enumerate(values["owners"], 1)}
    constants = {name: bound.value for name, bound in compiled.binds.items()}
    bound = {**constants, **values, **owners}
    given = ", ".join(f"'{bound[name]}'" for name in compiled.positiontup or ())
    connection.execute(f"SET plan_cache_mode = force_{mode}_plan".encode())
    connection.execute(f"PREPARE it AS {compiled}".encode())
    explained = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE it({given})"
    [[[plan]]] = connection.execute(explained.encode()).fetchall()
    connection.execute("DEALLOCATE it")
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


def test_a_statement_reads_no_more_where_there_are_more_documents(
    connection: psycopg.Connection[Any],
) -> None:
    # psycopg prepares what is executed often; the values may be no part of its plan then.
    blocks = {
        (name, mode): [_count_blocks(connection, name, size, mode) for size in (FEW, MANY)]
        for name, mode in product(READING, ("custom", "generic"))
    }
    growing = {
        name
        for (name, _), (few, many) in blocks.items()
        # An index of more rows has more levels, and each search of it goes through them.
        if many > 2 * few + 10
    }
    assert growing == {"ALL", "INTERVALS"}, blocks
