"""Runs the phases over the APIs of a target, and reaches a verdict on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from enum import Enum

from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.discovery import Discovery, discover
from mockserver.check.http.connection import Connection, NoResponse, TimeLimitReached
from mockserver.check.http.mock import find_mock
from mockserver.check.http.workers import WorkerPool
from mockserver.check.phases.boundaries import run_boundaries
from mockserver.check.phases.cases import run_cases, run_workflows
from mockserver.check.phases.examples import run_examples
from mockserver.check.phases.generated import run_generated
from mockserver.check.target.target import Target
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import PHASES, Severity
from mockserver.check.validation.recognition import ENOUGH, explain_refusal, explain_stranger
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, reach_verdict
from mockserver.clock import SECOND, machine_now
from mockserver.errors import MockserverError

PHASE_RUNS: Mapping[str, Callable[[CheckContext], None]] = {
    "examples": run_examples,
    "cases": run_cases,
    "generated": run_generated,
    "workflows": run_workflows,
    "boundaries": run_boundaries,
}


class ProgressEvent(Enum):
    """What happens to a stage of a run."""

    BEGINS = "begins"
    RECORDS = "records"
    ENDS = "ends"


@dataclass
class Stage:
    """One phase over one API: how many exchanges it has recorded, and how many new findings."""

    api: str
    phase: str
    requests: int = 0
    findings: int = 0


Progress = Callable[[ProgressEvent, Stage], None]
"""Is called for each event, after the stage has counted it; for each exchange too, so be quick."""


class NotTheApi(MockserverError):
    """The target cannot be validated: no response, none of this API, or a refused credential."""


@dataclass(frozen=True)
class Plan:
    """The options of a run: its phases, its seed, how strict it is.

    It `is_partial` where options leave out operations of the target.
    """

    phases: frozenset[str] = frozenset(PHASES)
    seed: int = 20250821
    is_quick: bool = False
    is_partial: bool = False
    severity: Severity = field(default_factory=Severity)
    baseline: Baseline = field(default_factory=Baseline)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        is_reduced = self.is_quick or self.is_partial
        return self.phases == frozenset(PHASES) and not is_reduced


def is_complete(plan: Plan, verdicts: Iterable[Verdict]) -> bool:
    """Whether what a run has not found is not there: nothing was left out or cut short."""
    return plan.is_whole and all(
        it.is_validated and not (it.results and it.results.truncated) for it in verdicts
    )


def check(
    target: Target,
    apis: Iterable[Api],
    plan: Plan,
    progress: Progress = lambda _, __: None,
) -> Iterator[Verdict]:
    """Check the APIs of a target, one after the other.

    `progress` is called for each event. After a KeyboardInterrupt, yields the verdict on what there
    was, and raises it.
    """
    with connect(target, plan) as make_context:
        for api in apis:
            context = make_context(api)
            began = machine_now()
            try:
                for phase, run in PHASE_RUNS.items():
                    if phase in plan.phases:
                        context.results.phase = phase
                        with _report_progress(context, progress):
                            run_phase(context, run)
                require_the_api(context)
                require_acceptance(context)
                verdict = _reach_verdict(context, plan, began)
            except NotTheApi as error:
                verdict = _reach_verdict(context, plan, began)
                reason = context.target.mask.text(str(error))
                verdict = replace(verdict, inconclusive=(reason,), is_validated=False)
                if not context.results.recognised:  # what another server does wrong tells nothing
                    verdict = replace(verdict, failures=(), warnings=(), skipped=())
            except KeyboardInterrupt:
                reason = f"it was interrupted in the phase '{context.results.phase}'"
                yield replace(_reach_verdict(context, plan, began), inconclusive=(reason,))
                raise
            yield verdict


def _reach_verdict(context: CheckContext, plan: Plan, began: int) -> Verdict:
    verdict = reach_verdict(
        context.results,
        context.expected,
        plan.severity,
        plan.baseline,
        plan.phases,
        context.target.mask,
    )
    return replace(verdict, seconds=(machine_now() - began) / SECOND, seed=context.seed)


@contextmanager
def connect(target: Target, plan: Plan) -> Iterator[Callable[[Api], CheckContext]]:
    """Connect to a target; yields what makes the context of each API."""
    mock = find_mock(target)
    with (
        closing(mock) if mock else nullcontext(),
        closing(Connection(target)) as connection,
        closing(WorkerPool(connection, target.workers)) as pool,
    ):

        def make_context(api: Api) -> CheckContext:
            own = None if mock is None or api.name in mock.forwarded else mock
            ids = read_cases(api.name).mock_ids if own else {}
            results = Results(api, excluded=target.excluded.get(api.name, frozenset()))
            connection.on_retry = results.report_retry
            connection.on_failure = results.count_failure
            return CheckContext(
                target=target,
                api=api,
                connection=connection,
                pool=pool,
                results=results,
                ids={**ids, **target.ids.get(api.name, {})},
                # To a mock's own worlds always.
                may_write=own is not None or target.allow_writes,
                mock=own,
                seed=plan.seed,
                is_quick=plan.is_quick,
            )

        yield make_context


@contextmanager
def _report_progress(context: CheckContext, progress: Progress) -> Iterator[None]:
    results = context.results
    stage, before = Stage(context.api.name, results.phase), len(results.group_by_cause())

    def report(event: ProgressEvent) -> None:
        stage.findings = len(results.group_by_cause()) - before
        progress(event, stage)

    def count_request() -> None:
        stage.requests += 1
        report(ProgressEvent.RECORDS)
        if results.requests == ENOUGH:
            require_the_api(context)
            require_acceptance(context)

    results.on_record = count_request
    report(ProgressEvent.BEGINS)
    yield
    report(ProgressEvent.ENDS)


def discover_ids(context: CheckContext) -> Discovery:
    """Find ids of the target. Raises NotTheApi where it cannot be validated."""
    context.results.phase = "examples"
    try:
        discovery = discover(context)
    except (NoResponse, TimeLimitReached) as error:
        raise NotTheApi(str(error)) from error
    if not context.results.requests and context.results.findings:
        raise NotTheApi(next(iter(context.results.findings.values())).sentence)
    require_the_api(context)
    require_acceptance(context)
    return discovery


def run_phase(context: CheckContext, run: Callable[[CheckContext], None]) -> None:
    """Run a phase up to its end, or up to some requests in a row without a response."""
    results = context.results
    try:
        run(context)
    except NoResponse as error:
        if not results.requests:
            first = next(iter(results.findings.values()))
            raise NotTheApi(first.sentence) from error
        results.end_phase(f"the phase '{results.phase}' ended: {error}")
    except TimeLimitReached as error:
        results.end_phase(str(error))


def require_the_api(context: CheckContext) -> None:
    """Raise NotTheApi where no response is of the API."""
    if reason := explain_stranger(context.results, context.target):
        raise NotTheApi(reason)


def require_acceptance(context: CheckContext) -> None:
    """Raise NotTheApi where the credential was refused throughout."""
    if reason := explain_refusal(context.results, context.target):
        raise NotTheApi(reason)
