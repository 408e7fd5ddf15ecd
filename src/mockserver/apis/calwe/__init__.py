"""Calwe: the session log of a customer's or coach's session."""

from mockserver.api import Api
from mockserver.apis.calwe import events, handlers, model, seed, wire
from mockserver.event import functions

api = Api(
    name="calwe",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=model.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    events=functions(events),
)
