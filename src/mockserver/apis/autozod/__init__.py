"""Autozod: how long an agent was on duty, day by day."""

from mockserver.api import Api
from mockserver.apis.autozod import events, handlers, inference, model, seed, wire
from mockserver.event import collect_functions

api = Api(
    name="autozod",
    handlers=collect_functions(handlers),
    refuse=wire.refuse_http_error,
    refuse_invalid=wire.refuse_invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=collect_functions(seed),
    events=collect_functions(events),
    infer=inference.infer,
)
