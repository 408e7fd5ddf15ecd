"""Contexts of two deployments, and the results that keep interactions with their findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver import apis
from mockserver.check.comparison.comparison import make_contexts
from mockserver.check.comparison.pairing import ComparisonResults
from mockserver.check.context import CheckContext
from mockserver.check.runner import Plan, connect
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction
from mockserver.observation import observe

APIS = apis.load(["calwe", "ekran"])
EKRAN = APIS["ekran"]
JSON = Headers([("Content-Type", "application/json")])
CREATE = APIS["calwe"].contract.operation("createSessionLog")


def _make(a: Target, b: Target) -> list[CheckContext]:
    api = APIS["calwe"]
    with connect(a, Plan()) as make_a, connect(b, Plan()) as make_b:
        return make_contexts(make_a(api), make_b(api), [ComparisonResults(api) for _ in "ab"])


def _unchanged(_: str, status: int, body: bytes) -> tuple[int, bytes]:
    return status, body


def test_both_are_written_to_or_neither(mock: Target, proxy: Callable[..., Target]) -> None:
    closed = proxy(_unchanged, is_blind=True)
    open = replace(closed, allow_writes=True)
    for a, b, may in [
        (mock, mock, True),
        (mock, open, True),
        (open, open, True),
        (mock, closed, False),
        (closed, open, False),
    ]:
        for pair in (_make(a, b), _make(b, a)):
            assert [context.may_write for context in pair] == [may, may]
            assert [context.allows(CREATE) for context in pair] == [may, may]


def test_id_is_used_where_both_have_one(mock: Target, proxy: Callable[..., Target]) -> None:
    ids: dict[str, Any] = {"calwe": {"open_session": "77", "unheard_of": "1"}}
    own, real = _make(mock, replace(proxy(_unchanged, is_blind=True), ids=ids))
    assert dict(own.ids) == {"open_session": "1"}
    assert dict(real.ids) == {"open_session": "77"}
    assert not real.can_run("a case", ["open_session", "ended_session"], writes=False)
    assert real.results.skipped == ["a case: no id for ended_session"]


def test_sequence_of_requests_is_kept_together(mock: Target) -> None:
    with connect(mock, Plan()) as make:
        results = ComparisonResults(APIS["calwe"], phase="workflows")
        context, _ = make_contexts(make(APIS["calwe"]), make(APIS["calwe"]), (results, results))
        for _ in range(2):
            with context.sequence("documented") as call:
                assert call("listSessionLogs", id="1").status == 200
    assert [len(sequence) for sequence in results.sequences["workflows"]] == [1, 1]


def _observed(status: int, body: bytes) -> Interaction:
    request = Request("GET", "/sessions", "", Headers())
    exchange = Exchange(request, Response(status, JSON, body))
    return observe(EKRAN, exchange, EKRAN.contract.match("GET", "/sessions"), moment=0)


def test_generated_requests_are_one_sequence() -> None:
    results = ComparisonResults(EKRAN, phase="generated")
    for _ in range(2):
        results.record(_observed(200, b"[]"), ())
    assert [len(sequence) for sequence in results.sequences["generated"]] == [2]


def test_interaction_has_its_findings() -> None:
    results = ComparisonResults(EKRAN, phase="workflows")
    first = _observed(200, b"[]")
    results.record(first, ())
    results.record(_observed(200, b"{}"), (first,))
    ((good, bad),) = results.sequences["workflows"]
    assert (good.findings, good.status_class, good.phase) == ({}, 2, "workflows")
    assert [code for code, _ in bad.findings] == ["type"]
    assert (results.requests, len(results.findings)) == (2, 1)


def test_later_finding_is_added_to_its_interaction() -> None:
    results = ComparisonResults(EKRAN, phase="boundaries")
    interactions = [_observed(200, b"[]"), _observed(200, b"[]")]
    for interaction in interactions:
        results.record(interaction, ())
    finding = Finding(
        "ekran",
        "listSessions",
        "not-the-same",
        Source("contract", "#/"),
        "documented",
        "It differs",
    )
    finding.exchange = interactions[1].exchange
    results.add_finding(finding)
    ((first,), (second,)) = results.sequences["boundaries"]
    assert (first.findings, second.findings) == (
        {},
        {("not-the-same", Source("contract", "#/")): finding},
    )


def test_missing_response_ends_a_phase_or_is_a_finding_of_an_operation() -> None:
    results = ComparisonResults(EKRAN, phase="generated")
    results.end_phase("it hangs")
    assert (results.stops, results.findings) == ({"generated": "it hangs"}, {})
    operation = EKRAN.contract.operation("listSessions")
    results.report_missing_response("one got none", operation)
    (finding,) = results.unpaired_findings["generated"].values()
    assert (finding.operation, finding.code) == ("listSessions", "no-response")


def test_finding_without_interaction_is_kept_by_phase() -> None:
    results = ComparisonResults(EKRAN, phase="generated")
    finding = Finding(
        "ekran",
        "listSessions",
        "no-response",
        Source("contract", "#/"),
        "documented",
        "It gave none",
    )
    results.add_finding(finding)
    results.add_finding(finding)
    assert results.unpaired_findings == {"generated": {finding.key: finding}}
    results.record(_observed(200, b"{}"), ())
    assert list(results.unpaired_findings["generated"]) == [finding.key]
