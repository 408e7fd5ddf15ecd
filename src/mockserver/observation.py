"""Validates one exchange by the contract: for the contract kit, and for the proxy."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson

from mockserver.api import Api
from mockserver.contract import EVIDENCE, Exchange, Operation, ValidatedRequest, Violation
from mockserver.invariant import Interaction

_NOT_FOUND = 404
_REDIRECTS, _CLIENT_ERRORS = range(300, 400), range(400, 500)


def observe(
    api: Api,
    exchange: Exchange,
    match: tuple[Operation, Mapping[str, str]],
    *,
    moment: int,
    is_admitted: bool = True,
    validated: ValidatedRequest | None = None,
) -> Interaction:
    """Validate an exchange by the operation that matches it, with the values in its path.

    The request may have been `validated` before.
    """
    operation, path_values = match
    response_body: Any = None
    with suppress(orjson.JSONDecodeError, TypeError):
        read = orjson.loads(exchange.response.body)
        # This raises TypeError where it is nested too deeply for functions that recur.
        orjson.dumps(read)
        response_body = read
    if validated is None:
        validated = api.validator.validate_request(operation, exchange.request, path_values)
    return Interaction(
        operation=operation,
        exchange=exchange,
        arguments=validated.arguments,
        request_violations=validated.violations,
        response_violations=api.validator.validate_response(operation, exchange.response),
        response_body=response_body,
        moment=moment,
        is_admitted=is_admitted,
    )


def weaken(api: Api, interaction: Interaction, violation: Violation) -> Violation:
    """A violation of a response, with the evidence that it has after this request.

    Documents do not say where a client without a credential is redirected to, and a refusal of
    another method, or of a page of a list, need not be one that they show.
    """
    request, status = interaction.exchange.request, interaction.status
    is_redirect = not interaction.is_admitted and status in _REDIRECTS
    is_other = request.method != interaction.operation.method
    is_shown = not is_other and not _may_lack_its_page(api, interaction)
    if is_redirect or (status in _CLIENT_ERRORS and not is_shown):
        return replace(violation, evidence=EVIDENCE[-1])
    return violation


def _may_lack_its_page(api: Api, interaction: Interaction) -> bool:
    """Whether a 404 may mean the page of a list, and not the list."""
    spec = api.traits.of(interaction).pagination
    if interaction.status != _NOT_FOUND or spec is None:
        return False
    page = interaction.arguments.get(spec.page or spec.offset, spec.first_page)
    wrong = {violation.location for violation in interaction.request_violations}
    return page not in (0, spec.first_page) or any(
        f"/request/query/{name}" in wrong for name in spec.parameters
    )
