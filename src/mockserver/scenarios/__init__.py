"""Scenarios: worlds written down in YAML, checked whole before anything of them is loaded."""

from mockserver.scenarios.reading import find, load
from mockserver.scenarios.scenario import Scenario
from mockserver.scenarios.world import blueprint

__all__ = ["Scenario", "blueprint", "find", "load"]
