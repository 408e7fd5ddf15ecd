"""Two deployments that are sent the same: a mock, and what stands before it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.comparison.comparison import PHASES, Comparison, compare
from mockserver.check.runner import NotTheApi, Plan
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Severity

APIS = apis.load()
Proxy = Callable[..., Target]


def _compare(
    a: str | Target,
    b: str | Target,
    api: str = "ekran",
    phases: tuple[str, ...] = PHASES,
    severity: Severity | None = None,
) -> Comparison:
    one, other = (
        Target(target, target, timeout=5) if isinstance(target, str) else target
        for target in (a, b)
    )
    plan = Plan(frozenset(phases), is_quick=True, severity=severity or Severity())
    (comparison,) = compare(one, other, [APIS[api]], plan)
    return comparison


def _violations(comparison: Comparison) -> set[tuple[str, str, str]]:
    return {
        (difference.violated_by, difference.code, str(difference.source))
        for difference in comparison.differences
    }


def _same(_: str, status: int, body: bytes) -> tuple[int, bytes]:
    return status, body


def _changed(change: Callable[[list[Any]], Any]) -> Callable[[str, int, bytes], tuple[int, bytes]]:
    """Changes each list of sessions."""

    def change_body(_: str, status: int, body: bytes) -> tuple[int, bytes]:
        return status, json.dumps(change(json.loads(body))).encode() if status == 200 else body

    return change_body


def _id_as_text(rows: list[Any]) -> list[Any]:
    return [{**row, "sessionId": str(row["sessionId"])} for row in rows]


TYPE = "#/components/schemas/Session/properties/sessionId/type"


def test_mock_does_not_differ_from_itself(mock: Target) -> None:
    progress: list[tuple[str, str]] = []
    # The others take longer, and are compared below.
    phases = ("examples", "cases")
    plan = Plan(frozenset(phases), is_quick=True)
    for comparison in compare(mock, mock, APIS.values(), plan, lambda *at: progress.append(at)):
        assert comparison.is_equal, comparison.api
        left_out = comparison.inconclusive + comparison.unpaired + comparison.skipped
        assert (comparison.differences, left_out) == ([], []), comparison.api
        assert comparison.pairs > 10
    assert progress == [(api, phase) for api in APIS for phase in phases]


def test_requests_of_the_longer_phases_can_be_compared(mock: Target) -> None:
    comparison = _compare(mock, mock, phases=("generated", "boundaries"))
    assert (comparison.differences, comparison.unpaired, comparison.inconclusive) == ([], [], [])
    assert comparison.pairs > 100


def test_proxy_that_changes_nothing_is_equal(mock: Target, proxy: Proxy) -> None:
    comparison = _compare(mock, proxy(_same), "avaamo", ("cases", "workflows"))
    assert (comparison.differences, comparison.unpaired) == ([], [])
    assert comparison.is_equal


def test_violation_of_a_schema_is_a_difference(mock: Target, proxy: Proxy) -> None:
    rogue = proxy(_changed(_id_as_text))
    comparison = _compare(mock, rogue, phases=("examples", "cases"))
    assert ("b", "type", TYPE) in _violations(comparison)
    assert {side for side, _, _ in _violations(comparison)} == {"b"}
    found = next(one for one in comparison.differences if one.code == "type")
    assert found.phases == ["examples", "cases"]
    assert found.count > 2
    assert found.a is not None
    assert found.b is not None
    assert (found.a.interaction.status, found.b.interaction.status) == (200, 200)
    assert not comparison.is_equal
    # In the other order it is the other deployment.
    assert ("a", "type", TYPE) in _violations(_compare(rogue, mock, phases=("examples",)))


def test_finding_of_both_is_counted_and_no_difference(proxy: Proxy) -> None:
    rogue = proxy(_changed(_id_as_text))
    comparison = _compare(rogue, rogue, phases=("cases",))
    assert (comparison.differences, comparison.common > 0, comparison.is_equal) == ([], True, True)


def test_violation_of_an_invariant_is_a_difference(mock: Target, proxy: Proxy) -> None:
    rogue = proxy(_changed(lambda rows: [*rows, *rows[:1]]))
    comparison = _compare(mock, rogue, phases=("examples",))
    assert ("b", "invariant", "invariant:a-row-is-listed-once") in _violations(comparison)


def test_assumed_rule_is_violated_by_neither(mock: Target, proxy: Proxy) -> None:
    rogue = proxy(_changed(lambda rows: rows[::-1]))
    invariant = "invariant:rows-are-in-order"
    assert _violations(_compare(mock, rogue, phases=("boundaries",))) == {
        ("neither", "invariant", invariant)
    }
    binding = Severity("assumed")
    assert _violations(_compare(mock, rogue, phases=("boundaries",), severity=binding)) == {
        ("b", "invariant", invariant)
    }


def test_server_error_is_one_difference(mock: Target, proxy: Proxy) -> None:
    rogue = proxy(lambda path, *response: (500, b"{}") if "end=" in path else response)
    comparison = _compare(mock, rogue, phases=("examples",))
    (found,) = comparison.differences
    assert (found.violated_by, found.code, found.operation) == ("b", "status", "listSessions")
    assert found.sentence.startswith("A returns 200, and B 500; B violates documented ")


def _not_found(_: str, __: int, ___: bytes) -> tuple[int, bytes]:
    said = {"success": False, "message": "لم يتم العثور على الجلسة", "data": None}
    return 404, json.dumps({**said, "statusCode": 404}, ensure_ascii=False).encode()


def _real(target: Target, **ids: str) -> Target:
    return replace(target, ids={"calwe": ids})


def test_conforming_deployments_can_differ(proxy: Proxy) -> None:
    one, other = proxy(_same, is_blind=True), proxy(_not_found, is_blind=True)
    comparison = _compare(
        _real(one, open_session="1"), _real(other, open_session="1"), "calwe", ("workflows",)
    )
    (found,) = comparison.differences
    assert (found.violated_by, found.sentence) == ("neither", "A returns 200, and B 404")
    assert found.count > 3
    assert "workflow 'ending-a-session': no id for session_to_end" in comparison.skipped


def test_example_that_one_does_not_have_is_not_compared(mock: Target, proxy: Proxy) -> None:
    other = _real(proxy(_not_found, is_blind=True), open_session="1")
    comparison = _compare(mock, other, "calwe", ("examples",))
    assert comparison.differences == []
    assert (
        "examples: B does not have what an example of listSessionLogs names" in comparison.unpaired
    )
    assert comparison.inconclusive == ["no request could be sent to both and compared"]


def test_without_permission_neither_is_written_to(proxy: Proxy) -> None:
    of_a: list[tuple[str, str]] = []
    of_b: list[tuple[str, str]] = []
    a, b = proxy(_same, requests=of_a), proxy(_same, is_blind=True, requests=of_b)
    comparison = _compare(a, _real(b, open_session="6", writable_session="3"), "calwe")
    assert comparison.differences == []
    assert {method for method, _ in (*of_a, *of_b)} == {"GET", "HEAD", "OPTIONS"}
    assert "POST /customer/sessions/{id}/log: it writes" in comparison.skipped
    # Each got its own ids.
    assert any("/sessions/1/log?" in path for _, path in of_a)
    assert any("/sessions/6/log?" in path for _, path in of_b)
    assert not any("/sessions/6/" in path for _, path in of_a)


def test_with_permission_both_are_written_to(proxy: Proxy) -> None:
    requests: list[tuple[str, str]] = []
    ids = {"calwe": {"open_session": "1", "writable_session": "3"}}
    target = replace(proxy(_same, is_blind=True, requests=requests), ids=ids, allow_writes=True)
    _compare(target, target, "calwe", ("cases",))
    assert ("POST", "/v1/customer/sessions/3/log") in requests


def test_missing_response_is_a_difference(mock: Target, proxy: Proxy) -> None:
    def hang_up(path: str, status: int, body: bytes) -> tuple[int, bytes] | None:
        return None if "end=" in path else (status, body)

    rogue = proxy(hang_up)
    comparison = _compare(mock, rogue, phases=("examples",))
    lost, ended = comparison.differences
    assert (lost.violated_by, lost.code, lost.a, lost.b) == ("b", "no-response", None, None)
    assert lost.sentence.startswith("Only B violates this: GET http")
    sentence = "Only B gives no response in 'examples': the phase 'examples' ended: GET http"
    assert ended.sentence.startswith(sentence)
    assert any(reason.endswith("of listSessions to A only") for reason in comparison.unpaired)
    both = _compare(rogue, rogue, phases=("examples",))
    assert both.differences == []
    assert both.unpaired[0].startswith("examples: neither responds; A: the phase 'examples' ended")


def test_other_servers_cannot_be_compared(mock: Target, proxy: Proxy, unused_url: str) -> None:
    html = proxy(lambda *_: (200, b"<html>"), is_blind=True)
    for a, b in ((mock, html), (html, mock)):
        with pytest.raises(NotTheApi, match=f"'{html.url}' does not serve the API 'ekran'"):
            _compare(a, b, phases=("examples",))
    with pytest.raises(NotTheApi, match="got no response"):
        _compare(mock, unused_url)


def test_refused_credential_is_inconclusive(mock: Target, proxy: Proxy) -> None:
    refusal = {"success": False, "message": "يجب عليك تسجيل الدخول", "data": [], "statusCode": 401}
    shut = proxy(lambda *_: (401, json.dumps(refusal).encode()))
    comparison = _compare(mock, shut, "calwe", ("examples",))
    assert comparison.inconclusive == ["B refused the credential throughout, with 401"]
    assert not comparison.is_equal


def test_time_limit_compares_what_there_was(mock: Target) -> None:
    quick = replace(mock, name="quick", time_limit=0.000_001)
    comparison = _compare(mock, quick, phases=("examples",))
    assert comparison.inconclusive == ["no request could be sent to both and compared"]
    assert comparison.skipped == ["The time limit of 1e-06 seconds for 'quick' is over"]


def test_what_either_excludes_is_sent_to_neither(mock: Target) -> None:
    a = replace(mock, excluded={"calwe": frozenset({"listCoachSessionLogs"})})
    b = replace(mock, excluded={"calwe": frozenset({"createCoachSessionLog"})})
    comparison = _compare(a, b, "calwe", ("cases",))
    assert comparison.excluded == ["createCoachSessionLog", "listCoachSessionLogs"]
    assert comparison.is_equal
    assert comparison.pairs > 0
    assert not [line for line in comparison.skipped if "Coach" in line or "coach" in line]
