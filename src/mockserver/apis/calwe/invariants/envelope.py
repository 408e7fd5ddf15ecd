"""The envelope: `success`, `message`, `data` and `statusCode` tell the same story as the status."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.apis.calwe import wire
from mockserver.apis.calwe.invariants.answers import ALL, CREATES, LISTS, envelope, shown
from mockserver.invariant import Interaction, invariant

_ESCAPED_ARABIC = re.compile(rb"(?i)\\u06[0-9a-f]{2}")
_SHOWN = (200, 404, 422)
"""The statuses of which the page shows an answer."""


@invariant(*ALL, evidence="documented", note="The page shows it of 200, 404 and 422.")
def status_code_repeats_the_status(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`statusCode` is the HTTP status."""
    code = (envelope(now) or {}).get("statusCode")
    if now.status not in _SHOWN or type(code) is not int:
        return None
    if code == now.status:
        return []
    return [f"statusCode is {code} in an answer of status {now.status}"]


@invariant(*ALL, evidence="documented", note="The page shows it of 200, 404 and 422.")
def success_says_how_it_ended(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`success` is true in an answer of success and false in a refusal."""
    success = (envelope(now) or {}).get("success")
    if now.status not in _SHOWN or not isinstance(success, bool):
        return None
    if success == (now.status == now.operation.success):
        return []
    return [f"success is {str(success).lower()} in an answer of status {now.status}"]


@invariant(*ALL, evidence="documented", note="The refusals of paging are not on the page.")
def message_tells_the_outcome(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """The message is, byte for byte, the page's own for that outcome."""
    message = (envelope(now) or {}).get("message")
    known = _messages(now)
    if not known or not isinstance(message, str):
        return None
    if message in known:
        return []
    return [f"the message of a {now.status} is '{message}', and not '{known[0]}'"]


def _messages(now: Interaction) -> tuple[str, ...]:
    """The messages that an answer may have; the order of the two checks of a create is open."""
    is_create = now.operation.id in CREATES
    match now.status:
        case 200:
            return (wire.SAVED if is_create else wire.LISTED,)
        case 404:
            return (wire.SESSION_NOT_FOUND,)
        case 422 if is_create:
            return (wire.SESSION_ENDED,) if now.is_valid else (wire.INVALID, wire.SESSION_ENDED)
    return ()


@invariant(
    *ALL, evidence="assumed", note="The page shows the letters; JSON means the same by both."
)
def arabic_is_not_escaped(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """Arabic letters stand in an answer as themselves, in UTF-8, and not escaped to ASCII."""
    body = now.exchange.response.body
    if envelope(now) is None:
        return None
    escaped = _ESCAPED_ARABIC.search(body)
    if escaped:
        return [f"a letter is written {escaped[0].decode()}"]
    return None if body.isascii() else []


@invariant(*ALL, evidence="documented", note="The page shows the 404 and the two kinds of 422.")
def refusals_have_the_data_shown(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A refusal's `data` is null; where the entry's type is invalid, it names that field."""
    found = envelope(now)
    if found is None or "data" not in found:
        return None
    message, data = found.get("message"), found["data"]
    if now.status == 404 or _is_ended(now, message):
        return [] if data is None else [f"data is {shown(data)}, and not null"]
    if now.operation.id in CREATES and now.status == 422 and message == wire.INVALID:
        is_named = isinstance(data, dict) and list(data) == ["action_type"]
        return [] if is_named else [f"data is {shown(data)}, and does not name action_type alone"]
    return None


def _is_ended(now: Interaction, message: object) -> bool:
    return now.status == 422 and message == wire.SESSION_ENDED


@invariant(*ALL, evidence="related", note="Other pages of the vendor show this answer.")
def refused_credentials_are_told_so(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A refused credential gets the vendor's own message and an empty list as `data`."""
    found = envelope(now)
    if now.status != 401 or found is None:
        return None
    breaches = []
    if found.get("message") != wire.UNAUTHENTICATED:
        breaches.append(f"the message is {shown(found.get('message'))}")
    if found.get("data") != []:
        breaches.append(f"data is {shown(found.get('data'))}")
    return breaches


@invariant(*ALL, evidence="documented", note="The page requires the header Authorization.")
def nothing_is_done_without_a_credential(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """Nobody is answered with success who has no credential, or one that is refused."""
    if now.is_admitted:
        return None
    if not 200 <= now.status < 300:
        return []
    return [f"a request without a good credential is answered {now.status}"]


@invariant(*LISTS, evidence="assumed", note="The page shows this shape for an invalid entry only.")
def refused_paging_is_named(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A refusal of paging names in `data` each parameter that is wrong, and no other."""
    found = envelope(now) or {}
    data = found.get("data")
    if now.status != 422 or now.is_valid or not isinstance(data, dict):
        return None
    wrong = {"per_page", "page"} - now.arguments.keys()
    breaches = []
    if data.keys() != wrong:
        breaches.append(f"data names {sorted(data)}, and wrong is {sorted(wrong)}")
    if found.get("message") != wire.INVALID:
        breaches.append(f"the message is {shown(found.get('message'))}")
    return breaches
