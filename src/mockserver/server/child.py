"""`python -m mockserver.server.child SETTINGS`: a server that ends with its parent process.

SETTINGS are texts by name, as JSON; the environment is ignored. The URL, or the error, is printed
as one line of JSON. The server ends with its standard input, so also when the parent is killed.
"""

from __future__ import annotations

import json
import signal
import sys

from mockserver.errors import MockserverError
from mockserver.server.collector import begin_collection, postpone_collection
from mockserver.settings import Settings


def main() -> None:
    """Serve until the standard input ends."""
    # Ctrl-C ends the tests, which need the server until they have ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with postpone_collection():
        from mockserver.server.run import run_in_thread

        try:
            with run_in_thread(Settings.load(json.loads(sys.argv[1]), environ={})) as url:
                begin_collection()
                _print({"url": url})
                sys.stdin.buffer.read()
        except MockserverError as error:
            _print({"error": str(error)})


def _print(line: dict[str, str]) -> None:
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
