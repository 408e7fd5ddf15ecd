"""What the proxy finds in exchanges with upstreams: breaches of the contract, and no others."""

from __future__ import annotations

import gzip
import importlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from mockserver import apis
from mockserver.check.runner import Plan, check
from mockserver.check.target.target import Target
from mockserver.invariant import Invariant
from mockserver.kit import Kit
from tests.reference import autozod, avaamo, calwe, ekran
from tests.reference.serve import make_server

LOG = "/v1/customer/sessions/1/log"
Run = Callable[..., Any]


def make_json(body: bytes, status: bytes = b"200 OK", fields: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
    return head % (status, fields, len(body)) + body


def list_violations(response: httpx.Response) -> list[tuple[str, str, str]]:
    found = json.loads(response.headers.get("x-mock-violations", "[]"))
    return [(it["severity"], it["location"], it["code"]) for it in found if "code" in it]


@contextmanager
def serve_reference(api: str) -> Iterator[str]:
    """An honest deployment that was written from the vendor's document alone."""
    app = importlib.import_module(f"tests.reference.{api}").make_app()
    with make_server(app) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Through(httpx.BaseTransport):
    """Sends the requests of the contract kit through a sandbox of a proxy.

    The kit sees none of the mock's own header fields, so that it does not take it for a mock.
    """

    def __init__(self, url: str, sandbox: str) -> None:
        self._url, self._sandbox = httpx.URL(url), sandbox
        self._inner = httpx.HTTPTransport(verify=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/__mock__"):
            return httpx.Response(404)
        request.url = request.url.copy_with(host=self._url.host, port=self._url.port)
        request.headers["x-mock-sandbox"] = self._sandbox
        response = self._inner.handle_request(request)
        fields = [it for it in response.headers.raw if not it[0].startswith(b"x-mock-")]
        return httpx.Response(response.status_code, headers=fields, stream=response.stream)

    def end(self) -> None:
        self._inner.close()


TOKENS = {
    "autozod": autozod.TOKEN,
    "avaamo": avaamo.TOKEN,
    "calwe": calwe.CREDENTIALS["customer"],
    "ekran": ekran.CREDENTIALS["token"],
}
IDS = {
    "calwe": {"open_session": "101", "ended_session": "102", "missing_session": "999"},
    "autozod": {"team": "1000", "agent": autozod.AGENT},
}


@pytest.mark.parametrize("api", TOKENS)
def test_no_response_of_an_honest_deployment_is_an_error(world: Any, api: str) -> None:
    with serve_reference(api) as url:
        world.forward(url, api)
        through = Through(world.server, world.name)
        target = Target(
            "reference",
            "http://reference.example",
            timeout=0,
            allow_writes=True,
            credentials={api: TOKENS[api]},
            ids=IDS,
            transport=through,
        )
        plan = Plan(phases=frozenset({"examples", "cases", "boundaries"}), is_quick=True)
        (verdict,) = check(target, list(apis.load([api]).values()), plan)
        through.end()

    assert verdict.failures == ()
    entries = world.client.get("/__mock__/journal?limit=1000").json()["entries"]
    forwarded = [it for it in entries if it["source"] == "upstream"]
    errors = [
        (it["method"], it["path"], it["query"], it["status"], violation)
        for it in forwarded
        for violation in it["violations"]
        if violation["severity"] == "error" and violation["location"].startswith("/response")
    ]
    assert len(forwarded) > 20
    assert errors == []


def test_a_session_against_a_mock_with_three_mutations_finds_them(
    world: Any, run_server: Callable[..., Any]
) -> None:
    mutations = (
        "calwe.listSessionLogs.drop-property:/data/total",
        "calwe.createSessionLog.wrong-echo",
        "calwe.ended-session-accepts",
    )
    with run_server(mutate=mutations) as staging:
        world.forward(staging)
        client = world.client
        responses = [
            client.get(LOG),
            client.post(LOG, json={"action_type": "LEFT"}),
            client.post(LOG, json={"action_type": "ENDED"}),
            client.post(LOG, json={"action_type": "ENTERED"}),
        ]
        direct = httpx.get(f"{staging}{LOG}", headers={"Authorization": "Bearer t"})

    assert [response.status_code for response in responses] == [200, 200, 200, 200]
    assert responses[0].json().keys() == direct.json().keys()
    assert list_violations(responses[0]) == [("error", "/response/body/data", "required")]
    entries = client.get("/__mock__/journal?limit=10").json()["entries"]
    found = [
        {
            (it["severity"], it["message"].partition(" But ")[2] or it["message"])
            for it in violations
        }
        for violations in (entry["violations"] for entry in entries)
    ]
    assert ("error", '"total" is a required property') in found[0]
    assert found[1] == {("error", 'action_type was "LEFT", and /action_type is "ENTERED"')}
    assert found[2] == set()
    # It rests on the request before, and another client of the upstream may have come between.
    assert ("warning", "ENTERED is taken after ENDED") in found[3]


CREATED = (
    '{"success":true,"message":"تم حفظ البيانات بنجاح","data":{'
    '"text":"Customer entered the session","date":"2:30 PM","action_type":"ENTERED"},'
    '"statusCode":200}'
).encode()
AT_THAT_TIME = b"Date: Thu, 21 Aug 2025 14:30:00 GMT\r\n"


def test_a_violation_is_reported_and_the_response_stays(world: Any, run_upstream: Run) -> None:
    body = CREATED.replace(b'"2:30 PM"', b"1430")
    upstream = run_upstream(make_json(gzip.compress(body), fields=b"Content-Encoding: gzip\r\n"))
    world.forward(upstream.url)

    response = world.client.post(LOG, json={"action_type": "ENTERED"})

    assert (response.status_code, response.content) == (200, body)
    assert ("error", "/response/body/data/date", "type") in list_violations(response)
    why = world.client.get("/__mock__/journal").json()["entries"][0]["id"]
    sentences = world.client.get(f"/__mock__/journal/{why}/why").json()["sentences"]
    assert sentences[0].startswith("The response of the upstream violates the contract at '/respon")


def test_a_request_that_violates_is_forwarded_and_reported(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(make_json(b'{"success":false}', b"422 No"))
    world.forward(upstream.url)

    response = world.client.post(f"{LOG}?extra=1", json={"action_type": "NOTHING"})

    found = list_violations(response)
    assert ("error", "/request/body/action_type", "enum") in found
    assert ("warning", "/request/query/extra", "unknown-parameter") in found
    assert len(upstream.received) == 1


def test_enforcing_refuses_such_a_request(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(make_json(CREATED, fields=AT_THAT_TIME))
    world.forward(upstream.url, enforce=True)

    refused = world.client.post(LOG, json={"action_type": "NOTHING"})
    allowed = world.client.post(LOG, json={"action_type": "ENTERED"})

    assert refused.status_code == 422
    assert refused.headers["x-mock-source"] == "refusal"
    assert list(refused.json()) == ["success", "message", "data", "statusCode"]
    assert ("error", "/request/body/action_type", "enum") in list_violations(refused)
    assert (allowed.status_code, allowed.content) == (200, CREATED)
    assert upstream.received[0].endswith(b'{"action_type":"ENTERED"}')
    assert len(upstream.received) == 1


def test_enforcing_turns_a_response_that_violates_into_a_502(world: Any, run_upstream: Run) -> None:
    world.forward(run_upstream(make_json(b'{"success":true}')).url, enforce=True)

    refused = world.client.get(LOG)

    assert refused.status_code == 502
    message = refused.json()["message"]
    assert (
        "with status 200, violates the contract and was not passed on: /response/body: " in message
    )
    assert "required (#/" in message
    assert ("error", "/response/body", "required") in list_violations(refused)


def test_what_is_only_assumed_is_a_warning_and_never_an_error(
    world: Any, run_upstream: Run
) -> None:
    body = CREATED.replace(b'"data"', b'"added":1,"data"')
    upstream = run_upstream(make_json(body, fields=AT_THAT_TIME))
    world.forward(upstream.url, enforce=True)

    unknown = world.client.get("/v1/another/page")
    extra = world.client.post(LOG, json={"action_type": "ENTERED"})

    assert list_violations(unknown) == [("warning", "/request/path", "path")]
    assert extra.status_code == 200
    assert list_violations(extra) == [("warning", "/response/body", "additionalProperties")]


@pytest.mark.parametrize("status", [b"503 Busy", b"501 No", b"429 Slow", b"404 None"])
def test_what_any_server_may_respond_is_no_error(
    world: Any, run_upstream: Run, status: bytes
) -> None:
    head = b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n" % status
    world.forward(run_upstream(head).url, enforce=True)

    response = world.client.delete(LOG)

    assert response.status_code == int(status[:3])


def test_a_client_may_prefer_another_validation(world: Any, run_upstream: Run) -> None:
    world.forward(run_upstream(make_json(b"{}")).url)

    silent = world.client.get(LOG, headers={"Prefer": "validation=off"})
    strict = world.client.get(LOG, headers={"Prefer": "validation=strict"})

    assert (silent.status_code, list_violations(silent)) == (200, [])
    assert silent.headers["preference-applied"] == "validation=off"
    assert strict.status_code == 502


def test_what_cannot_be_validated_says_so(world: Any, run_upstream: Run) -> None:
    coded = make_json(b"\x0b\x02\x80{}\x03", fields=b"Content-Encoding: br\r\n")
    bodies = iter([make_json(b'"%s"' % (b"x" * 1_100_000)), coded])

    def serve(peer: Any) -> None:
        while True:
            peer.read_message()
            peer.send(next(bodies))

    world.forward(run_upstream(serve).url, enforce=True)
    long = world.client.get(LOG)
    with world.client.stream("GET", LOG) as response:
        raw = b"".join(response.iter_raw())

    assert len(long.content) == 1_100_002
    assert list_violations(long) == [("warning", "/response/body", "not-validated")]
    assert raw == b"\x0b\x02\x80{}\x03"
    assert list_violations(response) == [("warning", "/response/body", "not-validated")]
    assert "'br'" in response.headers["x-mock-violations"]


def test_a_body_in_chunks_that_turns_out_long_streams_on(world: Any, run_upstream: Run) -> None:
    part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    def serve(peer: Any) -> None:
        peer.read_message()
        peer.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(40):
            peer.send(part)
        peer.send(b"0\r\n\r\n")

    world.forward(run_upstream(serve).url, enforce=True)

    response = world.client.get(LOG)

    assert response.content == b"x" * 0x10000 * 40
    assert list_violations(response) == [("warning", "/response/body", "not-validated")]


def test_a_head_is_validated_without_its_body(world: Any, run_upstream: Run) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
    world.forward(run_upstream(head).url, enforce=True)

    response = world.client.head(LOG)

    assert (response.status_code, list_violations(response)) == (200, [])
    assert response.headers["content-length"] == "9"


def test_an_evaluation_that_fails_does_not_stop_the_response(
    world: Any, run_upstream: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any) -> Any:
        raise TypeError("this invariant did not expect that")

    broken = Invariant("broken", "It breaks.", "documented", ("createSessionLog",), read, list)
    kit = Kit(invariants=(broken,))
    monkeypatch.setattr("mockserver.server.upstream.evaluation.load_kit", lambda _: kit)
    world.forward(run_upstream(make_json(CREATED)).url, enforce=True)

    response = world.client.post(LOG, json={"action_type": "ENTERED"})

    assert (response.status_code, response.content) == (200, CREATED)
    assert list_violations(response) == [("warning", "/response/body", "not-validated")]
    assert "its evaluation failed with TypeError" in response.headers["x-mock-violations"]


def test_the_log_has_the_violations(
    world: Any, run_upstream: Run, caplog: pytest.LogCaptureFixture
) -> None:
    world.forward(run_upstream(make_json(b"{}")).url)
    with caplog.at_level("INFO", "mockserver.access"):
        world.client.get(LOG)
        world.client.get("/__mock__/journal")  # it is written by then

    (entry,) = [record.exchange for record in caplog.records if hasattr(record, "exchange")]
    assert (entry.source, entry.status) == ("upstream", 200)
    assert {violation.keyword for violation in entry.violations} == {"required"}
