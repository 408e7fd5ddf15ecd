"""The control API as a descriptor: every operation handled, every refusal problem details."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import httpx
import pytest

from mockserver.errors import (
    ApiError,
    ContractError,
    DocumentError,
    EventError,
    HttpError,
    MockserverError,
    QuotaError,
    SandboxNameError,
    ScenarioError,
    ScenarioFault,
    SettingError,
    StoreBusyError,
    TakenNameError,
    UnknownNameError,
)
from mockserver.scenarios import ClockFault
from mockserver.server import control
from mockserver.server.control import scenarios, views
from mockserver.server.control.api import make_refusal

ReadProblem = Callable[[httpx.Response], tuple[int, str]]

JSON = {"Content-Type": "application/json"}

OPERATIONS = [
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/apis"),
    ("GET", "/info"),
    ("GET", "/metrics"),
    ("GET", "/sandboxes"),
    ("POST", "/sandboxes"),
    ("GET", "/sandboxes/default"),
    ("DELETE", "/sandboxes/default"),
    ("POST", "/reset"),
    ("POST", "/recording"),
    ("POST", "/load"),
    ("GET", "/scenarios"),
    ("GET", "/scenarios/default"),
    ("GET", "/schema"),
    ("GET", "/snapshots"),
    ("POST", "/snapshots"),
    ("GET", "/snapshots/one"),
    ("DELETE", "/snapshots/one"),
    ("POST", "/snapshots/one/restore"),
    ("GET", "/snapshots/one/file"),
    ("PUT", "/snapshots/one/file"),
    ("GET", "/diff"),
    ("GET", "/clock"),
    ("POST", "/clock/freeze"),
    ("POST", "/clock/unfreeze"),
    ("GET", "/journal"),
    ("DELETE", "/journal"),
    ("GET", "/journal/1-1"),
    ("GET", "/journal/1-1/why"),
    ("GET", "/journal/stream"),
    ("POST", "/journal/find"),
    ("POST", "/journal/record"),
    ("POST", "/journal/verify"),
    ("GET", "/checks"),
    ("POST", "/checks"),
    ("POST", "/checks/reports"),
    ("GET", "/checks/1"),
    ("DELETE", "/checks/1"),
    ("POST", "/checks/1/stop"),
    ("GET", "/checks/1/report"),
    ("GET", "/checks/1/events"),
    ("POST", "/clock/advance"),
    ("POST", "/clock/shift"),
    ("POST", "/clock/rate"),
    ("GET", "/state"),
    ("GET", "/state/calwe/session"),
    ("POST", "/state/calwe/session"),
    ("GET", "/kinds/calwe/session"),
    ("GET", "/state/calwe/session/1"),
    ("PUT", "/state/calwe/session/1"),
    ("PATCH", "/state/calwe/session/1"),
    ("DELETE", "/state/calwe/session/1"),
    ("GET", "/ids"),
    ("GET", "/requests"),
    ("GET", "/events"),
    ("POST", "/events/calwe.enter"),
    ("GET", "/mutations"),
    ("DELETE", "/mutations"),
    ("PUT", "/mutations/calwe.createSessionLog.lose-write"),
    ("DELETE", "/mutations/calwe.createSessionLog.lose-write"),
    ("GET", "/validation"),
    ("PUT", "/validation"),
    ("GET", "/faults"),
    ("POST", "/faults"),
    ("DELETE", "/faults"),
    ("GET", "/faults/one"),
    ("PUT", "/faults/one"),
    ("DELETE", "/faults/one"),
    ("GET", "/upstreams"),
    ("GET", "/upstreams/calwe"),
    ("PUT", "/upstreams/calwe"),
    ("DELETE", "/upstreams/calwe"),
]
WITH_A_BODY = [
    ("POST", "/sandboxes"),
    ("POST", "/load"),
    ("POST", "/snapshots"),
    ("PUT", "/snapshots/one/file"),
    ("POST", "/clock/freeze"),
    ("POST", "/clock/advance"),
    ("POST", "/clock/shift"),
    ("POST", "/clock/rate"),
    ("POST", "/state/calwe/session"),
    ("PUT", "/state/calwe/session/1"),
    ("PATCH", "/state/calwe/session/1"),
    ("POST", "/events/calwe.enter"),
    ("PUT", "/validation"),
    ("POST", "/faults"),
    ("PUT", "/faults/one"),
    ("PUT", "/upstreams/calwe"),
    ("POST", "/journal/find"),
    ("POST", "/journal/record"),
    ("POST", "/journal/verify"),
    ("POST", "/checks"),
    ("POST", "/checks/reports"),
]


def test_these_are_its_operations() -> None:
    api = control.make_control_api()
    paths = [(method, api.contract.match(method, path)) for method, path in OPERATIONS]

    found = [match[0].id for _, match in paths if isinstance(match, tuple)]
    assert sorted(found) == sorted(operation.id for operation in api.contract.operations)
    assert len(found) == len(set(found)) == len(OPERATIONS)
    assert api.contract.base == "/__mock__"


def test_an_operation_without_a_handler_is_refused_when_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = import_module("mockserver.server.control.api")
    modules: tuple[ModuleType, ...] = module._MODULES
    monkeypatch.setattr(
        module, "_MODULES", tuple(item for item in modules if item is not scenarios)
    )

    with pytest.raises(ApiError) as raised:
        control.make_control_api()
    assert str(raised.value) == "The control API has no handler for 'loadScenario'."


def test_it_refuses_in_problem_details_with_the_headers_of_the_refusal() -> None:
    refused = control.make_control_api().refuse(HttpError(403, "Not you", {"X-Why": "because"}))

    assert refused.status == 403
    assert refused.body == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "Not you",
    }
    assert refused.headers == {"Content-Type": "application/problem+json", "X-Why": "because"}


def test_a_refusal_lists_every_violation_of_a_request(
    documented: httpx.Client, read_problem: ReadProblem
) -> None:
    response = documented.get("/__mock__/state/calwe/session?page=0&per_page=many&where=xy")

    assert read_problem(response) == (
        400,
        "The request is not what the contract says: "
        '/request/query/where/0: "xy" does not match "^[^=]+="; '
        "/request/query/page: 0 is less than the minimum of 1; "
        '/request/query/per_page: "many" is not of type "integer"',
    )
    errors = response.json()["errors"]
    assert [list(error) for error in errors] == [["field", "reason", "value", "contract"]] * 3
    assert errors[1] == {
        "field": "/request/query/page",
        "reason": "0 is less than the minimum of 1",
        "value": 0,
        "contract": "#/paths/~1state~1{api}~1{kind}/get/parameters/2/schema/minimum",
    }


@pytest.mark.parametrize("method_and_path", WITH_A_BODY, ids=" ".join)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "the body is not JSON"),
        (b"\xff", "the body is not "),
        (b"[1]", 'is not of type "object"'),
        (b'"x"', 'is not of type "object"'),
    ],
)
def test_a_body_that_is_no_object_is_a_400(
    documented: httpx.Client,
    read_problem: ReadProblem,
    method_and_path: tuple[str, str],
    content: bytes,
    reason: str,
) -> None:
    method, path = method_and_path
    response = documented.request(method, f"/__mock__{path}", headers=JSON, content=content)

    assert read_problem(response)[0] == 400
    assert reason in read_problem(response)[1]
    assert response.json()["errors"][0]["field"] == "/request/body"


@pytest.mark.parametrize("method_and_path", WITH_A_BODY, ids=" ".join)
def test_a_body_of_another_content_type_is_a_415(
    documented: httpx.Client, read_problem: ReadProblem, method_and_path: tuple[str, str]
) -> None:
    method, path = method_and_path
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "json"):
        response = documented.request(
            method, f"/__mock__{path}", headers={"Content-Type": content_type}, content=b"{}"
        )
        assert read_problem(response) == (415, "Unsupported media type")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/health", "GET, HEAD, OPTIONS"),
        ("/sandboxes", "GET, HEAD, OPTIONS, POST"),
        ("/sandboxes/x", "DELETE, GET, HEAD, OPTIONS"),
        ("/reset", "OPTIONS, POST"),
        ("/load", "OPTIONS, POST"),
        ("/snapshots/x/file", "GET, HEAD, OPTIONS, PUT"),
        ("/snapshots/x/restore", "OPTIONS, POST"),
        ("/clock/freeze", "OPTIONS, POST"),
        ("/state/calwe/session", "GET, HEAD, OPTIONS, POST"),
        ("/state/calwe/session/a%2Fb", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/events/x", "OPTIONS, POST"),
    ],
)
def test_a_method_that_a_path_has_not_is_a_405_that_names_those_it_has(
    documented: httpx.Client, read_problem: ReadProblem, path: str, allowed: str
) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - set(allowed.split(", ")):
        response = documented.request(method, f"/__mock__{path}")
        assert read_problem(response) == (405, "Method not allowed")
        assert response.headers["allow"] == allowed
    options = documented.options(f"/__mock__{path}")
    assert (options.status_code, options.headers["allow"]) == (204, allowed)


@pytest.mark.parametrize(
    "path", ["/health", "/info", "/sandboxes", "/clock", "/state/calwe/session", "/scenarios"]
)
def test_head_is_get_without_the_body(documented: httpx.Client, path: str) -> None:
    documented.post("/__mock__/reset")
    get, head = (documented.request(method, f"/__mock__{path}") for method in ("GET", "HEAD"))

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert int(head.headers["content-length"]) > 10


def test_head_of_what_only_writes_writes_nothing(documented: httpx.Client) -> None:
    for path in ("/reset", "/clock/freeze", "/load"):
        response = documented.head(f"/__mock__{path}")
        assert (response.status_code, response.headers["allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize(
    "path",
    ["/", "/nope", "/clock/", "/reset/", "/clock/stop", "/state/calwe", "/sandboxes/a/b", "/RESET"],
)
def test_a_path_that_there_is_not_is_a_404_that_says_where_to_look(
    documented: httpx.Client, read_problem: ReadProblem, path: str
) -> None:
    for method in ("GET", "POST"):
        status, detail = read_problem(documented.request(method, f"/__mock__{path}"))
        assert status == 404
        assert detail.startswith(f"There is nothing at '/__mock__{path}'.")


def test_a_problem_of_one_number_beyond_all_json_is_still_read(
    documented: httpx.Client, read_problem: ReadProblem
) -> None:
    number = "9" * 399
    response = documented.get(f"/__mock__/state/calwe/session?page={number}")

    assert read_problem(response)[0] == 400
    assert response.json()["errors"][0]["value"] == number


def test_what_a_handler_does_not_raise_on_purpose_is_a_500(
    documented: httpx.Client, read_problem: ReadProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(views, "format_event", crash)
    status, detail = read_problem(documented.get("/__mock__/events"))

    assert status == 500
    assert detail == "Internal server error: RuntimeError: a bug of ours"
    monkeypatch.undo()
    assert documented.get("/__mock__/events").status_code == 200


def test_json_is_compact_in_utf_8(documented: httpx.Client) -> None:
    documented.post("/__mock__/reset")
    content = documented.get("/__mock__/state/calwe/session").content

    assert "سارة العتيبي".encode() in content
    assert (
        content
        == json.dumps(json.loads(content), ensure_ascii=False, separators=(",", ":")).encode()
    )


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (SandboxNameError("why"), 400, "Bad Request"),
        (UnknownNameError("why"), 404, "Not Found"),
        (TakenNameError("why"), 409, "Conflict"),
        (EventError("why"), 422, None),
        (DocumentError(None, "why"), 422, None),
        (SettingError("why"), 422, None),
        (QuotaError("why"), 429, "Too Many Requests"),
    ],
)
def test_an_error_is_a_sentence_with_a_status(
    error: MockserverError, status: int, title: str | None
) -> None:
    response = make_refusal(error)

    assert response.status == status
    assert response.headers == {"Content-Type": "application/problem+json"}
    assert response.body == {
        "type": "about:blank",
        # Python 3.13 learned the newer name of 422.
        "title": title or response.body["title"],
        "status": status,
        "detail": "why",
    }


@pytest.mark.parametrize(
    "error", [StoreBusyError("busy"), ContractError("x"), ApiError("x"), MockserverError("x")]
)
def test_what_is_no_fault_of_the_request_s_is_raised_again(error: MockserverError) -> None:
    with pytest.raises(type(error)) as raised:
        make_refusal(error)
    assert raised.value is error


def test_a_scenario_with_one_fault_says_it() -> None:
    body = make_refusal(ScenarioError([ScenarioFault("a.yaml", 3, "seed", "it is odd")])).body

    assert body["status"] == 422
    assert (
        body["detail"] == "One thing is wrong, and nothing was changed: a.yaml:3: seed: it is odd"
    )
    assert body["errors"] == [{"file": "a.yaml", "line": 3, "field": "seed", "reason": "it is odd"}]


def test_a_scenario_with_several_says_the_first_and_lists_all() -> None:
    faults = [ScenarioFault("a.yaml", n, "", f"reason {n}") for n in range(1, 4)]
    body = make_refusal(ScenarioError(faults)).body

    assert body["detail"] == (
        "3 things are wrong, and nothing was changed: the first is a.yaml:1: reason 1"
    )
    assert [error["reason"] for error in body["errors"]] == ["reason 1", "reason 2", "reason 3"]


def test_a_scenario_with_very_many_lists_a_hundred() -> None:
    faults = [ScenarioFault("a.yaml", n, "", "no") for n in range(1, 1_001)]
    body = make_refusal(ScenarioError(faults)).body

    assert body["detail"].startswith("1000 things are wrong, and nothing was changed: ")
    assert len(body["errors"]) == 100


def test_a_clock_s_fault_says_which_field_it_is() -> None:
    body = make_refusal(ClockFault("shift", "it is no duration")).body

    assert (body["status"], body["detail"]) == (422, "it is no duration")
    assert body["errors"] == [{"field": "/request/body/clock/shift", "reason": "it is no duration"}]
