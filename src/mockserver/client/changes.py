"""What a server answers when two worlds are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.client.responses import Answer

__all__ = ["ABSENT", "Absent", "Diff", "DocumentChange", "FieldChange"]


class Absent:
    """Not there, which is something else than null."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field, as a JSON Pointer, and its values; ABSENT where it is not there."""

    field: str
    before: Any = ABSENT
    after: Any = ABSENT


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that was `added`, `removed` or `changed`: its body, or the fields that differ."""

    api: str
    kind: str
    key: str
    change: str
    body: Mapping[str, Any] | None = None
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Diff(Answer):
    """What differs between two worlds; `documents` may hold fewer than were counted.

    `from_` is a snapshot or None for the scenario, `to` a snapshot or None for now.
    """

    from_: str | None
    to: str | None
    equal: bool
    world: tuple[FieldChange, ...]
    added: int
    removed: int
    changed: int
    documents: tuple[DocumentChange, ...]
