"""Whether a deployment takes what the contract allows, and refuses what it does not."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.api import Api
from mockserver.check.validation.finding import Finding, breach
from mockserver.check.validation.observation import Observation
from mockserver.contract import EVIDENCE, Operation, Unmatched

__all__ = ["unaccepted"]

_ALWAYS_BORNE = frozenset({401, 403, 404, 408, 413, 429})
"""Refusals that say nothing of a request's form: of who asks, of what is there, of how much."""


def unaccepted(api: Api, observation: Observation) -> Iterator[Finding]:
    """The finding that an exchange is whose request was validated otherwise than the contract does.

    A server error is one whatever was asked.
    """
    seen, status = observation.seen, observation.seen.status
    operation, request = seen.operation, seen.exchange.request
    if status >= 500:
        yield _finding(api, observation, "server-error", f"A request is answered {status}")
    elif isinstance(api.contract.match(request.method, request.path), Unmatched):
        return  # no request of this contract, sent to see what becomes of it
    elif observation.asked and 200 <= status < 300:
        # The best founded of the rules that were broken says how bad it is to let that pass.
        worst = min(observation.asked, key=lambda violation: EVIDENCE.index(violation.evidence))
        sentence = f"A request that breaks the contract is answered {status}: {worst.location}: "
        yield breach(api.name, operation.id, worst, seen.exchange, sentence + worst.message)
    elif not observation.asked and seen.is_admitted and _is_refusal(api, operation, status):
        sentence = f"A request that the contract allows is answered {status}"
        yield _finding(api, observation, "refused", sentence)


def _is_refusal(api: Api, operation: Operation, status: int) -> bool:
    if not 400 <= status < 500 or status in _ALWAYS_BORNE:
        return False
    answer = operation.response(status)
    # `x-beyond-schema` says that no schema can express what is refused with this status.
    return answer is None or not api.contract.resolve(answer.pointer).get("x-beyond-schema")


def _finding(api: Api, observation: Observation, code: str, sentence: str) -> Finding:
    operation = observation.seen.operation
    return Finding(
        api=api.name,
        operation=operation.id,
        code=code,
        rule=operation.pointer,
        evidence=operation.evidence,
        sentence=sentence,
        status=observation.seen.status,
        exchange=observation.seen.exchange,
    )
