"""Status cases that need knowledge of a deployment, such as the id of an ended session.

They are in `openapi/cases/<api>.yaml`, next to the contract. `ids` describes the ids
that a target must name, with those of a mock's worlds; `cases` are the cases. In a case, `{name}`
is the id of that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from mockserver import apis
from mockserver.contract import Operation, Schemas
from mockserver.errors import ContractError, YamlError
from mockserver.files import CONTRACTS
from mockserver.yaml_source import decode, read_yaml

_NAME = re.compile(r"\{([a-z_]+)\}")


class RequiredId(Struct, frozen=True):
    """An id that a target must name: what it identifies, and its value in a mock.

    A run that writes uses some up: the next one needs another. Generated requests that write go to
    it `instead_of` other ids.
    """

    name: str
    description: str
    mock: str | None
    is_used_up: bool = False
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatusCase:
    """A request that gets one status of one operation; `cannot` says why no request can get it.

    `rule` points to what a case is derived from in the contract, and is empty for a case of a file.
    No operation describes the request of a case that `is_beyond_contract`.
    """

    name: str
    operation: str
    status: int
    world: str = "default"
    needs: tuple[str, ...] = ()
    writes: bool = False
    evidence: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    expect: Mapping[str, Any] = field(default_factory=dict)
    cannot: str = ""
    rule: str = ""
    is_beyond_contract: bool = False

    @property
    def required_ids(self) -> list[str]:
        """The names of the ids that it needs."""
        return list(dict.fromkeys((*self.needs, *_NAME.findall(json.dumps(self.request)))))

    def fill(self, ids: Mapping[str, str]) -> Mapping[str, Any]:
        """The request with the ids in it."""
        escaped = {name: json.dumps(value)[1:-1] for name, value in ids.items()}
        text = _NAME.sub(lambda match: escaped.get(match[1], match[0]), json.dumps(self.request))
        request: Mapping[str, Any] = json.loads(text)
        return request


class StatusCases(Struct, frozen=True):
    """The cases of one API, and the ids that they need."""

    ids: tuple[RequiredId, ...] = ()
    cases: tuple[StatusCase, ...] = ()

    def list_successes(self, operation: Operation) -> list[StatusCase]:
        """The cases in which an operation succeeds."""
        success = operation.id, operation.success, ""
        return [
            case for case in self.cases if (case.operation, case.status, case.cannot) == success
        ]

    @property
    def used_up(self) -> frozenset[str]:
        """The names of the ids that a run which writes uses up."""
        return frozenset(required.name for required in self.ids if required.is_used_up)

    @property
    def mock_ids(self) -> dict[str, str]:
        """The values of the ids in a mock's worlds."""
        return {required.name: required.mock for required in self.ids if required.mock is not None}


@cache
def read_cases(api: str, folder: Path = CONTRACTS / "cases") -> StatusCases:
    """Read the cases of an API; none where there is no file. Raises ContractError."""
    own = apis.load([api])[api].file("cases.yaml") if api in apis.names() else None
    path = own or folder / f"{api}.yaml"
    if not path.is_file():
        return StatusCases()
    try:
        data = read_yaml(decode(path.read_bytes())).data
    except YamlError as error:
        raise ContractError(f"The cases '{path.name}' cannot be used: {error}") from error
    # Editors use this schema too.
    schema = Schemas(json.loads((folder / "schema.json").read_text("utf-8"))).compile("#")
    if reasons := "; ".join(
        f"{violation.location}: {violation.message}" for violation in schema.find_violations(data)
    ):
        raise ContractError(f"The cases '{path.name}' cannot be used: {reasons}")
    return StatusCases(
        ids=tuple(
            RequiredId(
                name,
                item["description"],
                item.get("mock"),
                item.get("used_up", False),
                tuple(item.get("instead_of", ())),
            )
            for name, item in data["ids"].items()
        ),
        cases=tuple(
            StatusCase(**{**item, "needs": tuple(item.get("needs", ()))}) for item in data["cases"]
        ),
    )
