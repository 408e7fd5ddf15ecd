"""What violates the contract in an exchange with an upstream, and how severe that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mockserver.api import Api
from mockserver.clock import SECOND, machine_now
from mockserver.contract import (
    BINDING,
    EVIDENCE,
    GATEWAY_ERRORS,
    Exchange,
    Headers,
    Operation,
    Request,
    Response,
    Unmatched,
    ValidatedRequest,
    Violation,
    is_authenticated,
    read_credentials,
    weaker,
)
from mockserver.invariant import Interaction
from mockserver.kit import load_kit
from mockserver.observation import observe, weaken
from mockserver.server.upstream.call import ForwardedCall
from mockserver.traffic.har_entry import parse_http_date

_OF_SERVERS = frozenset({501, *GATEWAY_ERRORS})
"""Statuses that say nothing about the API."""
_CONDITIONS = ("if-match", "if-modified-since", "if-none-match", "if-unmodified-since")
_REQUESTED = {304: _CONDITIONS, 412: _CONDITIONS, 206: ("range",), 416: ("range",)}
"""Statuses that a client requests by one of these fields, whatever the API is."""
_TOLERANCE = 60 * SECOND
"""Clocks that differ by less are the same."""
_UNAUTHORIZED = 401
_WITHOUT_CONTRACT = frozenset({"HEAD", "OPTIONS", "TRACE"})


def list_request_violations(
    call: ForwardedCall, request: Request, *, has_body: bool
) -> tuple[list[Violation], ValidatedRequest]:
    """What a request violates; its body is left out where it is not there."""
    if call.operation is None:
        found = call.api.contract.match(request.method, request.path)
        if request.method in _WITHOUT_CONTRACT or not isinstance(found, Unmatched):
            return [], ValidatedRequest()
        violation = call.api.validator.describe_unmatched(request, found)
        # No document says that there is nothing else.
        return [replace(violation, evidence=EVIDENCE[-1], severity="warning")], ValidatedRequest()
    validated = call.api.validator.validate_request(call.operation, request, call.path_values)
    if not has_body:
        own = [it for it in validated.violations if not it.location.startswith("/request/body")]
        validated = replace(validated, violations=own)
    graded = map(_grade, [*validated.violations, *validated.warnings])
    return list(graded), validated


def list_response_violations(
    call: ForwardedCall,
    exchange: Exchange,
    validated: ValidatedRequest,
    before: Sequence[Interaction],
    *,
    has_body: bool,
    is_request_known: bool,
) -> tuple[list[Violation], Interaction | None]:
    """What a response violates, and the interaction for the history.

    Invariants are evaluated where both bodies are there.
    """
    operation, response = call.operation, exchange.response
    if operation is None:
        return [], None
    interaction = observe(
        call.api,
        exchange,
        (operation, call.path_values),
        moment=_find_moment(response),
        is_admitted=_is_admitted(call.api, operation, exchange),
        validated=validated,
    )
    found = [
        violation
        for violation in interaction.response_violations
        if has_body or not violation.location.startswith("/response/body")
    ]
    interaction = replace(interaction, response_violations=found)
    weakened = (_excuse(weaken(call.api, interaction, it), exchange) for it in found)
    violations = list(map(_grade, weakened))
    if not (has_body and is_request_known):
        return violations, None
    return [*violations, *_evaluate_invariants(call.api, interaction, before)], interaction


def describe_unvalidated(operation: Operation, message: str, reason: str) -> Violation:
    """That the body of a request or a response was not validated."""
    return Violation(
        location=f"/{message}/body",
        rule=operation.pointer,
        code="not-validated",
        value=None,
        message=f"the body was not validated: {reason}",
        evidence=EVIDENCE[-1],
        severity="warning",
    )


def _evaluate_invariants(
    api: Api, now: Interaction, before: Sequence[Interaction]
) -> Iterator[Violation]:
    for invariant in load_kit(api).invariants:
        if now.operation.id not in invariant.operations:
            continue
        alone = invariant.evaluate(now, ()) or []
        for sentence in dict.fromkeys([*alone, *(invariant.evaluate(now, before) or [])]):
            violation = Violation(
                location="/response",
                rule=f"invariant:{invariant.name}",
                code="invariant",
                value=None,
                message=f"{invariant.sentence} But {sentence}",
                evidence=weaker(now.operation.evidence, invariant.evidence),
            )
            # Other clients of the upstream may have changed something since the request before.
            is_certain = sentence in alone
            yield _grade(violation) if is_certain else replace(violation, severity="warning")


def _grade(violation: Violation) -> Violation:
    """A violation with its severity: an error only where a document says so."""
    is_binding = weaker(violation.evidence, BINDING) == BINDING
    # Vendors add fields (docs/check/verdict.md).
    if is_binding and violation.code != "additionalProperties":
        return violation
    return replace(violation, severity="warning")


def _excuse(violation: Violation, exchange: Exchange) -> Violation:
    """A violation that is none of the API's if any server responds like that."""
    status, headers = exchange.response.status, exchange.request.headers
    is_requested = any(headers.get(name) is not None for name in _REQUESTED.get(status, ()))
    if violation.code == "status" and (is_requested or status in _OF_SERVERS):
        return replace(violation, evidence=EVIDENCE[-1])
    return violation


def _is_admitted(api: Api, operation: Operation, exchange: Exchange) -> bool:
    """Whether the credential of a request was meant to be accepted, as far as that is known."""
    credentials = read_credentials(api.contract, operation, exchange.request)
    is_sent = is_authenticated(
        operation, credentials, lambda value: bool(value.strip()), required=False
    )
    return is_sent and exchange.response.status != _UNAUTHORIZED


def _find_moment(response: Response) -> int:
    """When a response came, by the clock of the upstream if that is another one."""
    now = machine_now()
    date = parse_http_date(response.headers.get("date") or "")
    return now if date is None or abs(date - now) < _TOLERANCE else date


def make_request(
    call: ForwardedCall, method: str, path: str, query: bytes, body: bytes, headers: Headers
) -> Request:
    """The request as the contract sees it: HEAD is a GET."""
    return Request(
        method="GET" if method == "HEAD" else method,
        path=path[len(call.api.contract.base) :],
        query=query.decode("latin-1"),
        headers=headers,
        body=body,
    )
