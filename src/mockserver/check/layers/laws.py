"""Laws: the experiments of an API, in which its laws find something to judge."""

from __future__ import annotations

from mockserver.check.trial import Trial
from mockserver.law import Experiment

__all__ = ["run_laws"]


def run_laws(trial: Trial) -> None:
    """Run each experiment that the target allows, in a world of its own where there are worlds."""
    for experiment in trial.api.experiments:
        missing = trial.missing(experiment.needs)
        if missing:
            names = ", ".join(missing)
            trial.ledger.leave_out(f"experiment '{experiment.name}': no known {names}")
        elif experiment.writes and not trial.may_write:
            trial.ledger.leave_out(f"experiment '{experiment.name}': it writes")
        else:
            _run(trial, experiment)


def _run(trial: Trial, experiment: Experiment) -> None:
    with trial.thread(experiment.world) as ask:
        experiment.run(ask, trial.known)
