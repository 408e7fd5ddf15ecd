"""Ekran: the sessions of monitored users."""

from mockserver.api import Api
from mockserver.apis.ekran import events, handlers, model, seed, wire
from mockserver.event import functions

api = Api(
    name="ekran",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    events=functions(events),
)
