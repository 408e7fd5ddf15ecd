"""How many clients can write at once to one SQLite file before one of them gets a 503.

    python benchmarks/busy.py [--workers 1 2 4] [--clients 16 64 256] [--seconds 5]

Starts `mockserver serve --workers N --store FILE` and clients that write without a pause, all to
one sandbox, each over a connection of its own. Prints how many writes had each status, and how long
a response took: the median, and the longest.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from serving import connect, start, write_request


def write(url: str, end: float, statuses: Counter[str], seconds: list[float]) -> None:
    """Write until a moment of the monotonic clock."""
    message = write_request("POST calwe log", url)
    with connect(url) as connection:
        while time.monotonic() < end:
            began = time.monotonic()
            connection.sendall(message)
            data = b""
            while b"\r\n\r\n" not in data:
                data += connection.recv(65_536)
            head, _, body = data.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            while len(body) < length:
                body += connection.recv(65_536)
            statuses[head.split()[1].decode()] += 1
            seconds.append(time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--clients", type=int, nargs="+", default=[16, 64, 256])
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    print("workers  clients  median s  longest s  statuses")
    for workers in arguments.workers:
        with tempfile.TemporaryDirectory() as folder:
            store = str(Path(folder) / "worlds.sqlite")
            process, url, _ = start("--workers", str(workers), "--store", store)
            try:
                for clients in arguments.clients:
                    statuses: Counter[str] = Counter()
                    seconds: list[float] = []
                    end = time.monotonic() + arguments.seconds
                    threads = [
                        threading.Thread(target=write, args=(url, end, statuses, seconds))
                        for _ in range(clients)
                    ]
                    for thread in threads:
                        thread.start()
                    for thread in threads:
                        thread.join()
                    median, longest = statistics.median(seconds), max(seconds)
                    counted = ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))
                    print(f"{workers:7} {clients:8} {median:9.2f} {longest:10.2f}  {counted}")
            finally:
                process.terminate()
                process.wait()


if __name__ == "__main__":
    main()
