"""Autozod: how long an agent was on duty, day by day."""

from mockserver.api import Api
from mockserver.apis.autozod import (
    events,
    handlers,
    invariants,
    model,
    mutations,
    seed,
    wire,
    workflows,
)
from mockserver.event import functions
from mockserver.invariant import workflows as workflows_of

api = Api(
    name="autozod",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    events=functions(events),
    invariants=invariants.INVARIANTS,
    workflows=workflows_of(workflows),
    mutations=mutations.MUTATIONS,
)
