"""Scenarios: worlds that are described in YAML and validated as a whole before they are loaded."""

from mockserver.scenarios.library import Library, find_scenario
from mockserver.scenarios.loader import load, load_stream
from mockserver.scenarios.scenario import ClockFault, Scenario, read_clock
from mockserver.scenarios.schema import build_editor_schema, build_kind_schema
from mockserver.scenarios.snapshot_file import read_snapshot, write_snapshot
from mockserver.scenarios.template import add_to_world, build_template, check_scenario

__all__ = [
    "ClockFault",
    "Library",
    "Scenario",
    "add_to_world",
    "build_editor_schema",
    "build_kind_schema",
    "build_template",
    "check_scenario",
    "find_scenario",
    "load",
    "load_stream",
    "read_clock",
    "read_snapshot",
    "write_snapshot",
]
