"""The command as a process: its standard streams, which may be closed or full, and its signals."""

from __future__ import annotations

import gc
import io
import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer, get_ident
from typing import Any, TextIO

import click

from mockserver.server.signals import list_stop_signals

INTERRUPTED = 130
"""The exit code after Ctrl-C; after another signal it is 128 and the number of the signal."""

_COULD_NOT_RUN = 2
_PAUSE_SECONDS = 0.05


class _Output(io.RawIOBase):
    """A standard stream whose failure does not end the command.

    A reader that has gone away, such as `head`, misses nothing. Other errors are kept.
    """

    def __init__(self, stream: TextIO) -> None:
        self._owner = stream  # which would close the raw stream
        self._stream: Any = getattr(stream.buffer, "raw", stream.buffer)
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._stream.fileno())

    def isatty(self) -> bool:
        return bool(self._stream.isatty())

    def write(self, data: Any) -> int:
        try:
            while (written := self._stream.write(data)) is None:
                # The program at the other end may have made the pipe non-blocking.
                select.select([], [self], [])
        except BrokenPipeError:
            return len(data)
        except OSError as error:
            self.error = error
            return len(data)
        return int(written)


@contextmanager
def manage_process() -> Iterator[None]:
    """Let the command in the block end well, whatever its standard streams and its signals are.

    The block raises SystemExit. Its exit code is changed to 2 if standard output could not be
    written, and to that of the signal that interrupted the command.
    """
    # A command makes little garbage; by default, to look for it takes a tenth of a check.
    gc.set_threshold(10_000, 20, 20)
    _open_missing_streams()
    output, sys.stdout = _tolerate_failure(sys.stdout)
    _, sys.stderr = _tolerate_failure(sys.stderr)
    received = _interrupt_on_signals()
    try:
        yield
    except SystemExit as ended:
        sys.stdout.flush()
        if output.error:
            reason = output.error.strerror
            click.echo(f"mockserver: The output cannot be written: {reason}.", err=True)
            sys.exit(_COULD_NOT_RUN)
        if ended.code == INTERRUPTED and received:
            sys.exit(128 + received[0])
        raise


def _open_missing_streams() -> None:
    """Open the null device for streams that are closed, else a socket would get their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)  # has the lowest free number: that of the stream
            os.set_inheritable(null, True)
            setattr(sys, name, os.fdopen(null, mode, encoding="utf-8"))


def _tolerate_failure(stream: TextIO) -> tuple[_Output, TextIO]:
    """A stream in place of a standard one, and what it writes to."""
    output = _Output(stream)
    return output, io.TextIOWrapper(
        io.BufferedWriter(output),
        encoding=stream.encoding,
        errors="backslashreplace",  # for characters that the terminal does not have
        line_buffering=bool(stream.line_buffering),
    )


def _interrupt_on_signals() -> list[int]:
    """Raise KeyboardInterrupt at the first signal to end; later ones cannot stop the cleanup.

    Returns a list that gets the number of the signal. npm and other programs repeat the signal that
    a terminal has sent to all processes.
    """
    received: list[int] = []

    def interrupt(number: int, _: object) -> None:
        received.append(number)
        if len(received) == 1:
            raise KeyboardInterrupt

    main_thread = get_ident()

    def send_again(number: int) -> None:
        if sys.platform == "win32":
            signal.raise_signal(number)
        else:  # to this thread, so that it waits no longer
            signal.pthread_kill(main_thread, number)

    def interrupt_again(unraisable: sys.UnraisableHookArgs) -> None:
        if received and isinstance(unraisable.exc_value, KeyboardInterrupt):
            Timer(_PAUSE_SECONDS, send_again, [received.pop()]).start()
        else:
            sys.__unraisablehook__(unraisable)

    # Python prints and drops what is raised in a callback of its collector.
    sys.unraisablehook = interrupt_again
    for number in list_stop_signals():
        signal.signal(number, interrupt)
    return received
