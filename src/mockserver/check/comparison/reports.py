"""A comparison for a person, as plain lines, and for a program, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver import __version__
from mockserver.check.comparison.comparison import Comparison
from mockserver.check.comparison.difference import BOTH, NEITHER, A, B, Difference
from mockserver.check.comparison.interactions import Note
from mockserver.check.reports.curl import curl
from mockserver.check.target.target import Target

__all__ = ["Reports"]

_SHOWN = 600
_TITLES = {
    A: "A LEAVES THE CONTRACT",
    B: "B LEAVES THE CONTRACT",
    BOTH: "BOTH LEAVE THE CONTRACT",
    NEITHER: "neither leaves the contract",
}


@dataclass(frozen=True)
class Reports:
    """Says how two targets compare; no secret of either is in it.

    `limit` is how many differences of an API are shown; all are counted.
    """

    a: Target
    b: Target
    limit: int

    def lines(self, it: Comparison) -> Iterator[str]:
        """What was found of one API."""
        yield f"{it.api}: {self._summary(it)}"
        for difference in it.differences[: self.limit]:
            yield from self._difference(it, difference)
        hidden = len(it.differences) - self.limit
        if hidden > 0:
            yield f"  {hidden} more are not shown; give --limit a larger number"
        for title, reasons in (
            ("DOUBT", it.inconclusive),
            ("unpaired", it.unpaired),
            ("not sent", it.unsent),
        ):
            yield from (f"  {title}: {self._masked(reason)}" for reason in reasons)

    def document(self, comparisons: Sequence[Comparison]) -> dict[str, Any]:
        """Everything as JSON has it."""
        return {
            "mockserver": __version__,
            "a": self._target(self.a),
            "b": self._target(self.b),
            "alike": all(it.is_alike for it in comparisons),
            "apis": [self._api(it) for it in comparisons],
        }

    def _summary(self, it: Comparison) -> str:
        word = "NOT COMPARABLE" if it.inconclusive else "alike" if it.is_alike else "DIFFERENT"
        return (
            f"{word}: {it.pairs} requests to both, {len(it.differences)} differences, "
            f"{it.shared} breaches in both alike, {len(it.unpaired)} unpaired, "
            f"{len(it.unsent)} not sent"
        )

    def _difference(self, it: Comparison, difference: Difference) -> Iterator[str]:
        where, phases = difference.operation or "the deployment", ", ".join(difference.phases)
        yield f"  {_TITLES[difference.leaving]}: {where}: {self._sentence(difference)[:_SHOWN]}"
        rule = f"{difference.evidence} by {difference.rule}; " if difference.rule else ""
        yield f"    {rule}seen {difference.count} times, by {phases}"
        for name, target, note in self._exchanges(difference):
            if note is not None:
                command = self._curl(it, target, note)[:_SHOWN]
                yield f"    {name.upper()} {note.seen.status}: {command}"

    def _target(self, target: Target) -> dict[str, str]:
        return {"name": self._masked(target.name), "url": self._masked(target.url)}

    def _api(self, it: Comparison) -> dict[str, Any]:
        return {
            "api": it.api,
            "alike": it.is_alike,
            "pairs": it.pairs,
            "count": len(it.differences),
            "differences": [self._json(it, one) for one in it.differences[: self.limit]],
            "shared": it.shared,
            "unpaired": [self._masked(reason) for reason in it.unpaired],
            "unsent": [self._masked(reason) for reason in it.unsent],
            "inconclusive": [self._masked(reason) for reason in it.inconclusive],
        }

    def _json(self, it: Comparison, difference: Difference) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "leaving": difference.leaving,
            "operation": difference.operation,
            "sentence": self._sentence(difference),
            "code": difference.code,
            "rule": difference.rule,
            "evidence": difference.evidence,
            "phases": difference.phases,
            "count": difference.count,
        }
        for name, target, note in self._exchanges(difference):
            if note is not None:
                shown[name] = {"status": note.seen.status, "curl": self._curl(it, target, note)}
        return shown

    def _exchanges(self, it: Difference) -> tuple[tuple[str, Target, Note | None], ...]:
        return ((A, self.a, it.a), (B, self.b, it.b))

    def _sentence(self, difference: Difference) -> str:
        return self._masked(difference.sentence)

    def _curl(self, it: Comparison, target: Target, note: Note) -> str:
        base = target.url.rstrip("/") + it.base
        return self._masked(curl(note.seen.exchange.request, base, target.mask))

    def _masked(self, text: str) -> str:
        """A text without the secrets of either."""
        return self.b.mask.text(self.a.mask.text(text))
