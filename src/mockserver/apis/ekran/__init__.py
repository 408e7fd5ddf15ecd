"""Ekran: the sessions of monitored users."""

from mockserver.action import functions
from mockserver.api import Api
from mockserver.apis.ekran import defects, experiments, handlers, laws, levers, model, seed, wire
from mockserver.defect import defects as defects_of
from mockserver.law import experiments as experiments_of

api = Api(
    name="ekran",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=functions(seed),
    levers=functions(levers),
    laws=laws.LAWS,
    experiments=experiments_of(experiments),
    defects=defects_of(defects),
)
