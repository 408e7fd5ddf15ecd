"""Avaamo: the changelog of the live agent console."""

from mockserver.api import Api
from mockserver.apis.avaamo import events, handlers, inference, model, seed, wire
from mockserver.event import collect_functions

api = Api(
    name="avaamo",
    handlers=collect_functions(handlers),
    refuse=wire.refuse_http_error,
    refuse_invalid=wire.refuse_invalid,
    kinds=model.KINDS,
    generators=collect_functions(seed),
    events=collect_functions(events),
    infer=inference.infer,
)
