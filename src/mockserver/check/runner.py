"""Runs the layers over the APIs of a target, and reaches a verdict on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

from mockserver.api import Api
from mockserver.check.baseline import Baseline
from mockserver.check.connection import Connection, NoAnswer, TimeOver
from mockserver.check.finding import LAYERS, Severity
from mockserver.check.layers.examples import run_examples
from mockserver.check.layers.generated import run_generated
from mockserver.check.layers.laws import run_laws
from mockserver.check.layers.probes import run_probes
from mockserver.check.layers.provocations import run_provocations
from mockserver.check.ledger import Ledger
from mockserver.check.mock import Mock, find_mock
from mockserver.check.progress import Event, Progress, Stage, unwatched
from mockserver.check.recipes import read_recipes
from mockserver.check.target import Target
from mockserver.check.trial import Trial
from mockserver.check.verdict import Verdict, reach
from mockserver.clock import SECOND, machine_now
from mockserver.errors import MockserverError

__all__ = ["LAYER_RUNS", "NotTheApi", "Plan", "check"]

LAYER_RUNS: Mapping[str, Callable[[Trial], None]] = {
    "examples": run_examples,
    "provocations": run_provocations,
    "generated": run_generated,
    "laws": run_laws,
    "probes": run_probes,
}


class NotTheApi(MockserverError):
    """The target cannot be judged: nobody answers there, or something else than the API."""


@dataclass(frozen=True)
class Plan:
    """What a run does: which layers, with which seed, how strictly."""

    layers: frozenset[str] = frozenset(LAYERS)
    seed: int = 20250821
    is_quick: bool = False
    severity: Severity = field(default_factory=Severity)
    baseline: Baseline = field(default_factory=Baseline)

    @property
    def is_whole(self) -> bool:
        """Whether everything is done that there is to do."""
        return self.layers == frozenset(LAYERS) and not self.is_quick


def check(
    target: Target,
    apis: Iterable[Api],
    plan: Plan,
    progress: Progress = unwatched,
) -> Iterator[Verdict]:
    """The verdicts on a target's APIs, one after the other.

    `progress` is told how each layer goes on. Raises NotTheApi when the target does not answer, or
    never as the API would; and KeyboardInterrupt, but not before the verdict on what there was.
    """
    with _mock(target) as mock, closing(Connection(target)) as connection:
        for api in apis:
            recipes = read_recipes(api.name)
            trial = Trial(
                target=target,
                api=api,
                connection=connection,
                ledger=Ledger(api),
                known={**(recipes.of_mock if mock else {}), **target.known.get(api.name, {})},
                mock=mock,
                seed=plan.seed,
                is_quick=plan.is_quick,
            )
            began = machine_now()
            try:
                _run(trial, plan, progress)
                verdict = _reach(trial, plan, began)
            except KeyboardInterrupt:
                doubt = f"it was interrupted in the layer '{trial.ledger.layer}'"
                yield replace(_reach(trial, plan, began), doubts=(doubt,))
                raise
            yield verdict


def _reach(trial: Trial, plan: Plan, began: int) -> Verdict:
    verdict = reach(trial, plan.severity, plan.baseline, plan.layers)
    return replace(verdict, seconds=(machine_now() - began) / SECOND, seed=trial.seed)


@contextmanager
def _mock(target: Target) -> Iterator[Mock | None]:
    mock = find_mock(target)
    try:
        yield mock
    finally:
        if mock:
            mock.close()


def _run(trial: Trial, plan: Plan, progress: Progress) -> None:
    for name in LAYER_RUNS:
        if name in plan.layers:
            trial.ledger.layer = name
            with _watched(trial, progress):
                _run_layer(trial, LAYER_RUNS[name])
    if _is_another(trial):
        raise NotTheApi(
            f"'{trial.target.url}' does not speak the API '{trial.api.name}': no answer was as its "
            f"contract says; is the URL right?{_first(trial.ledger)}"
        )


def _first(ledger: Ledger) -> str:
    """The first thing that was found, for who is sure that the URL is right."""
    sentence = next((finding.sentence for finding in ledger.findings.values()), "")
    return f" The first thing that was wrong: {sentence[:300]}" if sentence else ""


@contextmanager
def _watched(trial: Trial, progress: Progress) -> Iterator[None]:
    """Tell how a layer goes on."""
    ledger = trial.ledger
    stage, before = Stage(trial.api.name, ledger.layer), len(ledger.findings)

    def tell(event: Event) -> None:
        stage.findings = len(ledger.findings) - before
        progress(event, stage)

    def recorded() -> None:
        stage.requests += 1
        tell(Event.RECORDS)

    ledger.recorded = recorded
    tell(Event.BEGINS)
    yield
    tell(Event.ENDS)


def _run_layer(trial: Trial, run: Callable[[Trial], None]) -> None:
    try:
        run(trial)
    except NoAnswer as error:
        if not trial.ledger.requests:
            raise NotTheApi(str(error)) from error
        trial.ledger.fail(str(error))
    except TimeOver as error:
        trial.ledger.cut.append(str(error))


def _is_another(trial: Trial) -> bool:
    """Whether no answer at all was as the contract says."""
    ledger = trial.ledger
    return ledger.requests > 0 and not ledger.conforming
