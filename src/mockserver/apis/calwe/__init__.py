"""Calwe: the session log of a customer's or coach's session."""

from mockserver.action import functions
from mockserver.api import Api
from mockserver.apis.calwe import defects, experiments, handlers, laws, levers, model, seed, wire
from mockserver.law import experiments as experiments_of

api = Api(
    name="calwe",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=model.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    levers=functions(levers),
    laws=laws.LAWS,
    experiments=experiments_of(experiments),
    defects=defects.DEFECTS,
)
