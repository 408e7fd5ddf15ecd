"""Schemathesis sends the requests; our own validator validates every response."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from schemathesis.core.errors import NoLinksFound
from schemathesis.engine import events
from schemathesis.engine.run import PhaseName

from mockserver.check.context import CheckContext
from mockserver.check.http.connection import TimeLimitReached
from mockserver.check.phases import generated
from mockserver.check.phases.generated import run_generated
from mockserver.check.target.target import Target

Make = Callable[..., CheckContext]


def test_the_mock_has_no_finding(context: Make, mock: Target) -> None:
    made = context(mock, "calwe")
    document = orjson.dumps(made.api.contract.document)
    run_generated(made)
    assert made.results.findings == {}
    assert made.results.skipped == []
    # Schemathesis writes into what it gets.
    assert orjson.dumps(made.api.contract.document) == document
    for operation in made.api.contract.operations:
        statuses = made.results.statuses(operation.id)
        assert statuses[200] > 0
        assert sum(statuses.values()) > 10


def test_schemathesis_validates_what_it_has_sent_ahead(
    context: Make, stub: Callable[..., str]
) -> None:
    made = context(stub(500, b"{}"))
    run_generated(made)
    # Every response is one of the deployment, and no stand-in of it.
    assert {exchange.response.status for _, _, exchange, _ in made.results.traffic} == {500}
    (found,) = (it for it in made.results.findings.values() if it.code == "not_a_server_error")
    assert found.sentence == "Server error"


def test_what_a_deployment_gets_wrong_is_found_by_our_validator(
    context: Make, stub: Callable[..., str]
) -> None:
    row = b'[{"clientGuid":"a","logoutDate":null,"loginDate":"2000-01-23","sessionId":"1"}]'
    made = context(stub(200, row))
    run_generated(made)
    places = {finding.key[4] for finding in made.results.findings.values()}
    assert {"/response/body/*/loginDate", "/response/body/*/sessionId"} <= places
    codes = {finding.code for finding in made.results.findings.values()}
    assert "required" in codes
    assert "pattern" in codes


def test_a_compressed_response_is_read(
    context: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    headers = (("Content-Encoding", "gzip"),)
    made = context(rogue(saying(200, gzip.compress(b"[]"), headers=headers)))
    run_generated(made)
    assert made.results.truncated == []
    codes = {finding.code for finding in made.results.findings.values()}
    assert codes.isdisjoint({"no-response", "json"})
    assert made.results.statuses("listSessions")[200] > 10


def test_a_redirect_is_not_followed_and_its_location_need_be_no_text(
    context: Make, rogue: Callable[..., str]
) -> None:
    def respond(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /\xff\r\nContent-Length: 0\r\n\r\n")
        handler.close_connection = True

    made = context(rogue(respond))
    run_generated(made)
    assert {exchange.response.status for _, _, exchange, _ in made.results.traffic} == {302}


def test_a_server_error_is_found(context: Make, stub: Callable[..., str]) -> None:
    made = context(stub(500, b"{}"))
    run_generated(made)
    assert "server-error" in {finding.code for finding in made.results.findings.values()}


def test_generated_requests_count_for_the_rate(context: Make, stub: Callable[..., str]) -> None:
    made = context(stub())
    turns = []
    made.connection.take_turn = lambda: turns.append(1)  # type: ignore[method-assign]
    run_generated(made)
    assert len(turns) >= made.results.requests > 30


def test_generated_requests_end_with_the_time_limit(
    context: Make, stub: Callable[..., str]
) -> None:
    made = context(stub())
    turns = []

    def take_turn() -> None:
        turns.append(1)
        check_time()

    def check_time() -> None:
        if len(turns) >= 10:
            raise TimeLimitReached("The time is over")

    made.connection.take_turn = take_turn  # type: ignore[method-assign]
    made.connection.check_time = check_time  # type: ignore[method-assign]
    with pytest.raises(TimeLimitReached):
        run_generated(made)
    assert 10 <= len(turns) <= 12


def test_a_time_limit_generates_no_more_requests(context: Make, stub: Callable[..., str]) -> None:
    url = stub()
    with_limit, without = context(url, time_limit=600), context(url)
    run_generated(with_limit)
    run_generated(without)
    assert with_limit.results.requests == without.results.requests


def test_a_proxy_and_a_password_of_the_environment_are_ignored(
    context: Make,
    rogue: Callable[..., str],
    saying: Callable[..., Any],
    unused_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credentials: set[str | None] = set()

    def respond(handler: Any) -> None:
        credentials.add(handler.headers["Authorization"])
        saying()(handler)

    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, unused_url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = context(rogue(respond))
    run_generated(made)
    assert [
        finding.code for finding in made.results.findings.values() if finding.code == "no-response"
    ] == []
    assert credentials == {None}


def test_chains_that_write_are_reported_as_skipped(
    context: Make,
    stub: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stream:
        """What Schemathesis does where no link leads to what may be sent."""

        def execute(self) -> Stream:
            return self

        def stop(self) -> None:
            """It has ended already."""

        def __iter__(self) -> Iterator[events.NonFatalError]:
            error = NoLinksFound("All link definitions are excluded", "Define links")
            phase = PhaseName.STATEFUL_TESTING
            yield events.NonFatalError(
                error=error, phase=phase, label="links", related_to_operation=False
            )

    monkeypatch.setattr(generated, "from_schema", lambda _: Stream())
    made = context(stub())
    run_generated(made)
    assert made.results.skipped == ["generated: no chains of requests along the links: they write"]


@pytest.mark.parametrize(
    ("settings", "used_up"),
    [
        ({"ids": {"calwe": {"writable_session": "5"}}}, {}),
        (
            {"ids": {"calwe": {"writable_session": "5"}}, "allow_writes": True},
            {},  # other phases need it, in the next run too
        ),
        ({"ids": {"calwe": {"open_session": "5"}}, "allow_writes": True}, {}),
        (
            {
                "ids": {"calwe": {"writable_session": "5", "session_to_use_up": "6"}},
                "allow_writes": True,
            },
            {"session_to_use_up": "6"},
        ),
    ],
)
def test_ids_of_operations_that_write_are_used_up(
    context: Make,
    stub: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    used_up: dict[str, str],
) -> None:
    class Stream:
        """No requests."""

        def execute(self) -> Stream:
            return self

        def stop(self) -> None:
            """It has ended already."""

        def __iter__(self) -> Iterator[events.EngineEvent]:
            return iter(())

    monkeypatch.setattr(generated, "from_schema", lambda _: Stream())
    made = context(stub(), "calwe", **settings)
    run_generated(made)
    assert made.results.used_up == used_up


def test_a_crash_in_schemathesis_truncates_the_run(context: Make, stub: Callable[..., str]) -> None:
    made = context(stub(200, b"[" * 100_000 + b"]" * 100_000))
    run_generated(made)
    assert made.results.truncated or made.results.requests > 0
    if not made.results.requests:
        assert "generated requests came to an end" in made.results.truncated[0]
