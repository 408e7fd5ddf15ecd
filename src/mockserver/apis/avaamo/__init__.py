"""Avaamo: the changelog of the live agent console."""

from mockserver.action import functions
from mockserver.api import Api
from mockserver.apis.avaamo import handlers, levers, model, seed, wire

api = Api(
    name="avaamo",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    generators=functions(seed),
    levers=functions(levers),
)
