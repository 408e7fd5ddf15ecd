"""The log of the server: a line for each exchange, as text or as JSON."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any

from mockserver.journal import JournalEntry
from mockserver.server.log import JsonFormatter, TextFormatter

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer t"}
MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"


def test_an_exchange_is_a_line_with_the_rule_that_it_violates(spawn: Callable[..., Any]) -> None:
    server = spawn("--log-level", "info")
    server.client.get(f"{LOG}?per_page=x", headers={**BEARER, "X-Mock-Sandbox": "mine"})
    server.client.get("/__mock__/ready")
    _, _, errors = server.stop()
    (line,) = [line for line in errors.splitlines() if " GET " in line]
    assert re.fullmatch(
        rf"{MOMENT} mine 422 GET {LOG}\?per_page=x [0-9.]+ms 1-1 \| /request/query/per_page: "
        r'"x" is not of type "integer" \(#/components/parameters/.*/schema/type\)',
        line,
    )


def test_the_log_is_json_where_it_is_chosen(spawn: Callable[..., Any]) -> None:
    server = spawn("--log-level", "info", "--log-format", "json", "--workers", "2")
    server.client.get(LOG, headers=BEARER)
    _, _, errors = server.stop()
    records = [json.loads(line) for line in errors.splitlines() if line != "Stopped."]
    (exchange,) = [it for it in records if it["logger"] == "mockserver.access"]
    assert re.fullmatch(MOMENT, exchange.pop("time"))
    assert exchange.pop("duration") > 0
    assert exchange.pop("id") in ("1-1", "2-1")
    assert exchange == {
        "level": "info",
        "logger": "mockserver.access",
        "sandbox": "default",
        "method": "GET",
        "target": LOG,
        "operation": "calwe.listSessionLogs",
        "status": 200,
        "fault": "",
        "violations": [],
    }
    assert {it["logger"] for it in records} == {"mockserver.access", "uvicorn.error"}


def test_by_default_no_exchange_is_logged(spawn: Callable[..., Any]) -> None:
    server = spawn()
    server.client.get("/nothing")
    assert server.stop()[2] == "Stopped.\n"


def make_record(message: str = "", **extra: Any) -> logging.LogRecord:
    values = {"name": "mockserver", "levelname": "ERROR", "msg": message, "created": 0.25, **extra}
    return logging.makeLogRecord(values)


def test_what_a_client_sends_cannot_write_a_line_of_its_own() -> None:
    entry = JournalEntry(
        id="1-1", sandbox="s", at=0, method="GET\n", path="/\u2028\x1b[31m", status=0, fault="slow"
    )
    assert TextFormatter().format(make_record(exchange=entry)) == (
        "1970-01-01T00:00:00.25Z s --- GET\\n /\\u2028\\x1b[31m 0.0ms 1-1 fault=slow"
    )


def test_other_records_have_their_level_and_their_trace() -> None:
    try:
        raise ValueError("wrong")
    except ValueError as error:
        trace = (ValueError, error, error.__traceback__)
    record = make_record("It failed: %s", args=("here",), exc_info=trace, levelno=40)
    text = TextFormatter().format(record)
    assert text.startswith("1970-01-01T00:00:00.25Z ERROR It failed: here\nTraceback")
    line = json.loads(JsonFormatter().format(record))
    assert line["message"] == "It failed: here"
    assert line["trace"].endswith("ValueError: wrong")
