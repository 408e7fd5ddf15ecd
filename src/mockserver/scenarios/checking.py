"""Checks a scenario as far as it can be checked: by making the world that it describes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from mockserver.api import Api
from mockserver.errors import ScenarioError, ScenarioFault
from mockserver.sandbox import Sandboxes
from mockserver.scenarios.loader import load
from mockserver.scenarios.world import build_template
from mockserver.store import Store

__all__ = ["check_scenario"]


def check_scenario(path: Path, apis: Mapping[str, Api]) -> tuple[ScenarioFault, ...]:
    """Everything wrong with a scenario's file; what is read first hides what is generated."""
    try:
        scenario = load(path, apis)
        with closing(Store()) as store:
            Sandboxes(store, build_template(scenario, apis))
    except ScenarioError as error:
        return error.faults
    return ()
