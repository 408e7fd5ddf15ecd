"""What a contract says of one operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver.contract.evidence import EVIDENCE, weaker

__all__ = ["MediaType", "Operation", "Parameter", "ResponseSpec"]


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation, or a header of an answer, and how its value is written.

    `schema` has as much of the schema as a text can say: references followed, the parts of `allOf`
    put together, down to the items and properties.
    """

    name: str
    location: str
    required: bool
    style: str
    explode: bool
    schema: Mapping[str, Any]
    pointer: str


@dataclass(frozen=True)
class MediaType:
    """A body in one content type; `pointer` leads to its schema, or is empty when it has none."""

    name: str
    pointer: str
    examples: Mapping[str, Any]


@dataclass(frozen=True)
class ResponseSpec:
    """A documented answer. `status` is as written: `200`, `4XX` or `default`."""

    status: str
    headers: tuple[Parameter, ...]
    content: Mapping[str, MediaType]
    pointer: str
    evidence: str


@dataclass(frozen=True)
class Operation:
    """A method on a path.

    `body` has the content types of the request's body; `body_pointer` leads to its description, and
    is empty where there is none. `security` lists the alternatives, each the schemes it needs.
    """

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Mapping[str, MediaType]
    body_pointer: str
    is_body_required: bool
    responses: Mapping[str, ResponseSpec]
    security: tuple[frozenset[str], ...]
    pointer: str
    evidence: str

    @cached_property
    def success(self) -> int:
        """The status of success: the lowest documented 2xx, 200 where only their class is."""
        statuses = (int(status) for status in self.responses if status.isdecimal())
        return min((status for status in statuses if 200 <= status < 300), default=200)

    def response(self, status: int) -> ResponseSpec | None:
        """What is documented for a status: itself, else its class, else the default."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    def evidence_of(self, status: int) -> str:
        """Why an answer of this operation is believed: never more than the operation itself."""
        answer = self.response(status)
        return weaker(self.evidence, answer.evidence if answer else EVIDENCE[-1])
