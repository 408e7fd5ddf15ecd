"""Validates one exchange by the contract: its violations, and whether it was rightly accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.api import Api
from mockserver.check.validation.finding import Finding, make_finding, make_violation_finding
from mockserver.contract import (
    EVIDENCE,
    Exchange,
    Operation,
    Request,
    Response,
    Unmatched,
    Violation,
)
from mockserver.invariant import Interaction

_ALWAYS_ALLOWED = frozenset({401, 403, 404, 408, 413, 429})
"""Refusals that do not depend on a request's form: the client, the resource, the amount."""


@dataclass(frozen=True)
class Observation:
    """An interaction, and every violation of the contract by its request and by its response."""

    interaction: Interaction
    request_violations: tuple[Violation, ...]
    response_violations: tuple[Violation, ...]


def observe(
    api: Api,
    request: Request,
    response: Response,
    *,
    moment: int,
    is_admitted: bool = True,
    intended: tuple[Operation, Mapping[str, str]] | None = None,
) -> Observation | None:
    """Validate an exchange by the contract; None for a path that it does not have.

    `intended` is the operation and the values in the path, where the caller knows them.
    """
    if intended is None:
        match = api.contract.match(request.method, request.path)
        if isinstance(match, Unmatched):
            return None
        intended = match
    operation, path_values = intended
    response_body: Any = None
    with suppress(orjson.JSONDecodeError):
        response_body = orjson.loads(response.body)
    validated = api.validator.validate_request(operation, request, path_values)
    interaction = Interaction(
        operation=operation,
        exchange=Exchange(request, response),
        arguments=validated.arguments,
        is_valid=not validated.violations,
        response_body=response_body,
        moment=moment,
        is_admitted=is_admitted,
    )
    violations = api.validator.validate_response(operation, response)
    return Observation(interaction, tuple(validated.violations), tuple(violations))


def check_acceptance(api: Api, observation: Observation) -> Iterator[Finding]:
    """The finding that a deployment refuses what the contract allows, or accepts what it does not.

    A server error is a finding whatever the request was.
    """
    interaction, status = observation.interaction, observation.interaction.status
    request, violations = interaction.exchange.request, observation.request_violations
    if status >= 500:
        yield make_finding(api.name, interaction, "server-error", f"A request gets {status}")
    elif isinstance(api.contract.match(request.method, request.path), Unmatched):
        return  # a status case sends what is no operation of the contract
    elif violations and 200 <= status < 300:
        # The violated rule with the best evidence decides how severe it is to accept the request.
        worst = min(violations, key=lambda violation: EVIDENCE.index(violation.evidence))
        prefix = f"A request that breaks the contract gets {status}: "
        yield make_violation_finding(api.name, interaction, worst, prefix)
    elif not violations and interaction.is_admitted and _is_refusal(api, interaction):
        sentence = f"A request that the contract allows gets {status}"
        yield make_finding(api.name, interaction, "refused", sentence)


def _is_refusal(api: Api, interaction: Interaction) -> bool:
    if not 400 <= interaction.status < 500 or interaction.status in _ALWAYS_ALLOWED:
        return False
    documented = interaction.operation.response(interaction.status)
    # `x-beyond-schema` says that this status refuses what no schema can express.
    return documented is None or not api.contract.resolve(documented.pointer).get("x-beyond-schema")
