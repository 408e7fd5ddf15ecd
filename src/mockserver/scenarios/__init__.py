"""Scenarios: worlds written down in YAML, checked whole before anything of them is loaded."""

from mockserver.scenarios.reading import Scenario, find, load
from mockserver.scenarios.world import blueprint

__all__ = ["Scenario", "blueprint", "find", "load"]
