"""The operation on what the server records."""

from __future__ import annotations

from typing import Any

from mockserver.clock import format_moment
from mockserver.errors import HttpError
from mockserver.recorder import NothingRecorded
from mockserver.server.control.context import ControlContext
from mockserver.server.recording import write_recording as write
from mockserver.server.responses import make_problem


def write_recording(context: ControlContext) -> dict[str, Any]:
    settings = context.server.settings
    if settings.record is None:
        raise make_problem(409, "The server records nothing; start it with --record FILE")
    try:
        recorded = write(settings, context.server.served)
    except NothingRecorded as error:
        raise make_problem(409, str(error)) from error
    except OSError as error:
        detail = f"'{settings.record}' cannot be written: {error.strerror}"
        raise HttpError(507, detail) from error
    return {
        "file": str(settings.record),
        "sandbox": recorded.sandbox,
        "now": format_moment(recorded.now),
        "exchanges": recorded.used,
        "documents": recorded.counts,
        "not_used": recorded.left_out,
        "notes": list(recorded.replay.sentences),
        "replaced": recorded.replaced,
    }
