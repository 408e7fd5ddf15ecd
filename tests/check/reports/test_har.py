"""Reports as HAR, validated by a schema of HAR 1.2."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable
from typing import Any

import jsonschema_rs

from mockserver import apis
from mockserver.check.reports.har import write_har
from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response, Timing
from mockserver.observation import observe
from mockserver.redaction import Mask

APIS = apis.load()
TARGET = Target("staging", "http://mock/")
MASK = Mask(["top/secret+1"], ["x-our-key"])
NOON = 1_755_777_600_000_000
JSON = ("Content-Type", "application/json")


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these fields, perhaps those, and those of one writer, which begin with `_`."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {}), "comment": {"type": "string"}},
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
SIZE = {"type": "integer", "minimum": -1}
TAKEN = {"type": "number", "minimum": 0}
PERHAPS_TAKEN = {"anyOf": [TAKEN, {"const": -1}]}
MOMENT = {"type": "string", "format": "date-time"}
PAIRS = {"type": "array", "items": _object({"name": TEXT, "value": TEXT})}
COOKIES = {
    "type": "array",
    "items": _object(
        {"name": TEXT, "value": TEXT},
        {
            "path": TEXT,
            "domain": TEXT,
            "expires": MOMENT,
            "httpOnly": {"type": "boolean"},
            "secure": {"type": "boolean"},
        },
    ),
}
PARAMETERS = {
    "type": "array",
    "items": _object({"name": TEXT}, {"value": TEXT, "fileName": TEXT, "contentType": TEXT}),
}
HALF = {
    "httpVersion": TEXT,
    "cookies": COOKIES,
    "headers": PAIRS,
    "headersSize": SIZE,
    "bodySize": SIZE,
}
REQUEST = _object(
    {"method": TEXT, "url": {"type": "string", "format": "uri"}, "queryString": PAIRS, **HALF},
    {"postData": _object({"mimeType": TEXT}, {"text": TEXT, "params": PARAMETERS})},
)
CONTENT = _object(
    {"size": SIZE, "mimeType": TEXT}, {"text": TEXT, "encoding": TEXT, "compression": SIZE}
)
RESPONSE = _object(
    {
        "status": {"type": "integer"},
        "statusText": TEXT,
        "content": CONTENT,
        "redirectURL": TEXT,
        **HALF,
    }
)
TIMINGS = _object(
    {"send": TAKEN, "wait": TAKEN, "receive": TAKEN},
    dict.fromkeys(("blocked", "dns", "connect", "ssl"), PERHAPS_TAKEN),
)
ENTRY = _object(
    {
        "startedDateTime": MOMENT,
        "time": TAKEN,
        "request": REQUEST,
        "response": RESPONSE,
        "cache": _object({}, {"beforeRequest": {}, "afterRequest": {}}),
        "timings": TIMINGS,
    },
    {"pageref": TEXT, "serverIPAddress": TEXT, "connection": TEXT},
)
PROGRAM = _object({"name": TEXT, "version": TEXT})
HAR_1_2 = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": _object(
            {
                "version": {"const": "1.2"},
                "creator": PROGRAM,
                "entries": {"type": "array", "items": ENTRY},
            },
            {"browser": PROGRAM, "pages": {"type": "array"}},
        )
    },
    "additionalProperties": False,
}
"""A log as https://w3c.github.io/web-performance/specs/HAR/Overview.html describes it."""


def _results(api: str, *exchanges: tuple[Request, Response]) -> Results:
    results = Results(APIS[api], phase="boundaries")
    for request, response in exchanges:
        match = APIS[api].contract.match(request.method, request.path)
        seen = observe(APIS[api], Exchange(request, response), match, moment=NOON)
        results.record(seen, ())
    return results


def _log(*runs: Results, target: Target = TARGET) -> dict[str, Any]:
    verdicts = [Verdict(results.api.name, results=results) for results in runs]
    text = write_har(verdicts, target, MASK)
    assert b"secret" not in text
    report = json.loads(text)
    jsonschema_rs.Draft202012Validator(HAR_1_2, validate_formats=True).validate(report)
    log: dict[str, Any] = report["log"]
    return log


def _pairs(items: Iterable[dict[str, str]]) -> list[tuple[str, str]]:
    return [(item["name"], item["value"]) for item in items]


def _sessions(query: str = "", response: Response | None = None) -> tuple[Request, Response]:
    return Request("GET", "/sessions", query), response or Response(200, Headers([JSON]), b"[]")


def test_exchange_is_an_entry() -> None:
    body = '[{"اسم": "س"}]'.encode()
    fields = [JSON, ("Location", "http://mock/elsewhere"), ("Set-Cookie", "id=secret; Path=/")]
    response = Response(200, Headers(fields), body, Timing(NOON - 2_500, 1_500))
    (entry,) = _log(_results("ekran", _sessions("start=2025-08-21&x=a%20b", response)))["entries"]
    assert entry["startedDateTime"] == "2025-08-21T11:59:59.9975Z"
    assert entry["time"] == 1.5
    assert entry["timings"] == {
        "blocked": -1,
        "dns": -1,
        "connect": -1,
        "ssl": -1,
        "send": 0,
        "wait": 1.5,
        "receive": 0,
    }
    assert entry["request"] == {
        "method": "GET",
        "url": "http://mock/ekranapi/sessions?start=2025-08-21&x=a%20b",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "queryString": [
            {"name": "start", "value": "2025-08-21"},
            {"name": "x", "value": "a b"},
        ],
        "headersSize": -1,
        "bodySize": 0,
    }
    received = entry["response"]
    assert (received["status"], received["redirectURL"]) == (200, "http://mock/elsewhere")
    assert _pairs(received["cookies"]) == [("id", "***")]
    assert received["content"] == {
        "size": 18,
        "mimeType": "application/json",
        "text": '[{"اسم": "س"}]',
    }
    assert (entry["_api"], entry["_phase"]) == ("ekran", "boundaries")
    assert (entry["_operation"], entry["_moment"]) == ("listSessions", "2025-08-21T12:00:00Z")


