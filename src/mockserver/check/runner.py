"""Runs the phases over the APIs of a target, and reaches a verdict on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.connection import Connection, NoAnswer, TimeOver
from mockserver.check.http.mock import Mock, find_mock
from mockserver.check.phases.boundaries import run_boundaries
from mockserver.check.phases.cases import run_cases
from mockserver.check.phases.examples import run_examples
from mockserver.check.phases.generated import run_generated
from mockserver.check.phases.workflows import run_invariants
from mockserver.check.progress import Progress, ProgressEvent, Stage, unwatched
from mockserver.check.target.target import Target
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import PHASES, Severity
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, reach
from mockserver.clock import SECOND, machine_now
from mockserver.errors import MockserverError

__all__ = ["PHASE_RUNS", "NotTheApi", "Plan", "check"]

PHASE_RUNS: Mapping[str, Callable[[CheckContext], None]] = {
    "examples": run_examples,
    "cases": run_cases,
    "generated": run_generated,
    "invariants": run_invariants,
    "boundaries": run_boundaries,
}


class NotTheApi(MockserverError):
    """The target cannot be validated: nobody answers there, or something else than the API."""


@dataclass(frozen=True)
class Plan:
    """What a run does: which phases, with which seed, how strictly."""

    phases: frozenset[str] = frozenset(PHASES)
    seed: int = 20250821
    is_quick: bool = False
    severity: Severity = field(default_factory=Severity)
    baseline: Baseline = field(default_factory=Baseline)

    @property
    def is_whole(self) -> bool:
        """Whether everything is done that there is to do."""
        return self.phases == frozenset(PHASES) and not self.is_quick


def check(
    target: Target,
    apis: Iterable[Api],
    plan: Plan,
    progress: Progress = unwatched,
) -> Iterator[Verdict]:
    """The verdicts on a target's APIs, one after the other.

    `progress` is told how each phase goes on. Raises NotTheApi when the target does not answer, or
    never as the API would; and KeyboardInterrupt, but not before the verdict on what there was.
    """
    with _mock(target) as mock, closing(Connection(target)) as connection:
        for api in apis:
            cases = read_cases(api.name)
            context = CheckContext(
                target=target,
                api=api,
                connection=connection,
                results=Results(api),
                ids={**(cases.of_mock if mock else {}), **target.ids.get(api.name, {})},
                mock=mock,
                seed=plan.seed,
                is_quick=plan.is_quick,
            )
            began = machine_now()
            try:
                _run(context, plan, progress)
                verdict = _reach(context, plan, began)
            except KeyboardInterrupt:
                reason = f"it was interrupted in the phase '{context.results.phase}'"
                yield replace(_reach(context, plan, began), inconclusive=(reason,))
                raise
            yield verdict


def _reach(context: CheckContext, plan: Plan, began: int) -> Verdict:
    verdict = reach(context, plan.severity, plan.baseline, plan.phases)
    return replace(verdict, seconds=(machine_now() - began) / SECOND, seed=context.seed)


@contextmanager
def _mock(target: Target) -> Iterator[Mock | None]:
    mock = find_mock(target)
    try:
        yield mock
    finally:
        if mock:
            mock.close()


def _run(context: CheckContext, plan: Plan, progress: Progress) -> None:
    for name in PHASE_RUNS:
        if name in plan.phases:
            context.results.phase = name
            with _watched(context, progress):
                _run_phase(context, PHASE_RUNS[name])
    if _is_another(context):
        raise NotTheApi(
            f"'{context.target.url}' does not speak the API '{context.api.name}': no answer was as its "
            f"contract says; is the URL right?{_first(context.results)}"
        )


def _first(results: Results) -> str:
    """The first thing that was found, for who is sure that the URL is right."""
    sentence = next((finding.sentence for finding in results.findings.values()), "")
    return f" The first thing that was wrong: {sentence[:300]}" if sentence else ""


@contextmanager
def _watched(context: CheckContext, progress: Progress) -> Iterator[None]:
    """Tell how a phase goes on."""
    results = context.results
    stage, before = Stage(context.api.name, results.phase), len(results.findings)

    def tell(event: ProgressEvent) -> None:
        stage.findings = len(results.findings) - before
        progress(event, stage)

    def recorded() -> None:
        stage.requests += 1
        tell(ProgressEvent.RECORDS)

    results.recorded = recorded
    tell(ProgressEvent.BEGINS)
    yield
    tell(ProgressEvent.ENDS)


def _run_phase(context: CheckContext, run: Callable[[CheckContext], None]) -> None:
    try:
        run(context)
    except NoAnswer as error:
        if not context.results.requests:
            raise NotTheApi(str(error)) from error
        context.results.fail(str(error))
    except TimeOver as error:
        context.results.truncated.append(str(error))


def _is_another(context: CheckContext) -> bool:
    """Whether no answer at all was as the contract says."""
    results = context.results
    return results.requests > 0 and not results.conforming
