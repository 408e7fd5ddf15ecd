"""Schemathesis sends the requests; every answer is judged by us."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from schemathesis.core.errors import NoLinksFound
from schemathesis.engine import events
from schemathesis.engine.run import PhaseName

from mockserver.check.connection import TimeOver
from mockserver.check.layers import generated
from mockserver.check.layers.generated import run_generated
from mockserver.check.trial import Trial

Make = Callable[..., Trial]


def test_the_mock_has_no_finding_and_each_operation_succeeds(trial: Make, mock_url: str) -> None:
    made = trial(mock_url, "calwe")
    run_generated(made)
    assert made.ledger.findings == {}
    assert made.ledger.unchecked == []
    for operation in made.api.contract.operations:
        statuses = made.ledger.statuses(operation.id)
        assert statuses[200] > 0
        assert sum(statuses.values()) > 10


def test_the_same_seed_sends_the_same_requests(trial: Make, mock_url: str) -> None:
    runs = []
    for _ in range(2):
        made = trial(mock_url, "ekran")
        run_generated(made)
        runs.append(
            [
                (exchange.request.method, exchange.request.path, exchange.request.query)
                for _, _, exchange in made.ledger.traffic
            ]
        )
    assert runs[0] == runs[1]
    assert len(runs[0]) > 30


def test_what_a_deployment_gets_wrong_is_found_by_our_judge(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    row = b'[{"clientGuid":"a","logoutDate":null,"loginDate":"2000-01-23","sessionId":"1"}]'
    made = trial(rogue(saying(200, row)))
    run_generated(made)
    places = {one.place for one in made.ledger.findings.values()}
    assert {"/response/body/*/loginDate", "/response/body/*/sessionId"} <= places
    codes = {one.code for one in made.ledger.findings.values()}
    assert "required" in codes
    assert "pattern" in codes


def test_a_server_error_is_found(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying(500, b"{}")))
    run_generated(made)
    assert "server-error" in {one.code for one in made.ledger.findings.values()}


def test_generated_requests_take_turns_with_all_the_others(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying()))
    turns = []
    made.connection.take_turn = lambda: turns.append(1)  # type: ignore[method-assign]
    run_generated(made)
    assert len(turns) >= made.ledger.requests > 30


def test_generated_requests_end_with_the_time(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying()))
    turns = []

    def take_turn() -> None:
        turns.append(1)
        check_time()

    def check_time() -> None:
        if len(turns) >= 10:
            raise TimeOver("The time is over")

    made.connection.take_turn = take_turn  # type: ignore[method-assign]
    made.connection.check_time = check_time  # type: ignore[method-assign]
    with pytest.raises(TimeOver):
        run_generated(made)
    assert 10 <= len(turns) <= 12


def test_the_time_that_is_left_is_not_filled_with_requests(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    url = rogue(saying())
    with_limit, without = trial(url, time_limit=600), trial(url)
    run_generated(with_limit)
    run_generated(without)
    assert with_limit.ledger.requests == without.ledger.requests


def test_neither_a_proxy_nor_a_password_of_the_environment_is_minded(
    trial: Make,
    rogue: Callable[..., str],
    saying: Callable[..., Any],
    unused_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credentials: set[str | None] = set()

    def answer(handler: Any) -> None:
        credentials.add(handler.headers["Authorization"])
        saying()(handler)

    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, unused_url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = trial(rogue(answer))
    run_generated(made)
    assert [one.code for one in made.ledger.findings.values() if one.code == "no-answer"] == []
    assert credentials == {None}


def test_chains_that_write_are_said_to_be_unchecked(
    trial: Make,
    rogue: Callable[..., str],
    saying: Callable[..., Any],
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
    made = trial(rogue(saying()))
    run_generated(made)
    assert made.ledger.unchecked == ["generated: no chains of requests along the links: they write"]


def test_a_crash_in_schemathesis_is_told_and_proves_nothing(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying(200, b"[" * 100_000 + b"]" * 100_000)))
    run_generated(made)
    assert made.ledger.cut or made.ledger.requests > 0
    if not made.ledger.requests:
        assert "generated requests came to an end" in made.ledger.cut[0]


def test_the_contract_stays_as_it_is(trial: Make, mock_url: str) -> None:
    made = trial(mock_url, "calwe")
    before = orjson.dumps(made.api.contract.document)
    run_generated(made)
    assert orjson.dumps(made.api.contract.document) == before
