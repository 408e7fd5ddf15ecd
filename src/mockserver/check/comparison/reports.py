"""Formats a comparison as plain lines for people, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from mockserver import __version__
from mockserver.check.comparison.comparison import Comparison
from mockserver.check.comparison.difference import BOTH, NEITHER, A, B, Difference
from mockserver.check.reports.text import format_curl
from mockserver.check.target.target import Target
from mockserver.redaction import Mask

_LONGEST = 600
_TITLES = {
    A: "A VIOLATES THE CONTRACT",
    B: "B VIOLATES THE CONTRACT",
    BOTH: "BOTH VIOLATE THE CONTRACT",
    NEITHER: "neither violates the contract",
}


class ComparisonReport(Struct, frozen=True):
    """Formats comparisons of two targets, without a secret of either.

    `limit` is how many differences of an API are shown; all are counted.
    """

    a: Target
    b: Target
    limit: int

    def format_lines(self, comparison: Comparison) -> Iterator[str]:
        """The comparison of one API."""
        redact = self._make_redaction(comparison)
        word = "equal" if comparison.is_equal else "DIFFERENT"
        yield (
            f"{comparison.api}: {'INCONCLUSIVE' if comparison.inconclusive else word}: "
            f"{comparison.pairs} requests to both, {len(comparison.differences)} differences, "
            f"{comparison.common} findings in both, {len(comparison.unpaired)} unpaired, "
            f"{len(comparison.skipped)} skipped"
        )
        for difference in comparison.differences[: self.limit]:
            where, phases = difference.operation or "the deployment", ", ".join(difference.phases)
            sentence = redact(difference.sentence)[:_LONGEST]
            yield f"  {_TITLES[difference.violated_by]}: {where}: {sentence}"
            rule = f"{difference.evidence} by {difference.source}; " if difference.source else ""
            yield f"    {rule}seen {difference.count} times, by {phases}"
            for name, sent in self._list_sent(comparison, difference).items():
                yield f"    {name.upper()} {sent['status']}: {sent['curl'][:_LONGEST]}"
        hidden = len(comparison.differences) - self.limit
        if hidden > 0:
            yield f"  {hidden} more are not shown; give --limit a larger number"
        for title, reasons in (
            ("INCONCLUSIVE", comparison.inconclusive),
            ("unpaired", comparison.unpaired),
            ("skipped", comparison.skipped),
        ):
            yield from (f"  {title}: {redact(reason)}" for reason in reasons)
        if comparison.excluded:
            yield f"  excluded: {', '.join(comparison.excluded)}"

    def make_document(self, comparisons: Sequence[Comparison]) -> dict[str, Any]:
        """Everything, as JSON."""

        def redact(text: str) -> str:
            return self.b.mask.text(self.a.mask.text(text))

        return {
            "mockserver": __version__,
            "a": {"name": redact(self.a.name), "url": redact(self.a.url)},
            "b": {"name": redact(self.b.name), "url": redact(self.b.url)},
            "equal": all(comparison.is_equal for comparison in comparisons),
            "apis": [self._describe_api(comparison) for comparison in comparisons],
        }

    def _describe_api(self, comparison: Comparison) -> dict[str, Any]:
        redact = self._make_redaction(comparison)
        return {
            "api": comparison.api,
            "equal": comparison.is_equal,
            "pairs": comparison.pairs,
            "count": len(comparison.differences),
            "differences": [
                {
                    "violated_by": difference.violated_by,
                    "operation": difference.operation,
                    "sentence": redact(difference.sentence),
                    "code": difference.code,
                    "source": str(difference.source or ""),
                    "evidence": difference.evidence,
                    "phases": difference.phases,
                    "count": difference.count,
                    **self._list_sent(comparison, difference),
                }
                for difference in comparison.differences[: self.limit]
            ],
            "common": comparison.common,
            "unpaired": [redact(reason) for reason in comparison.unpaired],
            "skipped": [redact(reason) for reason in comparison.skipped],
            "inconclusive": [redact(reason) for reason in comparison.inconclusive],
            "excluded": comparison.excluded,
        }

    def _list_sent(self, comparison: Comparison, difference: Difference) -> dict[str, Any]:
        """By deployment, the status and the curl command of the interaction, where there is one."""
        return {
            name: {
                "status": compared.interaction.status,
                "curl": other.mask.known(
                    format_curl(
                        compared.interaction.exchange.request,
                        target.url.rstrip("/") + comparison.base,
                        _extend(target.mask, comparison),
                    )
                ),
            }
            for name, target, other, compared in (
                (A, self.a, self.b, difference.a),
                (B, self.b, self.a, difference.b),
            )
            if compared is not None
        }

    def _make_redaction(self, comparison: Comparison) -> Callable[[str], str]:
        """A function that redacts the secrets of either."""
        a, b = (_extend(target.mask, comparison) for target in (self.a, self.b))
        return lambda text: b.text(a.text(text))


def _extend(mask: Mask, comparison: Comparison) -> Mask:
    return mask.extended(comparison.secrets) if comparison.secrets else mask
