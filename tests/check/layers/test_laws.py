"""Experiments are run in worlds of their own, and what cannot be run is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.check.layers.laws import run_laws
from mockserver.check.ledger import Ledger
from mockserver.check.trial import Trial
from mockserver.law import Ask, Seen, experiment, law

Make = Callable[..., Trial]


@law("listSessions", evidence="documented")
def is_the_same_twice(now: Seen, before: Sequence[Seen]) -> list[str] | None:
    """The list does not change."""
    if not before:
        return None
    same = now.answer == before[0].answer
    return [] if same else [f"{len(before[0].answer)} rows became {len(now.answer)}"]


@experiment(world="documented")
def asks_twice(ask: Ask, _: Mapping[str, str]) -> None:
    """The same list, twice."""
    ask("listSessions")
    ask("listSessions")


@experiment("nobody")
def needs_somebody(_: Ask, __: Mapping[str, str]) -> None:
    """Never run."""
    raise AssertionError


@experiment(writes=True)
def writes(ask: Ask, _: Mapping[str, str]) -> None:
    """Run where writing is allowed."""
    ask("listSessions")


def _prepared(made: Trial) -> Trial:
    experiments = (asks_twice, needs_somebody, writes)
    made.api = replace(made.api, laws=(is_the_same_twice,), experiments=experiments)
    made.ledger = Ledger(made.api, layer="laws")
    return made


def test_a_law_meets_what_an_experiment_asks_in_one_thread(trial: Make, mock_url: str) -> None:
    made = _prepared(trial(mock_url))
    run_laws(made)
    assert made.ledger.findings == {}
    assert made.ledger.court.met == {"is-the-same-twice": 1}
    assert made.ledger.requests == 3
    assert made.ledger.unchecked == ["experiment 'needs-somebody': no known nobody"]


def test_a_deployment_is_not_written_to_and_a_breach_is_found(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    bodies = iter([b"{}", b"[]", b"[1]"])  # the first is asked for by whoever looks for a mock
    made = _prepared(trial(rogue(lambda handler: saying(200, next(bodies))(handler))))
    run_laws(made)
    laws = [one for one in made.ledger.findings.values() if one.code == "law"]
    assert [one.sentence for one in laws] == ["The list does not change. But 0 rows became 1"]
    assert "experiment 'writes': it writes" in made.ledger.unchecked
