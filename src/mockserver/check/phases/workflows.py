"""The phase `workflows`: the workflows of an API, whose interactions its invariants apply to."""

from __future__ import annotations

from mockserver.check.context import CheckContext
from mockserver.kit import load_kit


def run_workflows(context: CheckContext) -> None:
    """Run each workflow that the target allows, in a world of its own where it is a mock."""
    for workflow in load_kit(context.api).workflows:
        if context.can_run(f"workflow '{workflow.name}'", workflow.needs, writes=workflow.writes):
            with context.sequence(workflow.world) as call:
                workflow.run(call, context.ids)
