"""Recognises the API in the responses of a target, and says what is there instead."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.contract import GATEWAY_ERRORS, Exchange
from mockserver.redaction import Mask

ENOUGH = 10
"""Requests after which a target of which no response is of the API is another server."""

_REDIRECTS = range(300, 400)


def explain_stranger(results: Results, target: Target) -> str:
    """Why a target does not serve the API, or nothing where one response at least is of it.

    A response is of the API where the contract documents its status and its content type, also
    where one of the two is wrong: a deployment that deviates in one respect gets its findings.
    """
    if not results.requests or results.recognised:
        return ""
    url, api = f"{target.url.rstrip('/')}{results.api.contract.base}", results.api.name
    exchanges = [exchange for _, _, exchange, _ in results.traffic]
    status, number = Counter(it.response.status for it in exchanges).most_common(1)[0]
    exchange = next(it for it in exchanges if it.response.status == status)
    found = f"{number} of {len(exchanges)} responses have the status {status}"
    return (
        f"'{target.url}' does not serve the API '{api}': {found}, and none is documented. "
        + _advise(exchange, results.api.contract.base, url, target.mask)
    )


def explain_refusal(results: Results, target: Target) -> str:
    """That the credential of a target is refused, or nothing where it was accepted at least once.

    A target that refuses every request proves nothing, whatever else its responses are.
    """
    if results.admitted[True] or not results.admitted[False]:
        return ""
    statuses = Counter[int]()
    for (_, status, _), cell in results.cells.items():
        statuses[status] += cell.requests
    api = results.api.name
    variable = target.variables.get(api)
    if variable:
        advice = f"Is the value of the variable {variable} valid?"
    elif api in target.credentials:
        advice = "Is it valid?"
    else:
        advice = (
            f"The target has none: name a variable that has it with --credential {api}=VARIABLE."
        )
    return (
        f"the credential was refused: 401 at the first request, and at {statuses[401]} of "
        f"{statuses.total()} requests; none succeeded. {advice}"
    )


def _advise(exchange: Exchange, base: str, url: str, mask: Mask) -> str:
    response, location = exchange.response, exchange.response.headers.get("location")
    if response.status in _REDIRECTS and location:
        return _advise_redirected(location, base + exchange.request.path)
    if response.status in GATEWAY_ERRORS:
        after = response.headers.get("retry-after")
        when = f"its Retry-After is {after}" if after else "try again later"
        return f"It is down, or a gateway before it; {when}."
    if response.status == 404:
        return f"Is the URL right? The paths of the API are looked for below '{url}'."
    if "html" in response.headers.media_type:
        return "It is a page of HTML: is it a login page, or the frontend and not the API?"
    # Redacted as a whole: half a secret is not recognised.
    body = mask.body(response.body.decode("utf-8", "replace"))
    return f"Is the URL right? The first such response begins with {body[:100]!r}."


def _advise_redirected(location: str, path: str) -> str:
    """What to do where a request for a path of the API is redirected."""
    there = urlsplit(location).path
    if there.endswith(path) and there != location:
        elsewhere = location[: location.index(there)] + there.removesuffix(path)
        return f"It redirects to '{location}'; give the URL '{elsewhere}'."
    if there.rstrip("/").endswith(path.rstrip("/")):
        return f"It redirects to '{location}', but no path of the contract ends like that."
    return f"It redirects to '{location}'; is that a login page, or does the API have another URL?"
