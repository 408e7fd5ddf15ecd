"""How many OpenAPI documents load, and in which time.

    python benchmarks/loading.py FOLDER [--limit 60]

Loads every .json, .yaml and .yml file below a folder, each in a process of its own, and compiles
all schemas of its operations. Prints a line for each file that does not load, with the reason, and
for the slowest five; and how many loaded. Files that are no OpenAPI 3.0 document are left out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

LOAD = """
import resource, sys
from pathlib import Path
from mockserver.contract import Contract, Validator
from mockserver.errors import MockserverError
try:
    Validator(Contract.load(Path(sys.argv[1]))).compile()
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
except MockserverError as error:
    sys.exit(str(error))
"""
NO_DOCUMENT = "it is not an OpenAPI 3.0 document"


def load(path: Path, limit: float) -> tuple[bool, float, str]:
    """Whether a document loads, the seconds it takes, and its memory or the reason."""
    began = time.perf_counter()
    try:
        ended = subprocess.run(
            [sys.executable, "-c", LOAD, str(path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return False, limit, f"it takes more than {limit:.0f} seconds"
    seconds = time.perf_counter() - began
    if ended.returncode:
        return False, seconds, ended.stderr.strip().rpartition("cannot be used: ")[2]
    return True, seconds, ended.stdout.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one document")
    arguments = parser.parse_args()
    files = (path for path in sorted(arguments.folder.rglob("*")) if path.is_file())
    loaded: list[tuple[float, str, Path]] = []
    total = 0
    for path in files:
        if path.suffix not in (".json", ".yaml", ".yml"):
            continue
        is_loaded, seconds, said = load(path, arguments.limit)
        if said == NO_DOCUMENT:
            continue
        total += 1
        if is_loaded:
            loaded.append((seconds, said, path))
        else:
            print(f"{path.relative_to(arguments.folder)}: {said}", flush=True)
    print(f"{len(loaded)} of {total} load")
    for seconds, memory, path in sorted(loaded, reverse=True)[:5]:
        print(f"{seconds:6.1f} s  {memory:>9}  {path.relative_to(arguments.folder)}")
    return 0 if len(loaded) == total else 1


if __name__ == "__main__":
    sys.exit(main())
