"""How long the contract kit takes over all APIs of the mock, and whether it is the same twice.

    python benchmarks/checking.py

Starts `mockserver serve` on a free port with the default world, and checks it in full, once more,
and with --quick. Prints seconds, requests, findings and the memory of the server; ends with
1 when the two full runs did not send the same number of requests to each API, or found something.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from serving import memory, start


def checked(url: str, folder: Path, *options: str) -> tuple[float, dict[str, Any]]:
    """How many seconds a run took, and its report."""
    file = folder / "report.json"
    command = [sys.executable, "-m", "mockserver", "check", url, *options, f"--report=json={file}"]
    began = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    assert ended.returncode in (0, 1), ended.stderr
    report: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return seconds, report


def figures(report: dict[str, Any]) -> dict[str, tuple[int, list[str]]]:
    """How many requests each API got, and what was found."""
    return {
        api["api"]: (
            api["requests"],
            sorted(it["finding"] for it in (*api["failures"], *api["warnings"])),
        )
        for api in report["apis"]
    }


def main() -> int:
    """Run, and say what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        process, url, _ = start()
        try:
            runs = []
            for name, options in (("full", ()), ("full again", ()), ("quick", ("--quick",))):
                seconds, report = checked(url, Path(folder), *options)
                found = figures(report)
                requests = ", ".join(f"{api} {count}" for api, (count, _) in found.items())
                total = sum(count for count, _ in found.values())
                print(f"{name:10} {seconds:6.1f} s  {total} requests: {requests}", flush=True)
                runs.append(found)
            print(f"the server weighs {memory(process.pid)}")
        finally:
            process.terminate()
            process.wait()
    first, second, _ = runs
    is_same = first == second
    is_clean = not any(findings for _, findings in first.values())
    print("The two runs are the same." if is_same else f"They differ: {first} {second}")
    return 0 if is_same and is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
