"""How the setting of a clock is written, in a scenario and in a request to the control API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.clock import ClockSetting, parse_clock_moment, parse_duration
from mockserver.errors import SettingError

__all__ = ["ClockFault", "read_clock"]


class ClockFault(SettingError):
    """A field of a clock's setting has no meaning."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(reason)


def read_clock(setting: Mapping[str, Any]) -> ClockSetting:
    """A clock's setting out of `freeze`, or of `shift` and `rate`. Raises ClockFault."""
    if "freeze" in setting and len(setting) > 1:
        raise ClockFault("freeze", "a clock that is frozen has no shift and no rate")
    readers: dict[str, Callable[[Any], Any]] = {
        "freeze": parse_clock_moment,
        "shift": _shift,
        "rate": float,
    }
    read: dict[str, Any] = {}
    for field, value in setting.items():
        try:
            read[field] = readers[field](value)
        except SettingError as error:
            raise ClockFault(field, str(error)) from None
    return ClockSetting(**read)


def _shift(value: float | str) -> int:
    by = parse_duration(value)
    ClockSetting(shift=by).make_clock()  # refuses one that leads out of the years there are
    return by