def test_request_body_is_written() -> None:
    request = Request(
        "POST", "/customer/sessions/1/log", "", Headers([JSON]), b'{"action_type": "ENTERED"}'
    )
    (entry,) = _log(_results("calwe", (request, Response(401))))["entries"]
    assert entry["request"]["postData"] == {
        "mimeType": "application/json",
        "text": '{"action_type": "ENTERED"}',
    }
    assert entry["request"]["bodySize"] == 26


def test_binary_body_is_in_base64() -> None:
    request = Request(
        "POST", "/customer/sessions/1/log", "", Headers([JSON]), b"\xff top/secret+1 \xfe"
    )
    response = Response(200, Headers([JSON]), b"\xff\x00")
    (entry,) = _log(_results("calwe", (request, response)))["entries"]
    assert entry["response"]["content"]["encoding"] == "base64"
    assert b64decode(entry["response"]["content"]["text"]) == b"\xff\x00"
    assert entry["request"]["postData"]["_encoding"] == "base64"
    assert b64decode(entry["request"]["postData"]["text"]) == b"\xff *** \xfe"


def test_secrets_are_redacted_everywhere() -> None:
    fields = [
        ("ApiKey", "top/secret+1"),
        ("Authorization", "Bearer another-secret"),
        ("Cookie", "id=secret; theme=dark-secret"),
        ("X-Our-Key", "secret"),
        ("X-Other", "it is top/secret+1"),
    ]
    request = Request("GET", "/sessions", "start=top%2Fsecret%2B1&end=2025", Headers(fields))
    response = Response(400, Headers([("X-Echo", "top/secret+1"), JSON]), b'["top/secret+1"]')
    (entry,) = _log(_results("ekran", (request, response)))["entries"]
    assert entry["request"]["url"] == "http://mock/ekranapi/sessions?start=***&end=2025"
    assert _pairs(entry["request"]["queryString"]) == [("start", "***"), ("end", "2025")]
    assert _pairs(entry["request"]["headers"]) == [
        ("apikey", "***"),
        ("authorization", "Bearer ***"),
        ("cookie", "id=***; theme=***"),
        ("x-our-key", "***"),
        ("x-other", "it is ***"),
    ]
    assert _pairs(entry["request"]["cookies"]) == [("id", "***"), ("theme", "***")]
    assert _pairs(entry["response"]["headers"])[0] == ("x-echo", "***")
    assert entry["response"]["content"]["text"] == '["***"]'


def test_path_is_percent_encoded() -> None:
    request = Request("GET", "/customer/sessions/ا ب?#%/log")
    (entry,) = _log(_results("calwe", (request, Response(404))))["entries"]
    url = entry["request"]["url"]
    assert url == "http://mock/v1/customer/sessions/%D8%A7%20%D8%A8%3F%23%25/log"


def test_entries_of_all_apis_are_in_the_order_of_their_start() -> None:
    def at(second: int) -> Response:
        return Response(401, timing=Timing(NOON + second * 1_000_000, 10))

    log = _log(
        _results("ekran", _sessions("n=2", at(2)), _sessions("n=4", at(4))),
        _results("calwe", (Request("GET", "/coach/sessions/1/log", "n=3"), at(3))),
    )
    numbers = [entry["request"]["queryString"][0]["value"] for entry in log["entries"]]
    assert numbers == ["2", "3", "4"]
    assert log["creator"]["name"] == "mockserver"


def test_unmatched_calls_are_written() -> None:
    results = _results("ekran", _sessions())
    request = Request("GET", "/none")
    results.count_exchange("", Exchange(request, Response(404)), NOON - 1_000_000)
    assert [
        (entry["request"]["url"], entry["_phase"], entry["_operation"])
        for entry in _log(results)["entries"]
    ] == [
        ("http://mock/ekranapi/none", "boundaries", ""),
        ("http://mock/ekranapi/sessions", "boundaries", "listSessions"),
    ]


def test_unmeasured_time_has_a_comment() -> None:
    (entry,) = _log(_results("ekran", _sessions()))["entries"]
    assert entry["startedDateTime"] == "2025-08-21T12:00:00Z"
    assert entry["comment"] == "The time was not measured."


def test_lone_surrogate_becomes_a_question_mark() -> None:
    request = Request("GET", "/sessions", "start=\ud800")
    (entry,) = _log(_results("ekran", (request, Response(400))))["entries"]
    assert entry["request"]["url"] == "http://mock/ekranapi/sessions?start=?"


def test_run_without_traffic_is_an_empty_log() -> None:
    assert _log()["entries"] == []
    assert json.loads(write_har([Verdict("ekran")], TARGET, MASK))["log"]["entries"] == []
