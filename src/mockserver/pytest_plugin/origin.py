"""What a world is made from: a scenario, a seed, a clock, as a marker or a call says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.errors import SettingError

__all__ = ["ClockSetting", "Origin", "Scenario", "located"]

Scenario: TypeAlias = str | Path | Mapping[str, Any]
"""The name of a scenario that the server knows, a file, or a whole scenario."""

ClockSetting: TypeAlias = str | datetime | Mapping[str, Any]
"""A moment to stop at, or what the control API takes: `freeze`, or `shift` and `rate`."""

_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True)
class Origin:
    """What a world is made from; None is whatever the server has."""

    scenario: Scenario | None = None
    seed: int | None = None
    clock: Mapping[str, Any] | None = None

    @classmethod
    def read(
        cls,
        folder: Path,
        scenario: Scenario | None = None,
        *,
        seed: int | None = None,
        clock: ClockSetting | None = None,
    ) -> Origin:
        """What is meant by these words; a file is looked for in `folder`. Raises SettingError."""
        return cls(
            scenario=None if scenario is None else located(scenario, folder),
            seed=seed,
            clock=_setting(clock),
        )


def located(scenario: Scenario, folder: Path) -> Scenario:
    """A scenario; its file, if it is one, found in a folder.

    A text that ends like a YAML file is one, any other is a name. Raises SettingError.
    """
    is_name = isinstance(scenario, str) and not scenario.endswith(_ENDINGS)
    if is_name or isinstance(scenario, Mapping):
        return scenario
    if not isinstance(scenario, str | Path):
        raise SettingError(
            f"{scenario!r} is no scenario; give the name of one, a YAML file, or a whole one."
        )
    path = folder / scenario
    if not path.is_file():
        raise SettingError(f"There is no file '{scenario}' in '{folder}'.")
    return path


def _setting(clock: ClockSetting | None) -> Mapping[str, Any] | None:
    if clock is None or isinstance(clock, Mapping):
        return clock
    return {"freeze": clock}
