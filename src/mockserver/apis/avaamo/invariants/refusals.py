"""Refusals: who is told nothing, and what is said to be wrong."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.apis.avaamo.invariants.answers import LIST, shown
from mockserver.invariant import Interaction, invariant


@invariant(LIST, evidence="documented", note="The page requires the header access-token.")
def nothing_is_told_without_a_token(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """Nobody is answered with success who has no access token, or one that is refused."""
    if now.is_admitted:
        return None
    if not 200 <= now.status < 300:
        return []
    return [f"a request without a good access token is answered {now.status}"]


@invariant(LIST, evidence="assumed", note="The page shows no error.")
def a_refusal_names_what_is_wrong(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """The sentence of a 400 names a parameter that is wrong."""
    error = now.answer.get("error") if isinstance(now.answer, dict) else None
    wrong = _wrong(now)
    if now.status != 400 or not isinstance(error, str) or not wrong:
        return None
    if any(name in error for name in wrong):
        return []
    return [f"wrong is {' and '.join(wrong)}, and it says {shown(error)}"]


def _wrong(now: Interaction) -> list[str]:
    """The parameters that were sent and do not conform."""
    sent = {field.partition("=")[0] for field in now.exchange.request.query.split("&")}
    names = (parameter.name for parameter in now.operation.parameters)
    return [name for name in names if name in sent and name not in now.arguments]
