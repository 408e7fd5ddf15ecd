"""Virtual time: real, frozen, shifted or scaled, always in microseconds since the epoch, UTC.

Only this module reads the machine's clock. A moment is an `int` of microseconds since
1970-01-01T00:00:00Z; it can be stored, compared and indexed without a time zone ever being lost.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from msgspec import Struct

from mockserver.errors import SettingError

SECOND = 1_000_000
"""One second, in microseconds."""

_YEAR_3000 = 32_503_680_000 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = -62_135_596_800 * SECOND
_LATEST = 253_402_300_800 * SECOND - 1
_LONGEST = 100_000_000_000 * SECOND
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0.001}
_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"
_PARTS = " ?".join(rf"(?:(?P<{unit}>{_NUMBER}){unit})?" for unit in _UNITS)
_PLAIN_SECONDS = re.compile(rf"[+-]?{_NUMBER}")
_DURATION = re.compile(rf"(?P<sign>[+-]?) ?{_PARTS}")
_ISO_DURATION = re.compile(r"([+-]?)P(?=.)((?:[0-9.]+[WD])*)(?:T((?:[0-9.]+[HMS])+))?")


def machine_now() -> int:
    """The machine's own time."""
    return time.time_ns() // 1_000


def read_monotonic() -> int:
    """Microseconds since a fixed moment, for deadlines and idleness; no setting changes it."""
    if sys.platform == "win32":
        return time.monotonic_ns() // 1_000
    # freezegun replaces `time.monotonic` in the whole process, but not this.
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000


_STARTED = machine_now() - read_monotonic()


def steady_now() -> int:
    """The machine's time when this process started, and what has passed since.

    It does not jump when the machine's clock is set, or replaced by a test.
    """
    return _STARTED + read_monotonic()


def from_datetime(value: datetime) -> int:
    """The moment of an aware datetime."""
    return (value - _EPOCH) // timedelta(microseconds=1)


def to_datetime(value: int) -> datetime:
    """A moment as an aware datetime in UTC; beyond the years 1 to 9999, the nearest that exists."""
    return _EPOCH + timedelta(microseconds=min(max(value, _EARLIEST), _LATEST))


@lru_cache(maxsize=256)
def parse_moment(text: str) -> int:
    """The moment that an ISO 8601 text names; without a zone it is UTC.

    Raises SettingError when the text is no such moment.
    """
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise SettingError(
            f"'{text}' is not a moment; write it like 2025-08-21T14:30:00Z"
        ) from None
    return from_datetime(value if value.tzinfo else value.replace(tzinfo=UTC))


def parse_clock_moment(text: str) -> int:
    """The moment that a text names, if a world's clock may show it: from 1970 to 2999.

    Vendors write moments as seconds since 1970. Raises SettingError.
    """
    return check_clock_moment(parse_moment(text), text)


def check_clock_moment(value: int, text: str = "") -> int:
    """The moment, if a world's clock may show it. Raises SettingError."""
    if not 0 <= value < _YEAR_3000:
        raise SettingError(
            f"'{text or format_moment(value)}' is no moment for a clock; one from 1970 to 2999 is"
        )
    return value


def format_moment(value: int) -> str:
    """A moment as ISO 8601 in UTC, with as many digits of a second as it needs."""
    second, rest = divmod(min(max(value, _EARLIEST), _LATEST), SECOND)
    text = _format_second(second)
    return f"{text}.{rest:06d}".rstrip("0") + "Z" if rest else f"{text}Z"


@lru_cache(maxsize=1_000)
def _format_second(second: int) -> str:
    """A second since 1970 as ISO 8601, without the zone. Moments of the same one come together."""
    return to_datetime(second * SECOND).isoformat().removesuffix("+00:00")


