"""The checks of this server and its targets: one run at a time, and the history of runs.

A run is a process of its own (`check_process`), which a thread of this process follows. What it has
done is in the store, where every server finds it, and so is the request to stop it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from mockserver.clock import SECOND, machine_now, read_monotonic
from mockserver.errors import StoreBusyError, StoreError, UnknownNameError
from mockserver.sandbox import Sandboxes
from mockserver.server.check_process import CheckProcess
from mockserver.server.responses import make_problem
from mockserver.settings import Settings
from mockserver.store import CheckRunRecord, Transaction

THIS_SERVER = "this server"
"""The target name of the server itself; no target of a file can have it."""
MAX_REPORT = 8 * 1024 * 1024
"""A report of more bytes is not kept."""
LOST_SECONDS = 15
"""A run without a sign of life for so long counts as interrupted."""

_DEFAULT_FILE = Path("targets.yaml")
_STARTING = "@checks"
"""The lock that the start of a run takes; no sandbox can have this name."""
_PERIOD_SECONDS = 0.5
_STOP_SECONDS = 20
"""How long a run that is stopped may take to delete its sandboxes and to report."""
_CLOSE_SECONDS = 3
_LIST_SECONDS = 60
_LONGEST_REASON = 1_000

_log = logging.getLogger("mockserver")


class Targets(Struct, frozen=True):
    """The targets of the targets file by name, or why they cannot be read."""

    by_name: Mapping[str, Mapping[str, Any]]
    error: str | None = None


class _Interaction:
    """A process, and what it has said."""

    def __init__(self, request: Mapping[str, Any], progress: Sequence[Mapping[str, Any]]) -> None:
        self.process = CheckProcess(request)
        self.progress = progress
        self.result: Mapping[str, Any] = {}
        self.is_stopped = False
        self.ended = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for message in self.process.read_messages():
                if "progress" in message:
                    self.progress = message["progress"]
                else:
                    self.result = {**self.result, **message}
        finally:
            self.ended.set()


class Checks:
    """Starts and follows checks. `url` is that of this server, None if it has none."""

    def __init__(self, sandboxes: Sandboxes, settings: Settings, url: str | None = None) -> None:
        self.url = url
        self._sandboxes = sandboxes
        self._token = settings.admin_token
        self._file = settings.targets
        self._targets: tuple[object, Targets] = (None, Targets({}))
        self._reading_targets = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._is_closing = threading.Event()

    def list_targets(self) -> Targets:
        """The targets of the file as it is now."""
        file = self._file or _DEFAULT_FILE
        try:
            status = file.stat()
        except OSError as error:
            if self._file is None:
                return Targets({})
            reason = f"The targets file '{file}' cannot be read: {error.strerror}."
            return Targets({}, reason)
        version = status.st_mtime_ns, status.st_size, status.st_ino
        with self._reading_targets:
            if self._targets[0] != version:
                self._targets = version, _read_targets(file)
            return self._targets[1]

    def list_runs(self) -> list[CheckRunRecord]:
        """All runs, the newest first."""
        with self._sandboxes.wait_for_transaction(writing=False) as transaction:
            return transaction.check_runs.list_all()

    def get(self, id: int) -> CheckRunRecord:
        """Raises UnknownNameError."""
        with self._sandboxes.wait_for_transaction(writing=False) as transaction:
            return _get(transaction, id)

    def get_report(self, id: int) -> bytes | None:
        """The report of a run, None if it has none. Raises UnknownNameError."""
        with self._sandboxes.wait_for_transaction(writing=False) as transaction:
            _get(transaction, id)
            return transaction.check_runs.get_report(id)

    def start(self, details: Mapping[str, Any], request: Mapping[str, Any]) -> CheckRunRecord:
        """Start a run. Raises a Refusal if one is running."""
        with self._sandboxes.wait_for_transaction(writing=True) as transaction:
            transaction.lock(_STARTING)
            runs, now = transaction.check_runs, machine_now()
            for record in runs.list_running():
                if not is_lost(record):
                    raise make_problem(
                        409,
                        f"Check {record.id} of {record.details['target']} is running; stop it, or "
                        "wait for its end",
                    )
                runs.end(record.id, "interrupted", explain_loss(record), record.beat)
                self._remove_sandboxes(transaction, record.id)
            id = runs.add("running", details, now)
            record = _get(transaction, id)
        whole = {**request, "list": False, "targets_file": str(self._file or _DEFAULT_FILE)}
        if whole["own"]:
            prefix = _make_prefix(id)
            whole["own"] = {"url": self.url, "token": self._token or "", "sandboxes": prefix}
        thread = threading.Thread(
            target=self._run, args=(id, details, whole), name=f"check-{id}", daemon=True
        )
        self._threads = [it for it in self._threads if it.is_alive()] + [thread]
        thread.start()
        return record

    def keep_report(self, details: Mapping[str, Any], state: str, report: bytes) -> CheckRunRecord:
        """Keep a report as a run that has ended."""
        with self._sandboxes.wait_for_transaction(writing=True) as transaction:
            id = transaction.check_runs.add(state, details, machine_now(), report)
            return _get(transaction, id)

    def stop(self, id: int) -> CheckRunRecord:
        """Request that a run stops, in this process or another. Raises UnknownNameError."""
        with self._sandboxes.wait_for_transaction(writing=True) as transaction:
            _get(transaction, id)
            transaction.check_runs.request_stop(id)
            return _get(transaction, id)

    def delete(self, id: int) -> None:
        """Delete a run that has ended. Raises UnknownNameError, and a Refusal for another."""
        with self._sandboxes.wait_for_transaction(writing=True) as transaction:
            record = _get(transaction, id)
            if record.is_running and not is_lost(record):
                raise make_problem(409, f"Check {id} is running; stop it first")
            transaction.check_runs.delete(id)

    def close(self) -> None:
        """End the run that is in this process, if there is one."""
        self._is_closing.set()
        for thread in self._threads:
            thread.join()

    def _run(self, id: int, details: Mapping[str, Any], request: Mapping[str, Any]) -> None:
        """Run a check, and write its progress and its end to the store."""
        try:
            run = _Interaction(request, details["progress"])
        except OSError as error:
            reason = f"No process can be started for the check: {error.strerror}."
            self._end(id, {**details, "error": reason}, "error")
            return
        try:
            self._follow(id, details, run)
        finally:
            run.process.kill()
            run.ended.wait()
        details = {**details, "progress": run.progress}
        result, report = run.result, None
        if "report" in result:
            report = result["report"].encode()
            summary = summarise(orjson.loads(report))
            state = "stopped" if result["interrupted"] else reach_state(summary)
            details |= {"summary": summary}
            if len(report) > MAX_REPORT:
                size = f"The report has {len(report)} bytes"
                details |= {"error": f"{size}; at most {MAX_REPORT} are kept, so it is not."}
                report = None
        else:
            state = "stopped" if run.is_stopped else "error"
            nothing = (
                "It was stopped before it had begun." if run.is_stopped else "It said nothing."
            )
            details |= {"error": result.get("error", nothing)}
        # What a check of this server found while it ended is not to be trusted.
        hindered = ("failed", "inconclusive") if request["own"] else ()
        if self._is_closing.is_set() and state in ("stopped", "error", *hindered):
            state = "interrupted"
            details |= {"error": "The server ended."}
        self._end(id, details, state, report)

    def _follow(self, id: int, details: Mapping[str, Any], run: _Interaction) -> None:
        """Write the progress of a run until it has ended, and stop it on request.

        Returns without its end if it takes too long to stop.
        """
        written, limit = read_monotonic(), 0
        while not run.ended.wait(_PERIOD_SECONDS):
            now = read_monotonic()
            if limit and now > limit:
                return
            try:
                with self._sandboxes.wait_for_transaction(writing=True) as transaction:
                    present = {**details, "progress": run.progress}
                    record = transaction.check_runs.update(id, present, machine_now())
                written = now
                is_over = record is None or record.is_stopping
            except (StoreBusyError, StoreError):
                # It counts as interrupted by now, and another run may have begun.
                is_over = now > written + LOST_SECONDS * SECOND
            is_closing = self._is_closing.is_set()
            if is_over or is_closing:
                run.is_stopped = True
                run.process.interrupt()
                latest = now + (_CLOSE_SECONDS if is_closing else _STOP_SECONDS) * SECOND
                limit = min(limit or latest, latest)

    def _remove_sandboxes(self, transaction: Transaction, id: int) -> None:
        """Remove the sandboxes that a run has left, as it does if it is killed."""
        prefix, listed = _make_prefix(id), transaction.worlds.list_all("sandbox")
        records = [record for record in listed if record.name.startswith(prefix)]
        for record in records:
            transaction.lock(record.name)
        self._sandboxes.remove(transaction, records)

    def _end(
        self, id: int, details: Mapping[str, Any], state: str, report: bytes | None = None
    ) -> None:
        began = read_monotonic()
        while True:
            try:
                with self._sandboxes.wait_for_transaction(writing=True) as transaction:
                    transaction.check_runs.end(id, state, details, machine_now(), report)
                    self._remove_sandboxes(transaction, id)
                return
            except (StoreBusyError, StoreError) as error:
                if read_monotonic() > began + LOST_SECONDS * SECOND or self._is_closing.is_set():
                    _log.error("The end of check %s cannot be written: %s", id, error)
                    return
            self._is_closing.wait(_PERIOD_SECONDS)


def _make_prefix(id: int) -> str:
    """The prefix of the names of the sandboxes that a run makes on this server."""
    return f"check-{id}-"


def is_lost(record: CheckRunRecord) -> bool:
    """Whether the process that has a run gives no sign of life."""
    return record.is_running and machine_now() > record.beat + LOST_SECONDS * SECOND


def explain_loss(record: CheckRunRecord) -> dict[str, Any]:
    """The details of a run that is lost."""
    reason = f"The server that ran it gave no sign of life for {LOST_SECONDS} seconds."
    return {**record.details, "error": reason}


def summarise(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The verdict on each API of a report."""
    return [
        {
            "api": api["api"],
            "verdict": api["verdict"],
            "requests": api["requests"],
            "failures": len(api["failures"]),
            "warnings": len(api["warnings"]),
            "accepted": len(api["accepted"]),
            "seconds": api["seconds"],
            "reason": next((it[:_LONGEST_REASON] for it in api["inconclusive"]), None),
        }
        for api in report["apis"]
    ]


def reach_state(summary: Sequence[Mapping[str, Any]]) -> str:
    """The verdict on all APIs."""
    verdicts = {api["verdict"] for api in summary}
    if "fail" in verdicts:
        return "failed"
    return "inconclusive" if "inconclusive" in verdicts else "passed"


def _get(transaction: Transaction, id: int) -> CheckRunRecord:
    record = transaction.check_runs.get(id)
    if record is None:
        raise UnknownNameError(f"There is no check {id}; it may have been deleted")
    return record


def _read_targets(file: Path) -> Targets:
    try:
        process = CheckProcess({"list": True, "targets_file": str(file)})
    except OSError as error:
        return Targets({}, f"No process can be started to read the targets: {error.strerror}.")
    killer = threading.Timer(_LIST_SECONDS, process.kill)
    killer.start()
    last = [*process.read_messages()][-1:]
    killer.cancel()
    if not last or "targets" not in last[0]:
        return Targets({}, last[0].get("error") if last else "Nothing was read.")
    return Targets({target["name"]: target for target in last[0]["targets"]})
