"""Calwe: the session log of a customer's or coach's session."""

from mockserver.api import Api
from mockserver.apis.calwe import events, handlers, inference, model, seed, wire
from mockserver.event import collect_functions

api = Api(
    name="calwe",
    handlers=collect_functions(handlers),
    refuse=wire.refuse_http_error,
    refuse_invalid=model.refuse_invalid,
    kinds=model.KINDS,
    formats=wire.FORMATS,
    generators=collect_functions(seed),
    events=collect_functions(events),
    infer=inference.infer,
)
