"""Runs the contract kit against a reference server in this process, and shows what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx

from mockserver import apis
from mockserver.check.runner import PHASE_RUNS, Plan, check, connect
from mockserver.check.target.target import Target
from mockserver.check.validation.verdict import Verdict, make_verdict
from mockserver.kit import load_kit

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

Choices = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """What the kit says of one variant of a reference server, and what it should say."""

    variant: str
    expected: str
    verdict: Verdict

    @property
    def is_right(self) -> bool:
        # A run ends early where no response is one of the API; what it has found are failures.
        is_failure = self.expected == "fail" and bool(self.verdict.failures)
        return is_failure or self.verdict.outcome == self.expected

    def __str__(self) -> str:
        found = [f"{failure.source}: {failure.sentence}" for failure in self.verdict.failures]
        reasons = [f"      {text:.300}" for text in (*found, *self.verdict.inconclusive)]
        outcome = f"{self.verdict.outcome} for {self.expected}, {len(found)} failures"
        warnings = f"{len(self.verdict.warnings)} warnings"
        return "\n".join([f"{outcome}, {warnings}: {self.variant}", *reasons])


def run_kit(
    server: ModuleType, choices: Choices, bug: str, phases: Iterable[str], **target: Any
) -> Verdict:
    """Run some phases against a variant of a reference server, or single workflows by name."""
    name = server.__name__.rpartition(".")[2]
    api = apis.load([name])[name]
    transport = httpx.WSGITransport(_encode_paths(server.make_app(choices, bug)))
    # Without a time limit, requests are sent in this thread.
    deployment = Target(
        "reference", "http://reference.example", timeout=0, transport=transport, **target
    )
    plan = Plan(phases=frozenset(phases), is_quick=True)
    if plan.phases <= PHASE_RUNS.keys():
        (verdict,) = check(deployment, [api], plan)
        return verdict
    with connect(deployment, plan) as make_context:
        context = make_context(api)
        context.results.phase = "workflows"
        for workflow in load_kit(api).workflows:
            if workflow.name in plan.phases:
                with context.sequence() as call:
                    workflow.run(call, context.ids)
        return make_verdict(context.results, plan.severity, plan.baseline)


def _encode_paths(app: WSGIApplication) -> WSGIApplication:
    """An application for the transport of httpx, which has paths as text (PEP 3333: as bytes)."""

    def call(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("utf-8", "replace").decode("latin-1")
        return app({**environ, "PATH_INFO": path}, start_response)

    return call


def show(rows: Sequence[Row]) -> str:
    """A table of the variants whose verdicts are wrong, below the number of all."""
    wrong = [row for row in rows if not row.is_right]
    return "\n".join([f"{len(wrong)} of {len(rows)} verdicts are wrong:", *map(str, wrong)])


_Value = tuple[str, str]


def cover_pairs(choices: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Variants in which every two values of different choices occur together, greedily few."""
    values = [(name, value) for name in choices for value in choices[name]]
    missing = {frozenset(pair) for pair in combinations(values, 2) if pair[0][0] != pair[1][0]}
    order = sorted(choices, key=lambda name: -len(choices[name]))
    while missing:
        # It begins with a missing pair, so that every variant has at least one.
        chosen = sorted(min(missing, key=sorted))
        for name in order:
            if name not in dict(chosen):
                chosen.append(_choose(name, choices[name], chosen, missing))
        missing -= set(map(frozenset, combinations(chosen, 2)))
        yield dict(chosen)


def _choose(
    name: str, values: Sequence[str], chosen: list[_Value], missing: set[frozenset[_Value]]
) -> _Value:
    """The value of a choice that has the most missing pairs with those that are chosen."""
    candidates = [(name, value) for value in values]
    return max(
        candidates,
        key=lambda candidate: sum(frozenset((candidate, other)) in missing for other in chosen),
    )
