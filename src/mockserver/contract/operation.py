"""The operations of a contract: what is documented of their requests and responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from mockserver.contract.evidence import EVIDENCE, weaker
from mockserver.contract.values import Shape
from mockserver.json_pointer import escape


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation, or a header of a response, and how its value is written.

    `schema` has as much of the schema as a text can say: references followed, the parts of `allOf`
    merged, down to the items and properties. `schema_pointer` leads to the whole schema, and is
    empty where there is none. A parameter with `content` has its `media_type`, one with a `style`
    has none. `may_be_empty` is OpenAPI's `allowEmptyValue`.
    """

    name: str
    location: str
    required: bool
    style: str
    explode: bool
    schema: Mapping[str, Any]
    pointer: str
    schema_pointer: str
    media_type: str = ""
    may_be_empty: bool = False
    shape: Shape = field(default_factory=Shape, repr=False)

    @cached_property
    def place(self) -> str:
        """Where the parameter is in an exchange, as a violation says it."""
        return f"/request/{self.location}/{escape(self.name)}"


class Encoding(msgspec.Struct, frozen=True):
    """How a property of a form is written: `content_types` are those documented, or none."""

    content_types: tuple[str, ...]
    style: str
    explode: bool
    pointer: str


class MediaType(msgspec.Struct, frozen=True):
    """A body in one content type; `pointer` leads to its schema, or is empty when it has none.

    `examples` has its examples by name; an only one, under `example`, has the empty name.
    `encoding` has the properties of a form of which the contract says how they are written. `rows`
    is a pattern for the JSON Pointers of the lists that are read item by item, so that the body
    need not be held in memory; it is empty where a body is read as a whole.
    """

    name: str
    pointer: str
    examples: Mapping[str, Any]
    encoding: Mapping[str, Encoding] = msgspec.field(default_factory=dict)
    rows: str = ""


def _list_examples(content: Mapping[str, MediaType]) -> list[Any]:
    return [example for media in content.values() for example in media.examples.values()]


class ResponseSpec(msgspec.Struct, frozen=True):
    """A documented response. `status` is as written: `200`, `4XX` or `default`."""

    status: str
    headers: tuple[Parameter, ...]
    content: Mapping[str, MediaType]
    pointer: str
    evidence: str

    @property
    def examples(self) -> list[Any]:
        """The examples of the body, of each content type in turn."""
        return _list_examples(self.content)


@dataclass(frozen=True)
class Operation:
    """A method on a path.

    `body` has the content types of the request's body; `body_pointer` leads to its description, and
    is empty where there is none. `security` lists the alternatives, each the schemes it needs.
    `headers` are those that a client has to send and that OpenAPI cannot describe as parameters:
    Content-Type of a request without a body, for instance.
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
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body_examples(self) -> list[Any]:
        """The examples of the request's body, of each content type in turn."""
        return _list_examples(self.body)

    @cached_property
    def is_streamed(self) -> bool:
        """Whether the request's body need not be held in memory."""
        return any(media.rows for media in self.body.values())

    @cached_property
    def has_parameters_of_url_only(self) -> bool:
        """Whether no parameter is a header field or a cookie."""
        return all(parameter.location in ("path", "query") for parameter in self.parameters)

    @cached_property
    def schemes(self) -> list[str]:
        """The names of the security schemes of all alternatives."""
        return sorted({name for alternative in self.security for name in alternative})

    @cached_property
    def accept(self) -> str:
        """The value of Accept that allows every documented response."""
        names = [name for response in self.responses.values() for name in response.content]
        return ", ".join(dict.fromkeys(names)) or "*/*"

    @cached_property
    def success(self) -> int:
        """The status of success: the lowest documented 2xx, 200 where only their class is."""
        statuses = (int(status) for status in self.responses if status.isdecimal())
        return min((status for status in statuses if 200 <= status < 300), default=200)

    def response(self, status: int) -> ResponseSpec | None:
        """The documented response for a status: its own, else its class's, else the default."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    def evidence_of(self, status: int) -> str:
        """The evidence of a response: never stronger than that of the operation itself."""
        response = self.response(status)
        return weaker(self.evidence, response.evidence if response else EVIDENCE[-1])
