"""Scenarios: worlds written down in YAML, checked whole before anything of them is loaded."""

from mockserver.scenarios.checking import check_scenario
from mockserver.scenarios.clocks import ClockFault, read_clock
from mockserver.scenarios.library import Library, find_scenario
from mockserver.scenarios.loader import load, load_data, load_text
from mockserver.scenarios.publishing import build_editor_schema
from mockserver.scenarios.relations import lies_inside
from mockserver.scenarios.scenario import Scenario
from mockserver.scenarios.snapshot_file import read_snapshot, write_snapshot
from mockserver.scenarios.world import add_to_world, build_template

__all__ = [
    "ClockFault",
    "Library",
    "Scenario",
    "add_to_world",
    "build_editor_schema",
    "build_template",
    "check_scenario",
    "find_scenario",
    "lies_inside",
    "load",
    "load_data",
    "load_text",
    "read_clock",
    "read_snapshot",
    "write_snapshot",
]
