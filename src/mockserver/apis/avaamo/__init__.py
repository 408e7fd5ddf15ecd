"""Avaamo: the changelog of the live agent console."""

from mockserver.action import functions
from mockserver.api import Api
from mockserver.apis.avaamo import defects, experiments, handlers, laws, levers, model, seed, wire
from mockserver.defect import defects as defects_of
from mockserver.law import experiments as experiments_of

api = Api(
    name="avaamo",
    handlers=functions(handlers),
    refuse=wire.refused,
    invalid=wire.invalid,
    kinds=model.KINDS,
    generators=functions(seed),
    levers=functions(levers),
    laws=laws.LAWS,
    experiments=experiments_of(experiments),
    defects=defects_of(defects),
)
