"""Virtual time: real, frozen, shifted or scaled, always in microseconds since the epoch, UTC.

Only this module asks the machine for the time. A moment is an `int` of microseconds since
1970-01-01T00:00:00Z; it can be stored, compared and indexed without a time zone ever being lost.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from mockserver.errors import SettingError

__all__ = [
    "SECOND",
    "Clock",
    "days_between",
    "machine_now",
    "moment",
    "parse",
    "parse_present",
    "to_datetime",
]

SECOND = 1_000_000
"""One second, in microseconds."""

_YEAR_3000 = 32_503_680_000 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = -62_135_596_800 * SECOND
_LATEST = 253_402_300_800 * SECOND - 1


def machine_now() -> int:
    """The machine's own time."""
    return time.time_ns() // 1_000


def moment(value: datetime) -> int:
    """The moment of an aware datetime."""
    return (value - _EPOCH) // timedelta(microseconds=1)


def to_datetime(value: int) -> datetime:
    """A moment as an aware datetime in UTC; beyond the years 1 to 9999, the nearest that exists."""
    return _EPOCH + timedelta(microseconds=min(max(value, _EARLIEST), _LATEST))


def parse(text: str) -> int:
    """The moment that an ISO 8601 text names; without a zone it is UTC.

    Raises SettingError when the text is no such moment.
    """
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise SettingError(
            f"'{text}' is not a moment; write it like 2025-08-21T14:30:00Z"
        ) from None
    return moment(value if value.tzinfo else value.replace(tzinfo=UTC))


def parse_present(text: str) -> int:
    """The moment that a text names, if a world's clock may show it: from 1970 to 2999.

    Vendors write moments as seconds since 1970. Raises SettingError.
    """
    value = parse(text)
    if not 0 <= value < _YEAR_3000:
        raise SettingError(f"'{text}' is no moment for a clock; one from 1970 to 2999 is")
    return value


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@dataclass(frozen=True, slots=True)
class Clock:
    """A world's clock: at the machine's moment `real` it showed `virtual`, and it runs at `rate`.

    Rate 1 is real time, 0 is frozen, 60 lets a minute pass every second. Every change makes a new
    clock that goes on from the moment which the old one shows.
    """

    real: int = 0
    virtual: int = 0
    rate: float = 1.0

    @classmethod
    def frozen_at(cls, value: int) -> Clock:
        """A clock that always shows this moment."""
        return cls(real=0, virtual=value, rate=0.0)

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still."""
        return self.rate == 0

    @property
    def is_real(self) -> bool:
        """Whether it shows the machine's own time."""
        return self.rate == 1 and self.real == self.virtual

    def now(self) -> int:
        """The moment that the clock shows."""
        return self.virtual if self.is_frozen else self._shown(machine_now())

    def freeze(self, at: int | None = None) -> Clock:
        """Stand still, at the moment given or the present one."""
        return Clock.frozen_at(self.now() if at is None else at)

    def run(self, rate: float = 1.0) -> Clock:
        """Go on from the present moment at this rate."""
        real = machine_now()  # asked once, so that a real clock stays one
        return Clock(real=real, virtual=self._shown(real), rate=rate)

    def advance(self, by: int) -> Clock:
        """Jump by so many microseconds, back if negative, and go on as before."""
        return replace(self, virtual=self.virtual + by)

    def _shown(self, real: int) -> int:
        passed = real - self.real
        return self.virtual + (passed if self.rate == 1 else round(passed * self.rate))
