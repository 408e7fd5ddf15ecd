"""Calwe: the session log of a customer's or coach's session."""

from mockserver.api import Api
from mockserver.apis.calwe import (
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
    name="calwe",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=model.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    events=functions(events),
    invariants=invariants.INVARIANTS,
    workflows=workflows_of(workflows),
    mutations=mutations.MUTATIONS,
)
