"""The only SQL: worlds and their documents, in one SQLite file."""

from mockserver.store.document import Document, numbered, storing_fault
from mockserver.store.documents import Documents
from mockserver.store.partitions import NOWHERE, Collection, Difference, Numbered
from mockserver.store.store import Store, Transaction
from mockserver.store.worlds import Role, WorldRecord

__all__ = [
    "NOWHERE",
    "Collection",
    "Difference",
    "Document",
    "Documents",
    "Numbered",
    "Role",
    "Store",
    "Transaction",
    "WorldRecord",
    "numbered",
    "storing_fault",
]
