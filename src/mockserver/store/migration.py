"""Brings the tables of a PostgreSQL database to this version, forward only."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, inspect

from mockserver.errors import StoreError

VERSION_TABLE = "mockserver_version"
NEWEST = "0004"
"""The revision of this version's tables."""

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = Lock()
"""Alembic keeps what it works on in globals."""


def migrate(connection: Connection, name: str) -> None:
    """Run the migrations that a database has not had, in the transaction of the connection.

    Raises StoreError for one of a newer version.
    """
    found = None
    if inspect(connection).has_table(VERSION_TABLE):
        stored = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608
        found = stored.scalar()
    if found == NEWEST:
        return
    # Imported here because it takes long, and is seldom needed.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"{name} was made by a newer version of Mockserver (its tables are those of revision "
            f"'{found}'); start that version, or name another database"
        )
    with _LOCK:
        command.upgrade(config, "head")
