"""Operations that make scenarios of exchanges: of what the server records, and of the journal."""

from __future__ import annotations

from typing import Any

from mockserver.clock import format_moment
from mockserver.errors import HttpError, UnknownNameError
from mockserver.recorder import NothingRecorded, RecordedScenario, RecordingOptions
from mockserver.recorder import record_journal as record
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
    return {"file": str(settings.record), **_format(recorded)}


def record_journal(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    sandbox, ids = context.session.name, body.get("ids")
    options = RecordingOptions(
        name=body["name"],
        source=f"the journal of the sandbox '{sandbox}'",
        sandbox=sandbox,
        keeps_personal_data=body.get("keep_personal_data", False),
    )
    entries = context.journal.list(sandbox)
    if ids is not None:
        wanted = dict.fromkeys(ids)
        entries = [entry for entry in entries if entry.id in wanted]
        missing = wanted.keys() - {entry.id for entry in entries}
        if missing:
            first = next(id for id in ids if id in missing)
            detail = f"The journal of the sandbox '{sandbox}' has no entry '{first}'"
            raise UnknownNameError(detail)
    try:
        recorded = record(entries, context.server.served, options)
    except NothingRecorded as error:
        raise make_problem(409, str(error)) from error
    return {"name": options.name, "text": recorded.text, **_format(recorded)}


def _format(recorded: RecordedScenario) -> dict[str, Any]:
    return {
        "sandbox": recorded.sandbox,
        "now": format_moment(recorded.now),
        "exchanges": recorded.used,
        "documents": recorded.counts,
        "not_used": recorded.left_out,
        "notes": list(recorded.replay.sentences),
        "replaced": recorded.replaced,
    }
