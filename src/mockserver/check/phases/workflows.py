"""The phase `workflows`: the workflows of an API, whose interactions its invariants apply to."""

from __future__ import annotations

from mockserver.check.context import CheckContext
from mockserver.kit import load_kit


def run_workflows(context: CheckContext) -> None:
    """Run each workflow that the target allows, in a world of its own where it is a mock."""
    for workflow in load_kit(context.api).workflows:
        name = f"workflow '{workflow.name}'"
        missing = context.list_missing_ids(workflow.needs)
        if missing:
            context.results.skip(f"{name}: no id for {', '.join(missing)}")
        elif workflow.writes and not context.may_write:
            context.results.skip(f"{name}: it writes")
        else:
            with context.sequence(workflow.world) as call:
                workflow.run(call, context.ids)
