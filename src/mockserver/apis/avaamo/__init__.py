"""Avaamo: the changelog of the live agent console."""

from mockserver.api import Api
from mockserver.apis.avaamo import events, handlers, model, seed, wire
from mockserver.event import functions

api = Api(
    name="avaamo",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    generators=functions(seed),
    events=functions(events),
)
