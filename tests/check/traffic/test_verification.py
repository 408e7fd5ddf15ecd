"""Recorded traffic is validated by contracts and invariants, as far as it was saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.reports.har import write_har
from mockserver.check.reports.text import format_verdict
from mockserver.check.traffic.verification import (
    NothingToValidate,
    Verification,
    VerificationOptions,
    verify,
)
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import Severity
from mockserver.check.validation.verdict import Verdict
from mockserver.traffic.recording import Recording, read_recording

APIS = list(apis.load().values())
SESSIONS = "http://h/ekranapi/sessions"
LOG = "http://h/v1/customer/sessions/1/log"
GUID = "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg"


def _session(id: int, **changes: Any) -> dict[str, Any]:
    return {
        "clientGuid": GUID,
        "logoutDate": "2000-01-23T05:56:07.000+00:00",
        "loginDate": "2000-01-23T04:56:07.000+00:00",
        "sessionId": id,
        "userId": 61,
        **changes,
    }


def _call(
    url: str = SESSIONS,
    response: Any = None,
    *,
    status: int = 200,
    method: str = "GET",
    body: Any = None,
    headers: dict[str, str] | None = None,
    **entry: Any,
) -> dict[str, Any]:
    """An entry as a browser writes it; its response is JSON, or was not saved where it is `...`."""
    text = json.dumps([] if response is None else response, default=str)
    sent = {"Content-Type": "application/json", **(headers or {})}
    request = {
        "method": method,
        "url": url,
        "headers": [{"name": name, "value": value} for name, value in sent.items()],
        "bodySize": -1,
    }
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    return {
        "startedDateTime": "2025-08-21T12:00:00.000Z",
        "time": 0,
        "request": request,
        "response": {
            "status": status,
            "headers": [{"name": "content-type", "value": "application/json"}],
            "content": {"size": -1, "mimeType": "application/json"}
            | ({} if response is ... else {"text": text}),
        },
        **entry,
    }


@pytest.fixture
def verified(recording: Callable[..., Recording]) -> Callable[..., Verification]:
    """Verifies calls, each in the second after the one before."""

    def verified(*entries: dict[str, Any], **options: Any) -> Verification:
        for n, entry in enumerate(entries):
            if entry is not None:
                entry["startedDateTime"] = f"2025-08-21T12:{n // 60:02}:{n % 60:02}.000Z"
        return verify([recording(*entries)], APIS, VerificationOptions(**options))

    return verified


@pytest.fixture
def verdict(verified: Callable[..., Verification]) -> Callable[..., Verdict]:
    """The only verdict on calls."""

    def verdict(*entries: dict[str, Any], **options: Any) -> Verdict:
        ((_, (found,)),) = verified(*entries, **options).verdicts
        return found

    return verdict


def _codes(verdict: Verdict) -> list[tuple[str, str]]:
    return [(one.code, one.sentence) for one in verdict.failures]


def test_conforming_traffic_passes(verdict: Callable[..., Verdict]) -> None:
    found = verdict(_call(response=[_session(1), _session(2)]))
    assert (found.api, found.passed, found.requests) == ("ekran", True, 1)
    assert found.failures == found.warnings == found.inconclusive == ()
    (skipped,) = found.skipped
    assert skipped.startswith("invariants that had nothing to validate: ")
    assert found.results is not None
    assert {phase for _, _, phase in found.results.cells} == {"recorded"}


def test_response_that_violates_the_contract_is_a_failure(verdict: Callable[..., Verdict]) -> None:
    session = _session(1)
    del session["userId"]
    found = verdict(_call(response=[session]), _call(response=[session]))
    (failure,) = found.failures
    assert (failure.operation, failure.code, failure.count) == ("listSessions", "required", 2)
    assert failure.phases == ["recorded"]


def test_invariant_sees_what_came_before_in_the_same_world(
    verdict: Callable[..., Verdict],
) -> None:
    one, two = [_session(1), _session(2)], [_session(2)]
    found = verdict(_call(response=one), _call(response=two))
    (failure,) = found.failures
    assert str(failure.source) == "invariant:a-range-read-again-is-the-same"
    assert failure.sentence.endswith("But the row 1 is no longer listed")
    for headers in ({"X-Mock-Sandbox": "other"}, {"x-mock-sandbox": "third"}):
        assert verdict(_call(response=one), _call(response=two, headers=headers)).failures == ()
    other = "http://h/__sandbox__/other/ekranapi/sessions"
    assert verdict(_call(response=one), _call(other, response=two)).failures == ()


def test_each_recording_is_a_sequence(recording: Callable[..., Recording]) -> None:
    responses = [_session(1), _session(2)], [_session(2)]
    recorded = [recording(_call(response=response)) for response in responses]
    ((_, (found,)),) = verify(recorded, APIS, VerificationOptions()).verdicts
    assert (found.requests, found.failures) == (2, ())


def test_call_that_no_contract_has_is_a_failure(verdict: Callable[..., Verdict]) -> None:
    found = verdict(
        _call(),
        _call("http://h/ekranapi/session/17/x", status=404),
        _call("http://h/ekranapi/session/18/x", status=404),
        _call(method="DELETE", status=405),
    )
    assert [(one.code, one.operation, one.count) for one in found.failures] == [
        ("unmatched", "", 2),
        ("unmatched", "", 1),
    ]
    path, method = found.failures
    assert path.fingerprint == "ekran - unmatched #/paths GET:/session/*/x 404"
    assert path.sentence == (
        "GET /session/17/x is not in the contract: the path '/session/17/x' is not documented"
    )
    assert method.sentence == (
        "DELETE /sessions is not in the contract: DELETE is not documented for this path; "
        "documented: GET"
    )
    assert found.requests == 4


def test_refusal_that_this_kit_provoked_is_validated_as_one(
    verdict: Callable[..., Verdict],
) -> None:
    refusal = {"success": False, "message": "x", "data": None, "statusCode": 404}
    own = {"_operation": "listSessionLogs"}
    found = verdict(_call(f"{LOG}/nothing", refusal, status=404, **own))
    assert "unmatched" not in {one.code for one in (*found.failures, *found.warnings)}
    assert found.requests == 1


def test_options_head_and_trace_are_skipped(
    verdict: Callable[..., Verdict],
) -> None:
    found = verdict(
        _call(method="OPTIONS", status=204),
        _call("http://h/ekranapi/none", method="OPTIONS"),
        _call(method="HEAD"),
        _call(),
    )
    assert (found.failures, found.requests) == ((), 1)
    assert found.skipped[0] == (
        "calls that are OPTIONS, HEAD or TRACE, which no contract has: 3 (log.entries[0], "
        "log.entries[1], log.entries[2])"
    )


def test_call_without_a_response_is_skipped_and_counted(
    verdict: Callable[..., Verdict],
) -> None:
    found = verdict(_call(status=0), _call(status=-1), _call(status=304), _call())
    assert (found.failures, found.requests) == ((), 1)
    assert found.skipped[:2] == (
        "calls that got no response (failed, blocked or broken off): 2 (log.entries[0], "
        "log.entries[1])",
        "calls that came from the browser's cache: 1 (log.entries[2])",
    )


def test_what_became_of_the_entries_is_counted_and_named(
    verified: Callable[..., Verification],
) -> None:
    unread = _call(headers={})
    unread["request"]["headers"] = [{"name": "a", "value": []}]
    found = verified(
        None,
        {"request": {"url": "https://ads.example/"}},
        _call(),
        *(_call(_fromCache="disk") for _ in range(7)),
        unread,
        {**unread, "request": {**unread["request"], "headers": [{}, {"name": "b", "value": {}}]}},
        _call(method="OPTIONS"),
        {**_call(), "response": None},
    )
    assert (found.entries.total, found.entries.verified, found.entries.foreign) == (14, 1, 2)
    assert found.entries.left_out == [
        (
            "came from the browser's cache",
            7,
            "log.entries[3], log.entries[4], log.entries[5], log.entries[6], log.entries[7] and "
            "2 more",
        ),
        (
            "cannot be read (request.headers[0].value: an array is no text)",
            2,
            "log.entries[10], log.entries[11]",
        ),
        ("are OPTIONS, HEAD or TRACE, which no contract has", 1, "log.entries[12]"),
        ("got no response (failed, blocked or broken off)", 1, "log.entries[13]"),
    ]


def test_entries_of_several_files_are_named_with_their_file(
    recording: Callable[..., Recording],
) -> None:
    recordings = [
        recording(_call(), _call(status=0)),
        recording(None, _call(status=0)),
        recording(),
    ]
    found = verify(recordings, APIS, VerificationOptions()).entries
    assert (found.total, found.verified, found.foreign) == (4, 1, 1)
    assert [places for _, _, places in found.left_out] == [
        "0a.har log.entries[1], 1a.har log.entries[1]"
    ]


def test_file_that_was_cut_off_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text(json.dumps({"log": {"entries": [_call(), _call()]}})[:-200])
    found = verify([read_recording(path)], APIS, VerificationOptions())
    assert found.entries.verified == 1
    assert found.notes == [
        f"'{path}' was not read to its end: it ends within log.entries[1]: it was cut off."
    ]


def test_write_without_a_saved_body_is_validated_in_what_was_saved(
    verdict: Callable[..., Verdict],
) -> None:
    entry = _call(LOG, {"statusCode": 200}, method="POST")
    for size in (0, -1):
        entry["request"]["bodySize"] = size
        found = verdict(entry)
        assert {one.location for one in found.failures} == {"/response/body"}
        assert found.skipped[0] == (
            "calls that had a body which was not saved whole, so that it was not validated: 1 "
            "(log.entries[0])"
        )


def test_body_that_was_cut_off_is_not_validated(verdict: Callable[..., Verdict]) -> None:
    cut = _call()
    cut["response"]["content"] |= {"size": 900, "text": '[{"clientGuid": "1d4f'}
    found = verdict(_call(response=[_session(1)]), cut)
    assert (found.requests, found.failures) == (2, ())
    assert found.skipped[0] == (
        "calls that have no whole saved response body, so that only status and headers were "
        "validated: 1 (log.entries[1])"
    )


def test_refused_credential_is_no_failure(verdict: Callable[..., Verdict]) -> None:
    found = verdict(_call(response={"message": "Invalid ApiKey"}, status=401))
    assert (found.failures, found.inconclusive) == ((), ())


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (_call(response={"message": "x"}, status=500), "A request gets 500"),
        (
            _call(f"{SESSIONS}?start=yesterday"),
            "A request that breaks the contract gets 200: /request/query/start: ",
        ),
        (
            _call(response={"message": "x"}, status=400),
            "A request that the contract allows gets 400",
        ),
        (_call(status=302), "/response/status: the status 302 is not documented; documented: "),
    ],
)
def test_accepting_and_refusing_are_validated(
    verdict: Callable[..., Verdict], call: dict[str, Any], sentence: str
) -> None:
    found = verdict(call, severity=Severity("assumed"))
    assert any(said.startswith(sentence) for _, said in _codes(found)), _codes(found)


def test_status_and_headers_are_validated_without_a_saved_body(
    verdict: Callable[..., Verdict],
) -> None:
    found = verdict(_call(), _call(response=...), _call(response=..., status=302))
    assert [code for code, _ in _codes(found)] == ["status"]
    assert found.skipped[0] == (
        "calls that have no whole saved response body, so that only status and headers were "
        "validated: 2 (log.entries[1], log.entries[2])"
    )
    unknown = _call(response=...)
    unknown["response"]["headers"][0]["value"] = "text/html"
    assert [code for code, _ in _codes(verdict(_call(), unknown))] == ["content-type"]


def test_recording_without_response_bodies_is_inconclusive(verdict: Callable[..., Verdict]) -> None:
    found = verdict(_call(response=...), _call(response=...))
    assert found.inconclusive == (
        "no response body was saved; record with the contents of responses",
    )
    assert not found.passed


def test_refusal_of_an_unsaved_request_body_is_no_failure(
    verdict: Callable[..., Verdict],
) -> None:
    body = {"action_type": "ENTERED"}
    accepted = {
        "success": True,
        "message": "تم حفظ البيانات بنجاح",
        "data": {"text": "Customer entered the session", "date": "12:00 PM", **body},
        "statusCode": 200,
    }

    def validated(**saved: Any) -> tuple[set[str], str]:
        calls = [
            _call(LOG, accepted, method="POST", **saved),
            _call(LOG, {}, method="POST", status=400, **saved),
        ]
        for call in calls:
            call["request"]["bodySize"] = 25
        found = verdict(*calls, severity=Severity("assumed"))
        return {one.sentence for one in found.failures}, found.skipped[0]

    refused = "A request that the contract allows gets 400"
    sentences, _ = validated(body=body)
    assert refused in sentences
    sentences, skipped = validated()
    assert refused not in sentences
    assert not any("breaks the contract" in sentence for sentence in sentences)
    assert (
        skipped
        == "calls that had a body which was not saved whole, so that it was not validated: 2 "
        "(log.entries[0], log.entries[1])"
    )


def test_operations_that_were_not_called_are_skipped(
    verdict: Callable[..., Verdict],
) -> None:
    found = verdict(_call("http://h/v1/coach/sessions/1/log", {"message": "x"}, status=401))
    assert [one for one in found.skipped if one.endswith("is not in the recording")] == [
        "listSessionLogs is not in the recording",
        "createSessionLog is not in the recording",
        "createCoachSessionLog is not in the recording",
    ]
    assert found.inconclusive == ()


def test_severity_and_baseline_apply(verdict: Callable[..., Verdict]) -> None:
    call = _call(response=[_session(1, more=1)])
    found = verdict(call)
    assert [one.code for one in found.warnings] == ["additionalProperties"]
    assert found.passed
    (failure,) = verdict(call, severity=Severity(is_strict=True)).failures
    accepted = Baseline({failure.fingerprint: date(2025, 8, 22)}, date(2025, 8, 21))
    passed = verdict(call, severity=Severity(is_strict=True), baseline=accepted)
    assert (len(passed.accepted), passed.failures) == (1, ())


def test_each_deployment_has_verdicts(verified: Callable[..., Verification]) -> None:
    calls = _call(), _call("https://i/gate/ekranapi/sessions"), _call(LOG, {}, status=401)
    found = verified(*calls)
    assert [
        (target.name, target.url, [one.api for one in verdicts])
        for target, verdicts in found.verdicts
    ] == [
        ("http://h", "http://h", ["calwe", "ekran"]),
        ("https://i/gate", "https://i/gate", ["ekran"]),
    ]


def test_deployments_and_apis_can_be_chosen(verified: Callable[..., Verification]) -> None:
    calls = _call(), _call("https://i/gate/ekranapi/sessions"), _call(LOG, {}, status=401)
    for url in ("https://i/gate", "https://i", "https://I:443/gate/"):
        ((target, (verdict,)),) = verified(*calls, urls=[url]).verdicts
        assert (target.url, verdict.api) == ("https://i/gate", "ekran")
    ((target, (verdict,)),) = verified(*calls, apis=["calwe"]).verdicts
    assert (target.url, verdict.api) == ("http://h", "calwe")


@pytest.mark.parametrize(
    ("entries", "options", "sentence"),
    [
        ([], {}, "No call of an API is in the recording."),
        ([_call("http://h/index.html")], {}, "No call of an API is in the recording."),
        ([_call()], {"apis": ["calwe"]}, "No call of the API 'calwe' is in the recording."),
        (
            [_call(), _call(LOG)],
            {"apis": ["calwe", "avaamo"]},
            "No call of the API 'avaamo' is in the recording.",
        ),
        (
            [_call()],
            {"urls": ["http://i", "http://j"]},
            "No call of an API at http://i or http://j is in the recording.",
        ),
        (
            [_call(status=0), _call(method="OPTIONS")],
            {},
            "No call in the recording can be validated. calls that got no response (failed, "
            "blocked or broken off): 1 (log.entries[0]). calls that are OPTIONS, HEAD or TRACE, "
            "which no contract has: 1 (log.entries[1]).",
        ),
    ],
)
def test_recording_without_calls_of_an_api_is_an_error(
    verified: Callable[..., Verification],
    entries: list[dict[str, Any]],
    options: dict[str, Any],
    sentence: str,
) -> None:
    with pytest.raises(NothingToValidate) as caught:
        verified(*entries, **options)
    assert str(caught.value).startswith(sentence)


def test_api_without_validated_calls_is_inconclusive(
    verified: Callable[..., Verification],
) -> None:
    ((_, (calwe, ekran)),) = verified(_call(), _call(LOG, status=0)).verdicts
    assert (calwe.api, calwe.inconclusive) == ("calwe", ("none of its calls could be validated",))
    assert ekran.passed


def test_ignored_calls_are_a_note(verified: Callable[..., Verification]) -> None:
    found = verified(_call(), _call("http://app/api/me"), _call("http://app/api/you"))
    assert found.notes == [
        "calls to 'http://app' below the base of the API 'autozod' that no contract has: 2. They "
        "were ignored, since no call to this URL is in a contract; add --url http://app to "
        "validate them."
    ]


def test_clock_of_the_deployment_may_be_frozen(verdict: Callable[..., Verdict]) -> None:
    response = {
        "current_page": 1,
        "per_page": 25,
        "total_entries": 0,
        "total_pages": 1,
        "time_token": 1_577_836_800.0,
        "entries": [],
    }
    call = _call("http://h/api/v1/cap/change_logs.json", response)
    late = [str(one.source) for one in verdict(call).failures]
    assert late == ["invariant:the-present-is-the-moment-of-the-response"]
    assert verdict(call, frozen=1_577_836_800_000_000).failures == ()
    assert verdict({**call, "_moment": "2020-01-01T00:00:00Z"}).failures == ()


def test_sandbox_prefix_becomes_a_header(
    verdict: Callable[..., Verdict],
) -> None:
    found = verdict(_call("http://h/__sandbox__/test-1/ekranapi/sessions", status=302))
    (failure,) = found.failures
    assert failure.exchange is not None
    assert failure.exchange.request.path == "/sessions"
    assert failure.exchange.request.headers.get("x-mock-sandbox") == "test-1"


def test_recorded_secrets_are_redacted(verified: Callable[..., Verification]) -> None:
    headers = {
        "ApiKey": "key-of-staging",
        "Authorization": "Bearer token-of-staging",
        "Cookie": "id=cookie-of-staging; theme=dark",
    }
    ((target, (verdict,)),) = verified(_call(headers=headers)).verdicts
    said = "key-of-staging, token-of-staging, cookie-of-staging, theme dark"
    assert verdict.extend(target.mask).text(said) == "***, ***, ***, theme dark"


def test_secrets_of_every_place_are_redacted(verified: Callable[..., Verification]) -> None:
    call = _call(
        f"{SESSIONS}?access_token=token-in-query",
        {"token": "token-in-body"},
        headers={"X-Csrf": "short", "X-Api-Key": "key-in-header"},
    )
    ((target, (verdict,)),) = verified(call).verdicts
    lines = "\n".join(format_verdict(verdict, target, target.mask))
    assert "FAILURE" in lines
    assert "-H 'x-csrf: ***'" in lines
    for secret in ("token-in-query", "token-in-body", "key-in-header", "short"):
        assert secret not in lines
        assert secret.encode() not in write_har([verdict], target, target.mask)


def test_traffic_is_kept_for_reports(verdict: Callable[..., Verdict]) -> None:
    found = verdict(_call(), _call("http://h/ekranapi/none", status=404))
    assert found.results is not None
    assert [
        (phase, operation, exchange.request.path, moment)
        for phase, operation, exchange, moment in found.results.traffic
    ] == [
        ("recorded", "listSessions", "/sessions", 1_755_777_600_000_000),
        ("recorded", "", "/none", 1_755_777_601_000_000),
    ]


def test_long_recording_is_validated(verdict: Callable[..., Verdict]) -> None:
    found = verdict(*(_call(response=[_session(1)]) for _ in range(150)))
    assert (found.requests, found.failures) == (150, ())


def test_what_was_read_before_a_page_polled_is_compared(
    verdict: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.check.traffic.verification._REACH", 20)
    first = f"{SESSIONS}?start=2000-01-01"
    found = verdict(
        _call(first, [_session(1), _session(2)]),
        *(_call(response=[_session(1), _session(2)]) for _ in range(25)),
        _call(first, [_session(2)]),
    )
    assert "invariant:a-range-read-again-is-the-same" in {str(one.source) for one in found.failures}
