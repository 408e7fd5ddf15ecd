"""Lays the exchanges of two deployments side by side: which request to one is which to the other.

Ids and times are each deployment's own, and a request may be made of an answer, so that the same
requests are the same in their kind, and not in every character.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar
from urllib.parse import parse_qsl

from mockserver.check.comparison.interactions import Note

__all__ = ["Pair", "paired"]

Pair = tuple[Note | None, Note | None]
"""The exchanges of both with the same request; None where one of them was not sent it."""

_Item = TypeVar("_Item")
_Thread = Sequence[Note]


def paired(one: Sequence[_Thread], other: Sequence[_Thread]) -> Iterator[Pair]:
    """The exchanges of a phase in pairs, thread by thread.

    As many threads are the same by their order. Where one deployment has more of them, since the
    other stopped or is no mock, they are the same by what they ask.
    """
    if len(one) == len(other):
        for left, right in zip(one, other, strict=True):
            yield from _exchanges(left, right)
        return
    keys: tuple[Callable[[_Thread], Hashable], ...] = (_kinds, _opening)
    for some, more in _aligned(one, other, keys):
        yield from _exchanges(some or (), more or ())


def _exchanges(one: _Thread, other: _Thread) -> Iterator[Pair]:
    if _kinds(one) == _kinds(other):
        return zip(one, other, strict=True)
    return _aligned(one, other, (_request, _kind))


def _aligned(
    one: Sequence[_Item], other: Sequence[_Item], keys: Sequence[Callable[[_Item], Hashable]]
) -> Iterator[tuple[_Item | None, _Item | None]]:
    """What is equal by the first key, and in between what is equal by the next."""
    if not keys:
        yield from ((item, None) for item in one)
        yield from ((None, item) for item in other)
        return
    key, *looser = keys
    matcher = SequenceMatcher(None, list(map(key, one)), list(map(key, other)), autojunk=False)
    for tag, begin, end, other_begin, other_end in matcher.get_opcodes():
        left, right = one[begin:end], other[other_begin:other_end]
        if tag == "equal":
            yield from zip(left, right, strict=True)
        else:
            yield from _aligned(left, right, looser)


def _opening(thread: _Thread) -> Hashable:
    """What a thread begins with."""
    return _kinds(thread[:1])


def _kinds(thread: _Thread) -> tuple[Hashable, ...]:
    return tuple(map(_kind, thread))


def _request(note: Note) -> Hashable:
    """A request to the letter."""
    request = note.seen.exchange.request
    return (*_kind(note), request.path, request.query, request.body)


def _kind(note: Note) -> tuple[Hashable, ...]:
    """Which operation was asked, how, and whether it should take that."""
    seen, request = note.seen, note.seen.exchange.request
    names = sorted(name for name, _ in parse_qsl(request.query, keep_blank_values=True))
    return (
        seen.operation.id,
        request.method,
        tuple(names),
        bool(request.body),
        seen.is_valid,
        seen.is_admitted,
    )
