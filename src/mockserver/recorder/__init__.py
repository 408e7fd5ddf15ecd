"""The recorder: a scenario out of recorded exchanges, of a HAR or of a server."""

from mockserver.recorder.exchange import Cleaner, RecordedExchange, find_unfit, replaces_world
from mockserver.recorder.recorder import (
    NothingRecorded,
    RecordedScenario,
    RecordingOptions,
    format_exchanges,
    make_scenario,
    record_journal,
    record_traffic,
)
from mockserver.recorder.spool import SpoolWriter

__all__ = [
    "Cleaner",
    "NothingRecorded",
    "RecordedExchange",
    "RecordedScenario",
    "RecordingOptions",
    "SpoolWriter",
    "find_unfit",
    "format_exchanges",
    "make_scenario",
    "record_journal",
    "record_traffic",
    "replaces_world",
]
