"""How long the contract kit takes over all APIs of the mock, and whether it is always the same.

    python benchmarks/checking.py [--page FILE]

Starts `mockserver serve` on a free port with the default world, and checks it: in full, once more,
by several workers, and with --quick; then as a deployment that is slow, whose responses are late by
a twentieth of a second. Prints a table: requests, seconds and requests a second by the clock of the
wall, which needs quiet cores, and the processor time of the kit and of the server, which does not.
`--page` writes it into a page.

Ends with 1 when runs with the same options did not send the same number of requests to each API,
whatever the number of workers, or something was found.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from serving import memory, processor_seconds, start

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "benchmarks" / "comparison"))

from report import make_table, write_page  # noqa: E402

DELAY = 50
"""How late the responses of the slow deployment are, in milliseconds."""
RUNS: dict[str, tuple[str, Sequence[str]]] = {
    "full": ("mock", ()),
    "full, again": ("mock", ()),
    "full, `--workers 4`": ("mock", ("--workers=4",)),
    "`--quick`": ("mock", ("--quick",)),
    f"`--quick`, {DELAY} ms for a response": ("slow", ("--quick",)),
    f"`--quick --workers 4`, {DELAY} ms for a response": ("slow", ("--quick", "--workers=4")),
}
"""The target of each run, and its options."""
COLUMNS = ["run", "requests", "seconds", "requests a second", "CPU of the kit", "of the server"]


@dataclass(frozen=True)
class Run:
    """The seconds of a run, those of processor time, and what it found in each API."""

    seconds: float
    kit: float
    server: float
    found: dict[str, tuple[int, list[str]]]

    @property
    def requests(self) -> int:
        """How many requests it recorded."""
        return sum(number for number, _ in self.found.values())

    def make_row(self, name: str) -> list[str]:
        """Its row of the table."""
        rate = f"{self.requests / self.seconds:.0f}"
        times = (f"{seconds:.1f}" for seconds in (self.kit, self.server))
        return [name, f"{self.requests:,}", f"{self.seconds:.1f}", rate, *times]


def check(target: str, server: int, folder: Path, options: Sequence[str]) -> Run:
    """Check a target of the folder's file, as a command of its own."""
    file = folder / "report.json"
    named = [target, f"--targets={folder / 'targets.json'}", f"--report=json={file}", "--plain"]
    began, server_began = time.perf_counter(), processor_seconds(server)
    with (folder / "output").open("wb") as output:
        program = [sys.executable, "-m", "mockserver", "check", *named, *options]
        process = subprocess.Popen(program, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 1), (folder / "output").read_text("utf-8")
    report = json.loads(file.read_text("utf-8"))
    kit = usage.ru_utime + usage.ru_stime
    return Run(seconds, kit, processor_seconds(server) - server_began, list_found(report))


def list_found(report: dict[str, Any]) -> dict[str, tuple[int, list[str]]]:
    """How many requests each API got, and what was found."""
    return {
        api["api"]: (
            api["requests"],
            sorted(it["finding"] for it in (*api["failures"], *api["warnings"])),
        )
        for api in report["apis"]
    }


def describe_machine() -> str:
    """The date, the processor and its cores, and the version of Python."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((it.partition(": ")[2] for it in lines if it.startswith("model name")), "?")
    machine = f"{len(os.sched_getaffinity(0))} cores of {model}, Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine}"


def main() -> int:
    """Run, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--page", type=Path, help="a page in which to write the table")
    arguments = parser.parse_args()
    runs: dict[str, Run] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process, url, _ = start()
        slow = {"url": url, "headers": {"Prefer": f"delay={DELAY}"}}
        targets = {"targets": {"mock": {"url": url}, "slow": slow}}
        (folder / "targets.json").write_text(json.dumps(targets))
        try:
            for number, (name, (target, options)) in enumerate(RUNS.items(), 1):
                runs[name] = check(target, process.pid, folder, options)
                print(f"run {number} of {len(RUNS)}", file=sys.stderr, flush=True)
            weight = memory(process.pid)
        finally:
            process.terminate()
            process.wait()
    rows = [run.make_row(name) for name, run in runs.items()]
    machine = f"{describe_machine()}. Seconds; the server takes {weight} of memory."
    report = f"{machine}\n\n{make_table(COLUMNS, rows)}\n"
    print(report)
    if arguments.page:
        write_page(report, arguments.page)
    # Headers, and so the speed of the target, are no reason to send something else.
    full, quick = (
        [run.found for name, run in runs.items() if ("quick" in name) == is_quick]
        for is_quick in (False, True)
    )
    is_same = all(found == others[0] for others in (full, quick) for found in others)
    is_clean = not any(found for run in runs.values() for _, found in run.found.values())
    print("Runs with the same options are the same." if is_same else f"They differ: {full} {quick}")
    return 0 if is_same and is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
