"""Autozod: how long an agent was on duty, day by day."""

from mockserver.action import functions
from mockserver.api import Api
from mockserver.apis.autozod import handlers, levers, model, seed, wire

api = Api(
    name="autozod",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    levers=functions(levers),
)
