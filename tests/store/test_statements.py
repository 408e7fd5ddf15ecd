"""Every statement that reads finds what it looks for by an index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, create_engine, text
from sqlalchemy.dialects import sqlite

from mockserver.store import statements
from mockserver.store.tables import metadata

READING: dict[str, Select[Any]] = {
    name: value["sqlite"] if isinstance(value, dict) else value
    for name, value in vars(statements).items()
    if name[0] != "_" and (isinstance(value, Select) or name == "OVERLAPPING")
}
VALUES = {
    "partition": 1, "kind": "k", "key": "1", "key_length": 1, "owner": "o", "after": 0, "limit": 10,
    "offset": 0, "since": 0, "upto": 9, "start": 0, "end": 9, "owners": ["o", "p"],
}  # fmt: skip


def plan(folder: Path, statement: Select[tuple[object, ...]]) -> list[str]:
    """What SQLite says of how it would run a statement."""
    engine = create_engine(f"sqlite:///{folder / 'plan.sqlite'}")
    metadata.create_all(engine)
    compiled = statement.params(VALUES).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with engine.connect() as connection:
        rows = connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
    engine.dispose()
    return [str(row[3]) for row in rows]


def test_the_statements_are_found() -> None:
    assert len(READING) >= 9


@pytest.mark.parametrize("name", READING)
def test_a_reading_statement_searches_an_index_and_scans_nothing(name: str, tmp_path: Path) -> None:
    steps = plan(tmp_path, READING[name])
    assert any("USING" in step and "INDEX" in step for step in steps), steps
    assert not any(step.startswith("SCAN documents") for step in steps), steps


def test_nothing_is_sorted_but_what_is_returned(tmp_path: Path) -> None:
    sorting = {
        name
        for name, statement in READING.items()
        if any("TEMP B-TREE" in step for step in plan(tmp_path, statement))
    }
    # A page whose keys are known by then, and what overlaps a range.
    assert sorting == {"NEWEST", "OLDEST", "OVERLAPPING"}


@pytest.mark.parametrize("name", ["NEWEST", "OLDEST"])
def test_the_keys_of_a_page_of_several_owners_are_read_off_an_index(
    name: str, tmp_path: Path
) -> None:
    keys, *_, page, _ = plan(tmp_path, READING[name])[1:]
    in_time = "(partition=? AND kind=? AND at>? AND at<?)"
    assert keys == f"SEARCH documents USING COVERING INDEX documents_in_time {in_time}"
    assert page.startswith("SEARCH documents USING INDEX sqlite_autoindex_documents_1 ")


def test_the_greatest_key_is_the_last_of_an_index(tmp_path: Path) -> None:
    assert plan(tmp_path, READING["GREATEST_KEY"]) == [
        "SEARCH documents USING COVERING INDEX sqlite_autoindex_documents_1 "
        "(partition=? AND kind=?)"
    ]


def test_intervals_that_overlap_a_range_are_searched_by_their_length(tmp_path: Path) -> None:
    place = "(partition=? AND kind=? AND owner=? AND length=? AND at"
    searches = [it for it in plan(tmp_path, READING["OVERLAPPING"]) if it.startswith("SEARCH doc")]
    assert searches == [
        f"SEARCH documents USING INDEX documents_by_length {place}<?)",
        f"SEARCH documents USING INDEX documents_by_length {place}>? AND at<?)",
    ]
