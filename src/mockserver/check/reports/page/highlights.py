"""Which places of an exchange a finding speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.check.cases import read_cases
from mockserver.check.reports.page.json_lines import Place
from mockserver.check.validation.finding import Finding
from mockserver.contract import Contract
from mockserver.errors import ContractError
from mockserver.json_pointer import tokens

__all__ = ["Suspects", "suspects"]

_MOST = 5
_OF_STATUS = frozenset({"server-error", "refused", "example-refused"})


@dataclass(frozen=True)
class Suspects:
    """What a finding speaks of in one half of an exchange.

    `part` is `status`, `method`, `path`, `query`, `header`, `headers`, `cookie`, `body` or nothing,
    and `name` a parameter or a header of it. `wrong` and `missing` are places in a body.
    """

    part: str = ""
    name: str = ""
    is_absent: bool = False
    wrong: Sequence[Place] = ()
    missing: Mapping[Place, Sequence[str]] = field(default_factory=dict)


def suspects(finding: Finding, half: str, body: Any, contract: Contract) -> Suspects:
    """What a finding speaks of in a half, `request` or `response`, whose body has that value."""
    match tokens(finding.place) if finding.place.startswith("/") else []:
        case [where, "body", *path] if where == half:
            return _in_body(finding, path, body, contract)
        case [where, part, *names] if where == half:
            is_absent = finding.code == "required"
            return Suspects(part, names[0] if names else "", is_absent)
        case [] if half == "response" and _is_of_status(finding):
            return Suspects("status")
    return Suspects()


def _is_of_status(finding: Finding) -> bool:
    """Whether it is the answer's status that is wrong, though no place says so."""
    if finding.code != "case":
        return finding.code in _OF_STATUS
    name = finding.rule.removeprefix("case:")
    cases = read_cases(finding.api).cases
    return any(one.name == name and one.status != finding.status for one in cases)


def _in_body(finding: Finding, path: list[str], body: Any, contract: Contract) -> Suspects:
    # A finding forgets which item of a list it saw; all that stand there alike are meant.
    alike = [(place, value) for place, value in _at(path, body) if _same(value, finding.value)]
    places = [place for place, _ in alike][:_MOST]
    if finding.code == "required":
        wanted = _said(contract, finding.rule)
        missing = {
            place: [name for name in wanted if name not in value]
            for place, value in alike[:_MOST]
            if isinstance(value, dict) and isinstance(wanted, list)
        }
        return Suspects("body", missing=missing)
    if finding.code == "additionalProperties":
        known = _said(contract, f"{finding.rule.rpartition('/')[0]}/properties") or {}
        extra = [
            (*place, name)
            for place, value in alike[:_MOST]
            for name in (value if isinstance(value, dict) else ())
            if name not in known
        ]
        return Suspects("body", wrong=extra or places)
    return Suspects("body", wrong=places)


def _said(contract: Contract, rule: str) -> Any:
    try:
        return contract.resolve(rule)
    except (ContractError, ValueError):
        return None


def _at(path: Sequence[str], value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """The values at a path in which `*` is any index."""
    if not path:
        yield place, value
        return
    here, *rest = path
    if isinstance(value, dict):
        for name, item in value.items():
            if name == here or (here == "*" and name.isdecimal()):
                yield from _at(rest, item, (*place, name))
    elif isinstance(value, list) and here == "*":
        for n, item in enumerate(value):
            yield from _at(rest, item, (*place, n))


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