def parse_duration(value: float | str) -> int:
    """Microseconds out of seconds, or a text such as `3h`, `-30m`, `1d 2h 5s`, `80ms` or `PT3H`.

    Raises SettingError when it is no duration, or one of more than three thousand years.
    """
    seconds = value if isinstance(value, int | float) else _parse_seconds(value)
    if not abs(seconds) <= _LONGEST // SECOND:
        raise SettingError(f"'{value}' is too long for a duration")
    return round(seconds * SECOND)


def _parse_seconds(text: str) -> float:
    # One space for many: a pattern would try every way to divide them between its parts.
    tidy = " ".join(text.split())
    if _PLAIN_SECONDS.fullmatch(tidy):
        return float(tidy)
    iso = _ISO_DURATION.fullmatch(tidy.upper())
    plain = "".join(part or "" for part in iso.groups()) if iso else tidy
    found = _DURATION.fullmatch(plain.lower())
    parts = {unit: found[unit] for unit in _UNITS if found[unit]} if found else {}
    if found is None or not parts:
        raise SettingError(
            f"'{text}' is no duration; write seconds, or something like 3h, -30m or 1d 2h 5s"
        )
    total = sum(float(number) * _UNITS[unit] for unit, number in parts.items())
    return -total if found["sign"] == "-" else total


def list_days(first: date, last: date) -> list[date]:
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

    def now(self) -> int:
        """The moment that the clock shows."""
        return self.get_time_at(machine_now())

    @property
    def mode(self) -> str:
        """`real`, `frozen`, `shifted`, or `scaled` where it runs at a rate of its own."""
        if self.is_frozen:
            return "frozen"
        if self.rate != 1:
            return "scaled"
        return "real" if self.real == self.virtual else "shifted"

    def get_time_at(self, real: int) -> int:
        """The moment that the clock shows at a moment of the machine's clock."""
        # However fast it runs, it stops at the last moment that a vendor can write.
        return min(max(self._get_reached(real), 0), _YEAR_3000 - 1)

    def resume(self, since: int) -> Clock:
        """The clock of a world that returns to a snapshot, taken at a moment of the machine.

        A frozen, real or shifted clock is unchanged; a scaled one continues from that moment.
        """
        if self.rate in (0, 1):
            return self
        return Clock(real=machine_now(), virtual=self.get_time_at(since), rate=self.rate)

    def freeze(self, at: int | None = None) -> Clock:
        """Freeze at the moment given or the present one."""
        return Clock.frozen_at(self.now() if at is None else at)

    def run(self, rate: float = 1.0) -> Clock:
        """Continue from the present moment at this rate."""
        real = machine_now()  # read once, so that a real clock stays one
        return Clock(real=real, virtual=self.get_time_at(real), rate=rate)

    def advance(self, by: int) -> Clock:
        """Move forward by so many microseconds, or back if negative, and continue."""
        if self.is_frozen:
            return replace(self, virtual=self.virtual + by)
        real = machine_now()
        unseen = self._get_reached(real) - self.get_time_at(real)  # 0, except at the end of time
        return replace(self, virtual=self.virtual - unseen + by)

    def shift(self, by: int) -> Clock:
        """Run at rate 1, so many microseconds ahead of the machine's clock."""
        real = machine_now()
        return Clock(real, real + by)

    def check(self) -> Clock:
        """The clock, if it shows a moment that a world's may show. Raises SettingError."""
        check_clock_moment(self._get_reached(machine_now()))
        return self

    def _get_reached(self, real: int) -> int:
        passed = real - self.real
        return self.virtual + (passed if self.rate == 1 else round(passed * self.rate))


class ClockSetting(Struct, frozen=True):
    """How a clock is set: frozen at a moment, or so far from the machine's and at a rate."""

    freeze: int | None = None
    shift: int = 0
    rate: float = 1.0

    def make_clock(self) -> Clock:
        """A clock set so now. Raises SettingError for a shift out of the years that there are."""
        if self.freeze is not None:
            return Clock.frozen_at(self.freeze)
        if not self.shift and self.rate == 1:
            return Clock()
        real = machine_now()
        return Clock(real=real, virtual=check_clock_moment(real + self.shift), rate=self.rate)
