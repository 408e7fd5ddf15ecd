"""Autozod: how long an agent was on duty, day by day."""

from mockserver.api import Api
from mockserver.apis.autozod import events, handlers, model, seed, wire
from mockserver.event import functions

api = Api(
    name="autozod",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    events=functions(events),
)
