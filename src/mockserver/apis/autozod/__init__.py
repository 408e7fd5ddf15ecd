"""Autozod: how long an agent was on duty, day by day."""

from mockserver.action import functions
from mockserver.api import Api
from mockserver.apis.autozod import defects, experiments, handlers, laws, levers, model, seed, wire
from mockserver.law import experiments as experiments_of

api = Api(
    name="autozod",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    levers=functions(levers),
    laws=laws.LAWS,
    experiments=experiments_of(experiments),
    defects=defects.DEFECTS,
)
