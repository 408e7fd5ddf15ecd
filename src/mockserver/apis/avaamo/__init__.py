"""Avaamo: the changelog of the live agent console."""

from mockserver.api import Api, functions
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
