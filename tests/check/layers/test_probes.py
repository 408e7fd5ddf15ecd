"""A fixed pack at the edges of the contract."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.layers.probes import run_probes
from mockserver.check.trial import Trial

Make = Callable[..., Trial]


@pytest.mark.parametrize("name", apis.names())
def test_the_mock_bears_the_pack(trial: Make, mock_url: str, name: str) -> None:
    made = trial(mock_url, name)
    run_probes(made)
    assert made.ledger.findings == {}
    assert made.ledger.unchecked == []
    assert made.ledger.requests > 40


def test_the_pack_is_the_same_every_time(trial: Make, mock_url: str) -> None:
    packs = []
    for _ in range(2):
        made = trial(mock_url, "avaamo")
        run_probes(made)
        packs.append([exchange.request.query for _, _, exchange in made.ledger.traffic])
    assert packs[0] == packs[1]


def test_a_deployment_that_takes_everything_is_found(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying(200, b"[]")))
    run_probes(made)
    taken = {one.place for one in made.ledger.findings.values() if "answered 200" in one.sentence}
    assert taken == {"/request/query/start", "/request/query/end"}


def test_a_deployment_that_reads_the_order_of_parameters_is_found(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = b"[1]" if "unexpected" in handler.path else b"[]"
        saying(200, body)(handler)

    made = trial(rogue(answer))
    run_probes(made)
    (found,) = [one for one in made.ledger.findings.values() if one.code == "not-the-same"]
    assert found.sentence == (
        "The same request with a parameter that the contract does not have is answered otherwise"
    )


def test_what_is_not_known_is_said_to_be_unchecked(
    trial: Callable[..., Trial], rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying(404, b"{}")), "calwe", known={"calwe": {"open_session": "1"}})
    run_probes(made)
    assert made.ledger.unchecked == [
        "probes of createSessionLog: it writes",
        "probes of listCoachSessionLogs: no known shared_session",
        "probes of createCoachSessionLog: it writes",
    ]
