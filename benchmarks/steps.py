"""How long a load, a copy and a deletion of many documents hold the lock of an SQLite file.

    python benchmarks/steps.py [--documents 100000]

All three are done in steps, each of which is a transaction; between two of them, others write.
Prints the milliseconds of processor time of a step: of half of them at most, and of all. What a
client waits for is this time and what the machine does meanwhile.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mockserver.store import Document, FileStore, Transaction

BATCH, COPIED, DELETED = 200, 1_000, 300  # as in the server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=100_000)
    number = parser.parse_args().documents
    body = {"session": "1", "at": "2025-08-21T00:00:00Z", "action_type": "LEFT"}
    entries = [Document("entry", "", body, "1", n) for n in range(number)]
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(FileStore(Path(folder) / "store.sqlite")) as store,
    ):
        with store.transaction(writing=True) as transaction:
            partition = transaction.partitions.create()
            copying = transaction.partitions.begin_copy(partition)

        def add(transaction: Transaction) -> bool:
            some, entries[:BATCH] = entries[:BATCH], []
            transaction.documents(partition, lambda: partition).extend_checked(some)
            return bool(entries)

        steps: dict[str, Callable[[Transaction], bool]] = {
            f"{BATCH} documents are loaded": add,
            f"{COPIED:,} are copied": lambda it: it.partitions.copy_some(copying, COPIED),
            f"{DELETED} are deleted": lambda it: it.partitions.collect_garbage(DELETED),
        }
        for name, step in steps.items():
            times, has_more = [], True
            while has_more:
                began = time.process_time()
                with store.transaction(writing=True) as transaction:
                    has_more = step(transaction)
                times.append((time.process_time() - began) * 1e3)
            half, most = statistics.median(times), max(times)
            print(f"{name:24s} {len(times):5d} steps, {half:4.1f} ms, at most {most:4.1f} ms")


if __name__ == "__main__":
    main()
