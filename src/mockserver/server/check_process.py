"""A process that runs a check for this server, or lists the targets of a targets file."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from tempfile import TemporaryFile
from typing import Any

import orjson

_MODULE = "mockserver.cli.check_process"
_LONGEST_ERROR = 500
"""How many characters are kept of the last line that a process wrote before it failed."""


class CheckProcess:
    """`python -m mockserver.cli.check_process`, which gets its request on its standard input.

    The request may have a token, which the command line of a process would show to every user. The
    process has the environment of this one, with the credentials of targets.
    """

    def __init__(self, request: Mapping[str, Any]) -> None:
        """Raises OSError."""
        self._errors = TemporaryFile()  # noqa: SIM115 - `read_messages` closes it
        # ADR 048: Ctrl-C in a terminal must not end it before this process can.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, this package
            [sys.executable, "-P", "-W", "ignore", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        assert self._process.stdin  # noqa: S101 - it is a pipe
        with suppress(BrokenPipeError):
            self._process.stdin.write(orjson.dumps(request) + b"\n")
            self._process.stdin.flush()

    def read_messages(self) -> Iterator[dict[str, Any]]:
        """What the process writes until it ends; if it fails, the last message has an `error`."""
        assert self._process.stdout  # noqa: S101 - it is a pipe
        with self._errors, self._process.stdout as output:
            for line in output:
                # Others may be of a process that was killed meanwhile, or of a library.
                with suppress(orjson.JSONDecodeError):
                    message = orjson.loads(line)
                    if isinstance(message, dict):
                        yield message
            if code := self._process.wait():
                yield {"error": f"The process of the check {self._explain_end(code)}"}
            self.interrupt()

    def _explain_end(self, code: int) -> str:
        if code < 0:
            with suppress(ValueError):
                return f"was ended by {signal.Signals(-code).name}."
            return f"was ended by signal {-code}."
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").splitlines()
        last = lines[-1][:_LONGEST_ERROR] if lines else "it said nothing"
        return f"ended with status {code}: {last}"

    def interrupt(self) -> None:
        """Have it stop and report what it has found; a second call does nothing."""
        with suppress(OSError):  # it has ended
            if self._process.stdin:
                self._process.stdin.close()

    def kill(self) -> None:
        self._process.kill()
