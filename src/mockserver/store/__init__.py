"""The only SQL: documents in sandboxes, in one SQLite file."""

from mockserver.store.documents import Document, Documents
from mockserver.store.store import SandboxRecord, Store, Transaction

__all__ = ["Document", "Documents", "SandboxRecord", "Store", "Transaction"]
