"""Invariants: the workflows of an API, in which its invariants find something to judge."""

from __future__ import annotations

from mockserver.check.context import CheckContext
from mockserver.invariant import Workflow
from mockserver.kit import load_kit

__all__ = ["run_invariants"]


def run_invariants(context: CheckContext) -> None:
    """Run each workflow that the target allows, in a world of its own where there are worlds."""
    for workflow in load_kit(context.api).workflows:
        missing = context.missing(workflow.needs)
        if missing:
            names = ", ".join(missing)
            context.results.leave_out(f"workflow '{workflow.name}': no id for {names}")
        elif workflow.writes and not context.may_write:
            context.results.leave_out(f"workflow '{workflow.name}': it writes")
        else:
            _run(context, workflow)


def _run(context: CheckContext, workflow: Workflow) -> None:
    with context.sequence(workflow.world) as ask:
        workflow.run(ask, context.ids)
