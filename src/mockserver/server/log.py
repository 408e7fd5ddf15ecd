"""What the server logs: a line for each event, as text or as JSON, on stderr."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

from mockserver.clock import SECOND, format_moment
from mockserver.journal import JournalEntry

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class _Stderr(logging.StreamHandler[Any]):
    """Writes to what is stderr at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


class TextFormatter(logging.Formatter):
    """A line of text; an exchange with its sandbox, status and the rules that it violates."""

    def format(self, record: logging.LogRecord) -> str:
        entry: JournalEntry | None = getattr(record, "exchange", None)
        if entry is None:
            return f"{_format_time(record)} {record.levelname} {super().format(record)}"
        parts = [_format_time(record), entry.sandbox or "-", str(entry.status or "---")]
        parts += [entry.method, entry.target, f"{entry.duration:.1f}ms", entry.id]
        parts += [f"fault={entry.fault}"] if entry.fault else []
        line = " ".join(parts)
        for violation in entry.violations:
            line += f" | {violation.location}: {violation.message} ({violation.rule})"
        return _escape(line)


class JsonFormatter(logging.Formatter):
    """A line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"time": _format_time(record), "level": record.levelname.lower()}
        line["logger"] = record.name
        entry: JournalEntry | None = getattr(record, "exchange", None)
        if entry is None:
            line["message"] = record.getMessage()
            if record.exc_info:
                line["trace"] = self.formatException(record.exc_info)
        else:
            line |= _describe_exchange(entry)
        return json.dumps(line, ensure_ascii=False)


def make_log_config(level: str, log_format: str) -> dict[str, Any]:
    """The configuration of logging for the server's process."""
    formatter = f"{__name__}.{'JsonFormatter' if log_format == 'json' else 'TextFormatter'}"
    logger = {"handlers": ["stderr"], "level": level.upper()}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"()": f"{__name__}._Stderr", "formatter": "line"}},
        "loggers": {
            "uvicorn": {**logger, "propagate": False},
            "mockserver": logger,
            "opentelemetry": {**logger, "propagate": False},
            "mockserver.watch": {"level": "INFO"},  # who watches wants to know
        },
    }


def _describe_exchange(entry: JournalEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "sandbox": entry.sandbox,
        "method": entry.method,
        "target": entry.target,
        "operation": entry.operation_name,
        "status": entry.status,
        "duration": round(entry.duration, 3),
        "fault": entry.fault,
        "violations": [
            {"location": it.location, "rule": it.rule, "message": it.message}
            for it in entry.violations
        ],
    }


def _format_time(record: logging.LogRecord) -> str:
    return format_moment(round(record.created * SECOND))


def _escape(text: str) -> str:
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
