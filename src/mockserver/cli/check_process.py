"""`python -m mockserver.cli.check_process`: a check that a server runs in a process of its own.

The first line of the standard input is JSON that says what to do; the responses are lines of JSON
on the standard output. The process has a low priority. When its standard input ends, it interrupts
the check, so that it never outlives its server.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from mockserver import apis
from mockserver.cli.check import PHASES, CheckOptions
from mockserver.cli.command import load_body
from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import MockserverError

_NICENESS = 10
_REPORT_SECONDS = 0.25
"""How often progress is written at most."""


def main() -> None:
    """Do what the first line of the standard input says."""
    # What is printed by mistake must not come between the lines.
    output, sys.stdout = sys.stdout, sys.stderr
    gc.set_threshold(10_000, 20, 20)  # as for a command
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    request = json.loads(sys.stdin.readline())
    ending = _Ending(output)
    threading.Thread(target=ending.wait, daemon=True).start()
    try:
        if request["list"]:
            _write(output, targets=_list_targets(Path(request["targets_file"])))
        else:
            _check(output, request, ending)
    except MockserverError as error:
        _write(output, error=str(error))
    except KeyboardInterrupt:
        _write(output, interrupted=True)


class _Ending:
    """What the end of the standard input does: it interrupts the check, once that has begun.

    Before, the process just ends: not every module can be interrupted while it is imported.
    """

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._lock = threading.Lock()
        self._has_begun = False

    def begin(self) -> None:
        """From now on, the end of the input raises KeyboardInterrupt in the main thread."""
        with self._lock:
            self._has_begun = True

    def wait(self) -> None:
        """Wait for the end of the standard input, and end this process."""
        sys.stdin.read()
        with self._lock:
            if not self._has_begun:
                _write(self._output, interrupted=True)
                os._exit(0)
        os.kill(os.getpid(), signal.SIGINT)


def _write(output: TextIO, **message: Any) -> None:
    output.write(f"{json.dumps(message)}\n")
    output.flush()


def _list_targets(file: Path) -> list[dict[str, Any]]:
    load_body("runs")  # raises where nothing could be checked
    from mockserver.check.target.loader import read_targets

    return [
        {
            "name": target.name,
            "url": target.mask.text(target.url),
            "apis": list(target.apis or apis.names()),
            "allow_writes": target.allow_writes,
            "workers": target.workers,
        }
        for target in read_targets(file).values()
    ]


def _check(output: TextIO, request: Mapping[str, Any], ending: _Ending) -> None:
    runs = load_body("runs")
    from mockserver.check.reports.writers import WRITERS
    from mockserver.check.runner import Plan, ProgressEvent, Stage
    from mockserver.check.target.loader import read_targets
    from mockserver.check.target.target import Target
    from mockserver.check.validation.finding import Severity
    from mockserver.cli.progress import StageRows
    from mockserver.cli.targets import override_target
    from mockserver.deployment import Tls
    from mockserver.errors import look_up

    if own := request["own"]:
        # ADR 048: the server listens there itself, whatever its certificate is for.
        target = Target(
            name=request["target"],
            url=own["url"],
            tls=Tls(verify=False),
            admin_token=own["token"],
            sandbox_prefix=own["sandboxes"],
        )
    else:
        targets = read_targets(Path(request["targets_file"]))
        target = look_up(targets, request["target"], "There is no target")
    options = CheckOptions(
        apis=tuple(request["apis"]),
        operations=tuple(request["operations"]),
        workers=request["workers"],
    )
    target = override_target(target, options).with_secrets()
    phases = [phase for phase in PHASES if phase in request["phases"]]
    plan = Plan(
        phases=frozenset(phases),
        seed=request["seed"],
        is_quick=request["quick"],
        is_partial=bool(request["operations"]),
        severity=Severity(target.evidence),
    )
    rows, written = StageRows(apis.load(target.apis), phases), 0

    def report(event: ProgressEvent, stage: Stage) -> None:
        nonlocal written
        rows.report(event, stage)
        now = read_monotonic()
        if event is not ProgressEvent.RECORDS or now > written + _REPORT_SECONDS * SECOND:
            written = now
            _write(output, progress=[asdict(row) for row in rows])

    ending.begin()
    verdicts, code, _ = runs.reach_verdicts(target, plan, report)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # so that no line is cut off
    rows.stop()
    _write(output, progress=[asdict(row) for row in rows])
    text = WRITERS["json"](verdicts, target, target.mask).decode()
    _write(output, report=text, interrupted=code == runs.INTERRUPTED)


if __name__ == "__main__":
    main()
