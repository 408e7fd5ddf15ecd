"""Ekran: the sessions of monitored users."""

from mockserver.api import Api
from mockserver.apis.ekran import (
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
from mockserver.mutation import mutations as mutations_of

api = Api(
    name="ekran",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    events=functions(events),
    invariants=invariants.INVARIANTS,
    workflows=workflows_of(workflows),
    mutations=mutations_of(mutations),
)
