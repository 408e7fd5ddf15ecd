"""A baseline: accepted findings, each with a reason and a day on which it expires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from msgspec import Struct, field

from mockserver.clock import machine_now, to_datetime
from mockserver.contract import Schemas
from mockserver.errors import SettingError, YamlError
from mockserver.kind import closed_object
from mockserver.yaml_source import decode, read_yaml

_BLANKS = 5
"""How many blanks a fingerprint has at least."""
_TEXT = {"type": "string", "minLength": 1}
_ENTRY = {
    "finding": _TEXT,
    "reason": _TEXT,
    "expires": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
}
SCHEMA = closed_object(
    {"accepted": {"type": "array", "items": closed_object(_ENTRY, _ENTRY)}}, ["accepted"]
)
"""The JSON Schema of a baseline's file."""


@dataclass(frozen=True)
class Entry:
    """An accepted finding, by its fingerprint."""

    finding: str
    reason: str
    expires: date


class Baseline(Struct, frozen=True):
    """Which findings are accepted, by fingerprint, and until when.

    A finding whose entry has expired is a failure, even where it would only be a warning.
    """

    expiries: Mapping[str, date] = field(default_factory=dict)
    today: date = date.min
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def entries(self) -> dict[str, Entry]:
        """Its entries, by fingerprint."""
        return {
            name: Entry(name, self.reasons.get(name, ""), day)
            for name, day in self.expiries.items()
        }

    def accepts(self, fingerprint: str) -> bool:
        """Whether it is accepted; the last day is included."""
        expires = self.expiries.get(fingerprint)
        return expires is not None and self.today <= expires

    def expired(self, fingerprint: str) -> date | None:
        """The last day of an entry that has expired."""
        expires = self.expiries.get(fingerprint)
        return expires if expires is not None and self.today > expires else None

    def unneeded(self, seen: Iterable[str], apis: Iterable[str]) -> list[str]:
        """The fingerprints that were not among those of a whole run over some APIs."""
        found, checked = set(seen), set(apis)
        return [
            fingerprint
            for fingerprint in self.expiries
            if fingerprint not in found and fingerprint.partition(" ")[0] in checked
        ]


def read_baseline(path: Path) -> Baseline:
    """The baseline of a YAML file. Raises SettingError with everything wrong in it."""
    try:
        data = read_yaml(decode(path.read_bytes())).data
    except FileNotFoundError as error:
        raise SettingError(
            f"There is no baseline '{path}'; 'mockserver check' with --write-baseline writes one."
        ) from error
    except (OSError, YamlError) as error:
        raise SettingError(f"The baseline '{path}' cannot be read: {error}.") from error
    violations = Schemas({}).compile_inline(SCHEMA).find_violations(data)
    if reasons := "; ".join(
        f"{violation.location}: {violation.message}" for violation in violations
    ):
        raise SettingError(f"The baseline '{path}' is not right: {reasons}.")
    expiries = {}
    for entry in data["accepted"]:
        if entry["finding"].count(" ") < _BLANKS:
            raise SettingError(
                f"The baseline '{path}' has a finding that is none: '{entry['finding']}'; put it "
                "between quotes, since ' #' begins a comment in YAML."
            )
        try:
            expiries[entry["finding"]] = date.fromisoformat(entry["expires"])
        except ValueError as error:
            raise SettingError(f"The baseline '{path}' has a day that is none: {error}.") from error
    texts = {entry["finding"]: entry["reason"] for entry in data["accepted"]}
    return Baseline(expiries, read_today(), texts)


def read_today() -> date:
    """The present day, in UTC."""
    return to_datetime(machine_now()).date()
