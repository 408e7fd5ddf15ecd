"""A kind: a type of document, what its body looks like, and what the store needs to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from msgspec import Struct, field

from mockserver.clock import parse_moment
from mockserver.contract import Format
from mockserver.errors import SettingError
from mockserver.moment import is_relative, resolve_moment
from mockserver.store import Document, Documents

TEXT = {"type": "string", "minLength": 1, "maxLength": 255}
"""The schema of a name or another short text."""

NAME = {**TEXT, "x-personal": "name"}
EMAIL = {**TEXT, "x-personal": "email"}
"""The schemas of data of a person, which the recorder replaces."""


def closed_object(properties: Mapping[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """The schema of an object that has these properties and no others."""
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": dict(properties),
    }
    return {**schema, "required": list(required)} if required else schema


MOMENT = Format(
    name="date-time",
    pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})$",
    examples=("2025-08-21T14:30:00Z", "2000-01-23T04:56:07.000+00:00"),
    counterexamples=("2016-12-31T23:59:60Z", "2025-02-31T00:00:00Z", "2025-08-21t14:30:00z"),
    read=parse_moment,
)
"""RFC 3339, of a moment that a clock can show."""


_Body = Mapping[str, Any]

Use = Callable[[Document, Documents, int], bool]
"""Whether a document is good for something among others, at a moment."""


def has_value(name: str, value: Any) -> Use:
    """The use of documents whose body has a value in a field."""
    return lambda document, _documents, _now: document.body[name] == value


class Kind(Struct, frozen=True):
    """A type of document: what its body looks like, and what the store needs to know of it.

    `schema` is in the contract's dialect and may refer to the contract. `key` gives the document's
    name, or an empty text when its owner and its place are name enough; `owner` the key of what it
    belongs to, a document of the kind `parent` where that is named; `at` its moment in microseconds
    since the epoch, and `until`, for what goes on, the moment of its end, or None while it is open.
    `moments` has the fields that are moments, each with the function that writes one as the field
    has it: a scenario may write `-1d` there. `check` yields what else is wrong with a body that the
    schema accepts, as pairs of a field and a reason. `label` is the field with the name that people
    know it by; `uses` has what an id is good for, in a few words, and for which documents that is
    so. What `is_past` is never in the future of the world's clock. After a document that `ends` its
    owner come only those that `may_follow` the end, and the owner is not `open_as` something, such
    as a status; that is empty for a body that has ended.
    """

    name: str
    schema: Mapping[str, Any]
    key: Callable[[_Body], str] = lambda _: ""
    owner: Callable[[_Body], str] = lambda _: ""
    parent: str = ""
    at: Callable[[_Body], int | None] = lambda _: None
    until: Callable[[_Body], int | None] | None = None
    moments: Mapping[str, Callable[[int], Any]] = field(default_factory=dict)
    check: Callable[[_Body], Iterable[tuple[str, str]]] = lambda _: ()
    label: str = ""
    uses: Mapping[str, Use] = field(default_factory=dict)
    is_past: bool = False
    ends: Callable[[_Body], bool] | None = None
    may_follow: Callable[[_Body], bool] = lambda _: False
    open_as: Callable[[_Body], str] = lambda _: ""

    def is_relative(self, body: _Body) -> bool:
        """Whether a moment in a body is written relative to another."""
        return any(is_relative(body.get(name)) for name in self.moments)

    def resolve_moments(
        self, body: dict[str, Any], now: int
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """The body with its moments as the fields have them; why a text is none, by field."""
        resolved, faults = dict(body), {}
        for name, write in self.moments.items():
            text = body.get(name)
            if not isinstance(text, str):
                continue
            try:
                written = write(resolve_moment(text, now))
            except SettingError as error:
                faults[name] = str(error)
                continue
            if is_relative(text) or not isinstance(written, str):  # else it stays as it is written
                resolved[name] = written
        return resolved, faults

    def rewrite_moments(self, body: _Body, names: Iterable[str]) -> dict[str, Any]:
        """Those of the fields whose moment can be written as the field has it, without a loss."""
        rewritten = {}
        for name in self.moments.keys() & set(names):
            with suppress(SettingError, TypeError):
                moment = parse_moment(body[name])
                written = self.moments[name](moment)
                if parse_moment(written) == moment:
                    rewritten[name] = written
        return rewritten

    def document(self, body: dict[str, Any], key: str = "") -> Document:
        """The document with this body."""
        until = self.until(body) if self.until else None
        return Document(
            kind=self.name,
            key=key or self.key(body),
            body=body,
            owner=self.owner(body),
            at=self.at(body),
            until=until,
            is_open=self.until is not None and until is None,
        )
