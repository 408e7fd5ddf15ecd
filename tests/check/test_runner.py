"""A whole run: over the mock, and over other deployments."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partialmethod
from http.server import BaseHTTPRequestHandler
from itertools import cycle
from typing import Any

import httpx
import pytest

from mockserver import apis
from mockserver.check.reports.writers import WRITERS
from mockserver.check.runner import PHASE_RUNS, Plan, ProgressEvent, Stage, check
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import PHASES
from mockserver.check.validation.verdict import Verdict
from mockserver.client import Client

APIS = apis.load()
KINDS = ("json", "har", "sarif")
QUICK = Plan(is_quick=True)
Rogue = Callable[..., str]


def _check(url: str, *names: str, plan: Plan = QUICK, **settings: Any) -> list[Verdict]:
    chosen = [APIS[name] for name in names or APIS]
    return list(check(Target("t", url, **{"timeout": 5, **settings}), chosen, plan))


def test_every_phase_is_run_in_its_order() -> None:
    assert tuple(PHASE_RUNS) == PHASES


MUTATIONS = (
    "autozod.future-counts",
    "avaamo.listChangeLogs.in-the-future:/entries/*/timestamp",
    "calwe.ended-message-corrected",  # no invariant about it allows a deployment some time
    "ekran.listSessions.reversed:200",
)
VARYING = ("startedDateTime", "time", "timings", "seconds")
NAMES = re.compile(r"check-[0-9a-f]+-[0-9]+|journal/[0-9]+-[0-9]+")


def _drop_varying(value: Any) -> Any:
    """A report without what the time decides, and without the names that a mock has given."""
    if isinstance(value, list):
        return [_drop_varying(item) for item in value]
    if isinstance(value, dict):
        if value.get("name") == "date":
            return None
        return {key: _drop_varying(it) for key, it in value.items() if key not in VARYING}
    return NAMES.sub("", value) if isinstance(value, str) else value


def test_four_workers_write_the_reports_of_one(
    run_server: Callable[..., AbstractContextManager[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = partialmethod(Client.create_sandbox, clock={"freeze": "2025-08-22T00:00:00Z"})
    monkeypatch.setattr(Client, "create_sandbox", frozen)
    written = []
    with run_server(mutate=MUTATIONS) as url:
        for workers in (1, 4):
            target = Target("t", url, workers=workers)
            verdicts = list(check(target, APIS.values(), QUICK))
            assert [len(verdict.failures) > 0 for verdict in verdicts] == [True] * 4
            reports = [json.loads(WRITERS[kind](verdicts, target, target.mask)) for kind in KINDS]
            written.append(_drop_varying(reports))
    for one, four in zip(*written, strict=True):
        assert one == four
    assert len(written[0][1]["log"]["entries"]) > 1_500


def test_progress_has_the_events_of_each_phase(mock: Target) -> None:
    reported: list[tuple[ProgressEvent, Stage]] = []
    plan = Plan(frozenset({"examples", "workflows"}), is_quick=True)

    def report(event: ProgressEvent, stage: Stage) -> None:
        reported.append((event, replace(stage)))

    (verdict,) = check(mock, [APIS["ekran"]], plan, report)
    assert [
        (event, stage.phase) for event, stage in reported if event is not ProgressEvent.RECORDS
    ] == [
        (ProgressEvent.BEGINS, "examples"),
        (ProgressEvent.ENDS, "examples"),
        (ProgressEvent.BEGINS, "workflows"),
        (ProgressEvent.ENDS, "workflows"),
    ]
    assert reported[0] == (ProgressEvent.BEGINS, Stage("ekran", "examples", 0, 0))
    ends = [stage.requests for event, stage in reported if event is ProgressEvent.ENDS]
    assert sum(ends) == verdict.requests == len(reported) - 4
    assert ends[0] > 1
    assert verdict.seconds > 0


def test_findings_of_a_phase_are_those_that_it_saw_first(rogue: Any, saying: Any) -> None:
    ended: list[Stage] = []

    def report(event: ProgressEvent, stage: Stage) -> None:
        if event is ProgressEvent.ENDS:
            ended.append(stage)

    bodies = cycle([b"[]", b'[{"sessionId": 1}]'])
    url = rogue(lambda handler: saying(200, next(bodies))(handler))
    plan = Plan(frozenset({"examples", "cases"}))
    (verdict,) = check(Target("t", url, timeout=5), [APIS["ekran"]], plan, report)
    assert verdict.results is not None
    assert [stage.phase for stage in ended] == ["examples", "cases"]
    assert ended[0].findings > 0
    assert sum(stage.findings for stage in ended) == len((*verdict.failures, *verdict.warnings))


@pytest.mark.parametrize("phase", ["examples", "generated"])
def test_ctrl_c_gives_what_there_was_and_leaves_no_world_behind(mock: Target, phase: str) -> None:
    def list_sandboxes() -> list[str]:
        sandboxes = httpx.get(f"{mock.url}/__mock__/sandboxes", verify=False).json()["sandboxes"]
        return [sandbox["name"] for sandbox in sandboxes]

    before = list_sandboxes()

    def interrupt(event: ProgressEvent, stage: Stage) -> None:
        if event is ProgressEvent.RECORDS and stage.requests == 3:
            raise KeyboardInterrupt

    verdicts: list[Verdict] = []
    plan = Plan(frozenset({phase}), is_quick=True)
    with pytest.raises(KeyboardInterrupt):
        verdicts.extend(check(mock, [APIS["ekran"]], plan, interrupt))
    (verdict,) = verdicts
    assert verdict.requests >= 3
    assert verdict.inconclusive == (f"it was interrupted in the phase '{phase}'",)
    assert list_sandboxes() == before


def test_a_run_is_whole_when_nothing_of_it_is_left_out() -> None:
    assert Plan().is_whole
    assert not Plan(is_quick=True).is_whole
    assert not Plan(frozenset({"workflows"})).is_whole


def test_a_wrong_token_is_inconclusive_and_with_the_right_one_what_writes_is_skipped(
    start: Callable[..., Any], tmp_path: Any
) -> None:
    scenario = tmp_path / "locked.yaml"
    scenario.write_text(
        "name: locked\ndescription: One token only.\nextends: documented\n"
        "tokens: {calwe: {valid: [the-right-one]}}\n"
    )
    # With a token on its control API the mock is a deployment like any other.
    url = str(start(scenario=str(scenario), admin_token="closed").base_url)
    plan, ids = Plan(frozenset({"examples", "boundaries"})), {"calwe": {"open_session": "1"}}
    (verdict,) = _check(url, "calwe", plan=plan, ids=ids)
    assert not verdict.passed
    assert not verdict.is_validated
    assert verdict.inconclusive[0].startswith("the credential was refused: 401 at the first req")
    assert "--credential calwe=VARIABLE" in verdict.inconclusive[0]
    (verdict,) = _check(url, "calwe", plan=plan, ids=ids, credentials={"calwe": "the-right-one"})
    assert verdict.is_validated
    assert "the credential was" not in " ".join(verdict.inconclusive)
    assert "POST /customer/sessions/{id}/log: it writes" in verdict.skipped
    assert verdict.failures == ()


def test_a_deployment_below_a_path_is_validated_there(start: Callable[..., Any]) -> None:
    url = str(start(scenario="documented", admin_token="closed").base_url)
    plan = Plan(frozenset({"examples", "generated"}), is_quick=True)
    (verdict,) = _check(f"{url}/__sandbox__/below", "ekran", plan=plan)
    assert (verdict.failures, verdict.warnings, verdict.inconclusive) == ((), (), ())
    assert verdict.results
    phases = Counter(phase for phase, *_ in verdict.results.traffic)
    assert phases["examples"] >= 5
    assert phases["generated"] >= 20
    paths = {exchange.request.path for _, _, exchange, _ in verdict.results.traffic}
    assert paths == {"/sessions"}


def test_a_request_without_a_response_does_not_end_its_phase(
    rogue: Rogue, saying: Callable[..., Any]
) -> None:
    sent: list[str] = []

    def respond(handler: BaseHTTPRequestHandler) -> None:
        sent.append(handler.path)
        (_reset if "start=x" in handler.path else saying())(handler)

    (verdict,) = _check(rogue(respond), "ekran", plan=Plan(frozenset({"cases", "boundaries"})))
    lost = [finding for finding in verdict.failures if finding.code == "no-response"]
    assert [finding.operation for finding in lost] == ["listSessions"]
    assert lost[0].request
    assert lost[0].request.query.startswith("start=x")
    last = max(number for number, path in enumerate(sent) if "start=x" in path)
    assert len(sent) > last + 20


@pytest.mark.parametrize("to_use_up", [{}, {"session_to_use_up": "79"}])
def test_nothing_is_written_to_an_id_that_is_not_named_for_it(
    rogue: Rogue, saying: Callable[..., Any], to_use_up: dict[str, str]
) -> None:
    written: Counter[str] = Counter()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if handler.command not in ("GET", "HEAD", "OPTIONS", "TRACE"):
            written[handler.path.partition("?")[0]] += 1
        body = {"success": False, "message": "لم يتم العثور على الجلسة", "data": None}
        saying(404, json.dumps({**body, "statusCode": 404}).encode())(handler)

    ids = {"open_session": "77", "writable_session": "78", **to_use_up}
    phases = frozenset({"examples", "generated", "boundaries"})
    target = {"ids": {"calwe": ids}, "allow_writes": True}
    _check(rogue(respond), "calwe", plan=Plan(phases, is_quick=True), **target)
    named = ["78", *to_use_up.values()]
    assert set(written) == {f"/v1/customer/sessions/{id}/log" for id in named}
    assert min(written.values()) > 25


def test_each_request_has_the_headers_that_the_document_requires(
    rogue: Rogue, saying: Callable[..., Any]
) -> None:
    sent: Counter[tuple[str | None, ...]] = Counter()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if handler.path.startswith("/v1/customer/") and handler.command == "GET":
            sent[handler.headers.get("Accept"), handler.headers.get("Content-Type")] += 1
        saying()(handler)

    plan = Plan(frozenset({"examples", "generated"}), is_quick=True)
    _check(rogue(respond), "calwe", plan=plan, ids={"calwe": {"open_session": "77"}})
    assert set(sent) == {("application/json", "application/json")}
    assert sent.total() > 10


def test_without_allow_writes_nothing_but_safe_methods_is_sent(
    rogue: Rogue, saying: Callable[..., Any]
) -> None:
    methods: set[str] = set()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if not handler.path.startswith("/__mock__"):
            methods.add(handler.command)
        body = {"success": False, "message": "لم يتم العثور على الجلسة", "data": None}
        saying(404, json.dumps({**body, "statusCode": 404}).encode())(handler)

    _check(rogue(respond), "calwe", ids={"calwe": {"open_session": "1"}})
    assert methods == {"GET", "HEAD", "OPTIONS"}


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


@pytest.mark.parametrize(
    "response",
    [
        (200, b"<html><body>Welcome</body></html>", "text/html"),
        (200, b"\x00\xff garbage", "application/octet-stream"),
        (302, b"", "text/html", (("Location", "http://127.0.0.1:1/"),)),
        (404, b"Not found", "text/plain"),
        (503, b"<h1>Down</h1>", "text/html"),
    ],
    ids=["html", "garbage", "redirect", "not-found", "down"],
)
def test_a_target_that_is_not_the_api_cannot_be_validated(
    stub: Callable[..., str], response: tuple[Any, ...]
) -> None:
    (verdict,) = _check(stub(*response), "ekran")
    assert (verdict.outcome, verdict.is_validated) == ("inconclusive", False)
    assert (verdict.failures, verdict.warnings, verdict.skipped) == ((), (), ())
    assert "does not serve the API 'ekran'" in verdict.inconclusive[0]
    assert verdict.requests <= 10


@pytest.mark.parametrize(
    ("response", "fingerprint"),
    [
        ((201, b'[{"a": 1}]'), "ekran * status * /response/status 201"),
        (
            (200, b'[{"a": 1}]', "text/json"),
            "ekran listSessions content-type #/paths/~1sessions/get/responses/200/content "
            "/response/headers/content-type 200",
        ),
    ],
    ids=["status", "content-type"],
)
def test_a_deployment_with_one_fault_in_every_response_gets_that_finding(
    stub: Callable[..., str], response: tuple[Any, ...], fingerprint: str
) -> None:
    plan = Plan(frozenset({"examples", "boundaries"}))
    (verdict,) = _check(stub(*response), "ekran", plan=plan)
    assert verdict.is_validated
    assert fingerprint in [finding.fingerprint for finding in verdict.failures]


@pytest.mark.parametrize("levels", [200, 600, 1_000])
def test_a_deployment_with_deeply_nested_responses_gets_a_verdict_and_reports(
    stub: Callable[..., str], levels: int
) -> None:
    body = b'[{"sessionId": 1, "clientGuid": ' + b'[{"a":' * (levels // 2) + b'"&amp;"'
    body += b"}]" * (levels // 2) + b"}]"
    target = Target("t", stub(200, body), timeout=5)
    (verdict,) = check(target, [APIS["ekran"]], Plan(frozenset({"examples"})))
    assert verdict.outcome == "fail"
    for kind in WRITERS:
        assert WRITERS[kind]([verdict], target, target.mask)


def test_a_target_without_a_response_cannot_be_validated(rogue: Rogue, unused_url: str) -> None:
    for url in (unused_url, rogue(_reset)):
        (verdict,) = _check(url, "ekran", timeout=1)
        assert not verdict.is_validated
        assert "got no response" in verdict.inconclusive[0]


def test_a_target_that_hangs_ends_in_time(rogue: Rogue) -> None:
    released = threading.Event()
    url = rogue(lambda _: released.wait() and None)
    try:
        (verdict,) = _check(url, "ekran", timeout=0.2)
        assert not verdict.is_validated
        assert "timed out" in verdict.inconclusive[0]
    finally:
        released.set()
