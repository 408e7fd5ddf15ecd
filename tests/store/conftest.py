"""Records of worlds, and documents that are written to a store and read again."""

from __future__ import annotations

from typing import Any

from mockserver.clock import Clock
from mockserver.store import Document, Documents, Store, Transaction, WorldRecord


class Stop(Exception):
    """What a block raises to be stopped."""


def make_record(name: str, **more: Any) -> WorldRecord:
    """The record of a sandbox, whose values are far from the usual ones."""
    values = {
        "role": "sandbox",
        "scenario": "a scenario",
        "seed": 2**63 - 1,
        "clock": Clock(real=5, virtual=-7, rate=0.5),
        "tokens": {"calwe": {"valid": ["مفتاح"], "required": True}},
        "created": 1_755_786_600_000_000,
        "used": 1_755_786_600_000_001,
    }
    return WorldRecord(name=name, **{**values, **more})


def open_documents(transaction: Transaction, partition: int = 1) -> Documents:
    return transaction.documents(partition, lambda: partition)


def put(store: Store, key: str) -> None:
    """Write a session in a transaction of its own."""
    with store.transaction(writing=True, sandbox="a") as transaction:
        open_documents(transaction).append(Document("session", key, {}))


def list_sessions(store: Store) -> list[str]:
    with store.transaction(writing=False) as transaction:
        return [document.key for document in open_documents(transaction).list_all("session")]
