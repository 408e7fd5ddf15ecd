"""Ekran: the sessions of monitored users."""

from mockserver.api import Api
from mockserver.apis.ekran import events, handlers, inference, model, seed, wire
from mockserver.event import collect_functions

api = Api(
    name="ekran",
    handlers=collect_functions(handlers),
    refuse=wire.refuse_http_error,
    refuse_invalid=wire.refuse_invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=collect_functions(seed),
    events=collect_functions(events),
    infer=inference.infer,
)
