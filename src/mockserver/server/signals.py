"""The signals that end a command."""

from __future__ import annotations

import signal


def list_stop_signals() -> list[int]:
    """Ctrl-C, a request to terminate, and the end of the terminal unless `nohup` ignores that."""
    hangup: int | None = getattr(signal, "SIGHUP", None)  # not on Windows
    if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN:
        return [signal.SIGINT, signal.SIGTERM]
    return [signal.SIGINT, signal.SIGTERM, hangup]
