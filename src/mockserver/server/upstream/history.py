"""The last exchanges with an upstream in a world, which invariants compare with the next one."""

from __future__ import annotations

from collections import OrderedDict

from msgspec import Struct, field

from mockserver.contract import SAFE_METHODS
from mockserver.invariant import Interaction

_MOST = 20
_MOST_BYTES = 4 * 1024 * 1024
"""All bodies that a process holds for this: what is made of them takes ten times as much."""

Key = tuple[str, str, str]
"""A sandbox, an API and the URL of its upstream."""


class Turn(Struct, eq=False):
    """An exchange that is under way; `is_alone` while there is no other one in its world."""

    key: Key
    is_alone: bool = True


class _History(Struct):
    interactions: list[Interaction] = field(default_factory=list)
    running: set[Turn] = field(default_factory=set)
    size: int = 0


class Histories:
    """The histories of all worlds in a process. One begins anew where an order is uncertain."""

    def __init__(self) -> None:
        self._histories: OrderedDict[Key, _History] = OrderedDict()
        self._size = 0

    def begin(self, key: Key) -> Turn:
        """An exchange begins."""
        history = self._histories.setdefault(key, _History())
        self._histories.move_to_end(key)
        turn = Turn(key)
        history.running.add(turn)
        if len(history.running) > 1:
            self._forget(history)
            for other in history.running:
                other.is_alone = False
        return turn

    def list_before(self, turn: Turn) -> tuple[Interaction, ...]:
        """The exchanges before one, the oldest first; none where the order is uncertain."""
        return tuple(self._histories[turn.key].interactions) if turn.is_alone else ()

    def end(self, turn: Turn, interaction: Interaction | None, method: str) -> None:
        """An exchange ends, once; without its interaction, what it may have written is unknown."""
        history = self._histories.get(turn.key)
        if history is None or turn not in history.running:
            return
        history.running.remove(turn)
        if turn.is_alone and interaction:
            self._add(history, interaction)
        elif method not in SAFE_METHODS:
            self._forget(history)
        while self._size > _MOST_BYTES or len(self._histories) > 1_000:
            key = next((key for key, it in self._histories.items() if not it.running), None)
            if key is None:
                break
            self._forget(self._histories.pop(key))

    def _add(self, history: _History, interaction: Interaction) -> None:
        if history.interactions and not _has_same_client(history.interactions[-1], interaction):
            self._forget(history)
        history.interactions.append(interaction)
        removed = history.interactions[:-_MOST]
        del history.interactions[:-_MOST]
        change = _measure(interaction) - sum(map(_measure, removed))
        history.size += change
        self._size += change

    def _forget(self, history: _History) -> None:
        self._size -= history.size
        history.size = 0
        history.interactions.clear()


def _measure(interaction: Interaction) -> int:
    exchange = interaction.exchange
    return len(exchange.request.body) + len(exchange.response.body) + 2_000


def _has_same_client(one: Interaction, other: Interaction) -> bool:
    """Whether two requests have the same credentials: what they see may differ otherwise."""
    names = ("authorization", "cookie")
    first, second = one.exchange.request.headers, other.exchange.request.headers
    return all(first.get(name) == second.get(name) for name in names)
