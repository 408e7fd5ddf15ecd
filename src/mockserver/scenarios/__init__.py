"""Scenarios: worlds written down in YAML, checked whole before anything of them is loaded."""

from mockserver.scenarios.checking import check
from mockserver.scenarios.publishing import editor_schema
from mockserver.scenarios.reading import find, load
from mockserver.scenarios.scenario import Scenario
from mockserver.scenarios.world import blueprint

__all__ = ["Scenario", "blueprint", "check", "editor_schema", "find", "load"]
