"""The phase `boundaries`: a fixed set of requests at the limits of what a contract allows.

The contract says what each of them should get: the validator reads the request, and a deployment
must accept what conforms and refuse what does not. Two requests that mean the same must get the
same response.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import Call, HttpCaller
from mockserver.check.http.workers import Lookahead
from mockserver.check.validation.unusual import list_other_spellings
from mockserver.contract import EVIDENCE, SAFE_METHODS, Format, Operation, Parameter
from mockserver.invariant import Interaction
from mockserver.json_pointer import ABSENT, list_differences, walk
from mockserver.kit import load_kit

_INTEGERS = (
    *("0", "1", "-1", "01", "+1", " 1", "1 ", "1.0", "1.5", "1e1", "0x1", "١", "", "true", "null"),
    *("2147483648", "9223372036854775808", "99999999999999999999", "NaN", "Infinity", "1,2", "[]"),
)
_STRINGS = (
    *("", " ", "null", "true", "0", "'", '"', "\\", "%", "%00", "a/b", "../..", "<b>", "{{1}}"),
    *("' OR '1'='1", "\u202e", "\u200d", "ـ", "🏳️‍🌈", "e\u0301", "x" * 4_000, "\ufeff", "a\tb"),
)
# For a format or a pattern: ISO 8601, with a leap day and without, and a number.
_FORMATTED = ("2024-02-29", "2023-02-29", "1e9")

_CLIENT_HEADERS: Mapping[str, str] = {
    "Accept-Language": "en-US,en;q=0.9,de;q=0.8",
    "Cache-Control": "no-cache",
    "Content-Type": "application/json; charset=utf-8",
    "Cookie": "mockserver-unknown=1",
    "If-None-Match": '"mockserver-unknown"',
    "Origin": "https://app.example",
    "User-Agent": "curl/8.5.0",
    "X-Requested-With": "XMLHttpRequest",
    # A server does not look at it where there is an If-None-Match (RFC 9110, section 13.1.3).
    "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT",
}
"""What clients send of themselves, and what changes nothing of a response."""

_DEFINED = ("Cache-Control", "Content-Type", "If-None-Match", "If-Modified-Since")
"""The headers of which RFC 9110 or RFC 8259 says so; no document speaks of the others."""

_VALUES: tuple[Any, ...] = (None, True, 0, 1, -1, 1.5, "", "1", "x", [], [1], {}, {"a": 1})
_BODIES = (b"", b"null", b"[]", b"1", b'"x"', b"{", b"{}", b"{'a':1}", b"\xff\xfe", b"[" * 2_000)


_URL = re.compile("(https?://[^/?#]*)([^?#]*)", re.IGNORECASE)


def run_boundaries(context: CheckContext) -> None:
    """Send the boundary cases of each operation that the target allows."""
    with context.read_ahead() as ahead:
        for operation in context.results.operations:
            name = f"boundaries of {operation.id}"
            cases = read_cases(context.api.name).list_successes(operation)
            if not context.can_run(name, writes=not context.allows(operation)):
                continue
            if not cases:
                context.results.skip(f"{name}: no case for a success")
                continue
            ready = (case for case in cases if context.ids.keys() >= {*case.required_ids})
            case = next(ready, cases[0])
            if context.can_run(name, case.required_ids, writes=False):
                request = case.fill(context.ids)
                arguments, body = request.get("parameters", {}), request.get("body", ABSENT)
                base = Call(operation.id, arguments, body)
                _send_boundaries(context, ahead, operation, base, case.world)


def _send_boundaries(
    context: CheckContext, ahead: Lookahead, operation: Operation, base: Call, scenario: str
) -> None:
    """Send a request that succeeds, changed in one place at a time."""
    writes, calls = operation.method not in SAFE_METHODS, _list_calls(context, operation, base)
    if writes:
        context.run_sequence(ahead, scenario, partial(_send_calls, calls), writes=True)
    else:  # they are one sequence all the same
        with context.world(scenario, is_read_only=True) as place:
            caller = context.make_caller(place)
            if operation.method == "GET":
                ahead.submit(caller, partial(_compare, context, base))
            for call in calls:
                ahead.submit(caller, partial(_send_calls, [call]))
    if not isinstance(base.body, dict):
        return
    typed = replace(base, headers=_list_headers(context))
    for call in (typed, *(replace(base, body=body) for body in _list_bodies(base.body))):
        # Each in a world of its own: one that is accepted changes the state for the next.
        context.run_sequence(ahead, scenario, partial(HttpCaller.send, call=call), writes=writes)


def _send_calls(calls: Iterable[Call], caller: HttpCaller) -> None:
    for call in calls:
        caller.send_any(call)


def _list_calls(context: CheckContext, operation: Operation, base: Call) -> Iterator[Call]:
    in_path = [spec.name for spec in operation.parameters if spec.location == "path"]
    for arguments in _list_arguments(context, operation, base.arguments):
        values = [str(arguments.get(name, "")) for name in in_path]
        # The others would be another path.
        if not any(value in ("", ".", "..") or "/" in value for value in values):
            yield replace(base, arguments=arguments)


def _list_arguments(
    context: CheckContext, operation: Operation, base: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    # A write goes to no id that the target does not name.
    is_bound = context.mock is None and operation.method not in SAFE_METHODS
    for n, spec in enumerate(operation.parameters):
        if spec.location == "path" and is_bound:
            continue
        share = slice(n % 2, None, 2) if context.is_quick else slice(None)
        for value in _list_values(spec, context.api.formats, share):
            yield {**base, spec.name: value}
        if spec.location == "query" and spec.name in base:
            yield {**base, spec.name: [base[spec.name]] * 2}
        yield {name: value for name, value in base.items() if name != spec.name}
    for arguments in load_kit(context.api).boundaries.get(operation.id, ()):
        yield {**base, **arguments}


def _list_values(spec: Parameter, formats: tuple[Format, ...], share: slice) -> Iterator[Any]:
    """The values at the limits of a parameter, and a share of those that are difficult for any."""
    schema = {**spec.schema.get("items", {}), **spec.schema}
    if schema.get("type") in ("integer", "number"):
        yield from _INTEGERS[share]
        bounds = [schema[word] for word in ("minimum", "maximum") if word in schema]
        yield from (str(bound + step) for bound in bounds for step in (-1, 0, 1))
        return
    for value in schema.get("enum", ()):
        yield value
        yield from list_other_spellings(str(value))
    for item in formats:
        if item.name == schema.get("format"):
            yield from item.examples
            yield from item.counterexamples
    if "format" in schema or "pattern" in schema:
        yield from _FORMATTED
    if spec.location != "header":
        yield from _STRINGS[share]


def _list_bodies(body: Mapping[str, Any]) -> Iterator[bytes]:
    changed = [
        *({**body, name: value} for name in body for value in _VALUES),
        *(
            {**body, name: other}
            for name, value in body.items()
            if isinstance(value, str)
            for other in list_other_spellings(value)
        ),
        *({key: value for key, value in body.items() if key != name} for name in body),
        {**body, "unexpected": 1},
    ]
    yield from (json.dumps(value).encode() for value in changed)
    # The same JSON, with white space and each sign of its strings escaped.
    yield re.sub(r'"[^"\\]*"', _escape, json.dumps(body, indent=1)).encode()
    yield from _BODIES


def _escape(text: re.Match[str]) -> str:
    return '"' + "".join(f"\\u{ord(sign):04x}" for sign in text[0][1:-1]) + '"'


def _list_headers(context: CheckContext) -> dict[str, str]:
    """What clients send of themselves, but for headers that the target or a credential needs."""
    taken = {name.lower() for name in context.target.headers}
    schemes = context.api.contract.security_schemes.values()
    if any(scheme.get("in") == "cookie" for scheme in schemes):
        taken.add("cookie")
    return {name: text for name, text in _CLIENT_HEADERS.items() if name.lower() not in taken}


def _compare(context: CheckContext, base: Call, caller: HttpCaller) -> None:
    first = _compare_equivalents(context, caller, base)
    _compare_ids(caller, base, first)
    _check_own_urls(context, caller, first)


def _compare_ids(caller: HttpCaller, base: Call, first: Interaction) -> None:
    """Request ids that differ from one that is there: they find nothing, or something else."""
    if not first.is_success:
        return
    for spec in first.operation.parameters:
        if spec.location != "path" or spec.schema.get("type") != "string" or "enum" in spec.schema:
            continue
        id = str(base.arguments[spec.name])
        others = (f"{id}x", f" {id}", f"0{id}", id.swapcase())
        for other in [other for other in others if other != id]:
            again = caller.send(replace(base, arguments={**base.arguments, spec.name: other}))
            is_alike = again.is_valid and again.is_success
            if is_alike and _write_body(again, other, id) == _write_body(first, id, id):
                caller.report(
                    again,
                    "same-id",
                    f"The id '{other}' finds what '{id}' finds",
                    # How a database compares ids is what documents do not say.
                    evidence=EVIDENCE[-1],
                    before=(first.exchange,),
                )


def _check_own_urls(context: CheckContext, caller: HttpCaller, interaction: Interaction) -> None:
    """Look for URLs of the requested path on another host, as a server behind a proxy writes them.

    A client that follows one leaves the deployment, or reaches nothing.
    """
    target, path = urlsplit(context.target.url), interaction.exchange.request.path
    origin = f"{target.scheme}://{target.netloc.rpartition('@')[2]}"
    for text in walk(interaction.response_body):
        url = _URL.match(text) if isinstance(text, str) else None
        if url and unquote(url[2]).endswith(path) and url[1].lower() != origin.lower():
            sentence = f"The response has the URL '{text}', and was requested from '{origin}'"
            caller.report(interaction, "other-host", sentence, evidence=EVIDENCE[-1])
            return


def _write_body(interaction: Interaction, id: str, instead: str) -> str:
    """The body of a response, in whose URLs another id is put in the place of the requested one."""
    text = json.dumps(interaction.response_body, ensure_ascii=False)
    for written in (quote(id), id):
        text = text.replace(f"/{written}/", f"/{instead}/")
    return text


def _compare_equivalents(context: CheckContext, caller: HttpCaller, base: Call) -> Interaction:
    """Send the same request again: in another order, with more parameters, headers, a body."""
    first, again = caller.send(base), caller.send(base)
    varying = set(list_differences(first.response_body, again.response_body))

    def compare(how: str, call: Call, evidence: str = "") -> None:
        interaction = caller.send(call)
        if is_other(interaction.status, interaction.response_body):
            sentence = f"The same request {how} gets another response"
            caller.report(
                interaction,
                "not-the-same",
                sentence,
                evidence=evidence,
                before=(first.exchange,),
            )

    def is_other(status: int, body: Any) -> bool:
        differing = set(list_differences(first.response_body, body)) - varying
        return status != first.status or bool(differing)

    compare(
        "in another order", replace(base, arguments=dict(reversed(list(base.arguments.items()))))
    )
    # A deployment may refuse what it does not know.
    unknown = {**base.arguments, "unexpected": "1"}
    how = "with a parameter that the contract does not have"
    compare(how, replace(base, arguments=unknown), EVIDENCE[-1])
    if base.body is ABSENT:
        compare("with a body", replace(base, body=b"{}"), EVIDENCE[-1])
    headers = _list_headers(context)
    modified = {name: headers.pop(name) for name in ("If-Modified-Since",) if name in headers}
    for some in filter(None, (headers, modified)):
        interaction = caller.send(replace(base, headers=some))
        if is_other(interaction.status, interaction.response_body):
            # Which of them it is.
            for name, text in some.items():
                evidence = "" if name in _DEFINED else EVIDENCE[-1]
                compare(f"with `{name}: {text}`", replace(base, headers={name: text}), evidence)
    return first
