"""Ekran: the sessions of monitored users."""

from mockserver.action import functions
from mockserver.api import Api
from mockserver.apis.ekran import handlers, levers, model, seed, wire

api = Api(
    name="ekran",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    levers=functions(levers),
)
