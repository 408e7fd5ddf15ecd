"""Events of an agent, who goes on duty and off it."""

from __future__ import annotations

from mockserver.apis.autozod import model
from mockserver.clock import SECOND, to_datetime
from mockserver.errors import EventError
from mockserver.event import get_subject
from mockserver.sandbox import World


def go_on_duty(world: World, agent: str) -> None:
    """The agent goes on duty now."""
    get_subject(world, "agent", agent)
    if model.get_running_duty(world, agent):
        raise EventError(f"the agent '{agent}' is on duty already")
    world.documents.append(model.build_duty(agent, world.now // SECOND, None))


def go_off_duty(world: World, agent: str) -> None:
    """The agent goes off duty now."""
    get_subject(world, "agent", agent)
    duty = model.get_running_duty(world, agent)  # or one that is yet to begin
    if duty is None or (duty.at or 0) > world.now:
        raise EventError(f"the agent '{agent}' is not on duty")
    body = {**duty.body, "end": to_datetime(world.now // SECOND * SECOND).isoformat()}
    world.documents.replace(model.DUTY.document(body, key=duty.key))
