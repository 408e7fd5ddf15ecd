"""Says what the evidence of a finding is: the line of the contract, and the note beside it."""

from __future__ import annotations

from functools import cache

from mockserver.api import Api
from mockserver.check.derived_cases import list_cases
from mockserver.check.validation.finding import Finding
from mockserver.errors import ContractError
from mockserver.json_pointer import split_pointer
from mockserver.kit import load_kit
from mockserver.yaml_source import Source, read_yaml

_WORDS = {
    "documented": "the vendor's page says it",
    "example": "an example of the vendor shows it",
    "related": "a related page of the vendor says it",
    "assumed": "no document says it",
}


def explain_evidence(api: Api, finding: Finding) -> str:
    """The evidence of a finding in a sentence: what says so, where the contract has it, and why."""
    place = _find_place(api, finding)
    where = f" ({locate_rule(api, place)})" if place else ""
    note = find_note(api, finding)
    return f"{_WORDS[finding.evidence]}{where}" + (f": {note}" if note else "")


def find_note(api: Api, finding: Finding) -> str:
    """The note on the evidence of a finding; of one that is weaker than its rule, the operation's.

    A rule may be shared by operations that not every page of the vendor describes.
    """
    contract, place = api.contract, _find_place(api, finding)
    for invariant in load_kit(api).invariants if finding.source.kind == "invariant" else ():
        if (invariant.name, invariant.evidence) == (finding.source.name, finding.evidence):
            return invariant.note
    if place and contract.evidence(place) == finding.evidence:
        return contract.evidence_note(place)
    return next(
        (
            contract.evidence_note(operation.pointer)
            for operation in contract.operations
            if (operation.id, operation.evidence) == (finding.operation, finding.evidence)
        ),
        "",
    )


def locate_rule(api: Api, pointer: str) -> str:
    """The file and the line of a place in the contract of an API."""
    return f"{api.name}.yaml, line {read_source(api).line(pointer.removeprefix('#'))}"


def find_line(api: Api, finding: Finding) -> int:
    """The line of the contract that a finding violates, or that of its operation."""
    place = _find_place(api, finding)
    if not place and finding.operation:
        place = api.contract.operation(finding.operation).pointer
    return read_source(api).line(place.removeprefix("#"))


@cache
def read_source(api: Api) -> Source:
    """The text of a contract, with the line of each value."""
    return read_yaml(api.contract.source)


def _find_place(api: Api, finding: Finding) -> str:
    """The place in the contract that a finding violates; empty where there is none."""
    pointer = finding.source.name if finding.source.kind == "contract" else ""
    for case in list_cases(api) if finding.source.kind == "case" else ():
        if case.name == finding.source.name:
            response = api.contract.operation(case.operation).response(case.status)
            pointer = case.rule or (response.pointer if response else "")
    try:
        split_pointer(pointer)
        api.contract.resolve(pointer)
    except (ContractError, ValueError):
        return ""
    return pointer
