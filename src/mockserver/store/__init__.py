"""The only SQL: worlds and their documents, in an SQLite file or in a PostgreSQL database."""

from pathlib import Path

from mockserver.errors import SettingError
from mockserver.settings import DatabaseUrl
from mockserver.store.check_runs import MAX_RUNS, CheckRunRecord
from mockserver.store.document import Collection, Document, find_storing_fault, parse_assigned_key
from mockserver.store.documents import Documents
from mockserver.store.file_store import FileStore
from mockserver.store.journal import ExchangeStorage
from mockserver.store.partitions import NO_PARTITION, Difference
from mockserver.store.statements import Search
from mockserver.store.store import BUSY_SECONDS, CONNECTIONS, Store, Transaction
from mockserver.store.worlds import Role, WorldRecord

__all__ = [
    "BUSY_SECONDS",
    "CONNECTIONS",
    "MAX_RUNS",
    "NO_PARTITION",
    "CheckRunRecord",
    "Collection",
    "Difference",
    "Document",
    "Documents",
    "ExchangeStorage",
    "FileStore",
    "Role",
    "Search",
    "Store",
    "Transaction",
    "WorldRecord",
    "find_storing_fault",
    "open_store",
    "parse_assigned_key",
]


def open_store(place: Path | DatabaseUrl | None) -> Store:
    """The store in a file, in a database, or in a temporary file. Raises SettingError."""
    if not isinstance(place, DatabaseUrl):
        return FileStore(place)
    try:
        from mockserver.store.postgres import PostgresStore
    except ImportError as error:
        raise SettingError(
            f"--store: '{error.name}' is not installed; pip install 'mockserver-kit[postgres]' "
            "installs what a PostgreSQL store needs."
        ) from error
    return PostgresStore(place.text)
