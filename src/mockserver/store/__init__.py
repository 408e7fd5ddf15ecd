"""The only SQL: worlds and their documents, in an SQLite file or in a PostgreSQL database."""

from mockserver.store.document import Collection, Document, find_storing_fault, parse_assigned_key
from mockserver.store.documents import Documents
from mockserver.store.file_store import FileStore
from mockserver.store.journal import ExchangeStorage
from mockserver.store.partitions import NO_PARTITION, Difference
from mockserver.store.store import BUSY_SECONDS, Store, Transaction
from mockserver.store.worlds import Role, WorldRecord

__all__ = [
    "BUSY_SECONDS",
    "NO_PARTITION",
    "Collection",
    "Difference",
    "Document",
    "Documents",
    "ExchangeStorage",
    "FileStore",
    "Role",
    "Store",
    "Transaction",
    "WorldRecord",
    "find_storing_fault",
    "parse_assigned_key",
]
