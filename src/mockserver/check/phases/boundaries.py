"""The phase `boundaries`: a fixed set of requests at the limits of what a contract allows.

The contract says what each of them should get: the validator reads the request, and a deployment
must accept what conforms and refuse what does not. Two requests that mean the same must get the
same response.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import Call, HttpCaller
from mockserver.contract import EVIDENCE, SAFE_METHODS, Format, Operation, Parameter
from mockserver.json_pointer import ABSENT, list_differences
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

_VALUES: tuple[Any, ...] = (None, True, 0, 1, -1, 1.5, "", "1", "x", [], [1], {}, {"a": 1})
_BODIES = (b"", b"null", b"[]", b"1", b'"x"', b"{", b"{}", b"{'a':1}", b"\xff\xfe", b"[" * 2_000)


def run_boundaries(context: CheckContext) -> None:
    """Send the boundary cases of each operation that the target allows."""
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
            base = Call(operation.id, request.get("parameters", {}), request.get("body", ABSENT))
            _send_boundaries(context, operation, base, case.world)


def _send_boundaries(
    context: CheckContext, operation: Operation, base: Call, scenario: str
) -> None:
    """Send a request that succeeds, changed in one place at a time."""
    in_path = [spec.name for spec in operation.parameters if spec.location == "path"]
    is_read_only = operation.method in SAFE_METHODS
    with context.sequence(scenario, is_read_only=is_read_only) as caller:
        if operation.method == "GET":
            _compare_equivalents(context, caller, base)
        for arguments in _list_arguments(context, operation, base.arguments):
            values = [str(arguments.get(name, "")) for name in in_path]
            # The others would be another path.
            if not any(value in ("", ".", "..") or "/" in value for value in values):
                caller.send_any(replace(base, arguments=arguments))
    for body in _list_bodies(base.body) if isinstance(base.body, dict) else ():
        # Each in a world of its own: one that is accepted changes the state for the next.
        with context.sequence(scenario) as caller:
            caller.send(replace(base, body=body))


def _list_arguments(
    context: CheckContext, operation: Operation, base: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    # A write goes to no id that the target does not name.
    is_bound = context.mock is None and operation.method not in SAFE_METHODS
    for spec in operation.parameters:
        if spec.location == "path" and is_bound:
            continue
        for value in _list_values(spec, context.api.formats):
            yield {**base, spec.name: value}
        if spec.location == "query" and spec.name in base:
            yield {**base, spec.name: [base[spec.name]] * 2}
        yield {name: value for name, value in base.items() if name != spec.name}
    for arguments in load_kit(context.api).boundaries.get(operation.id, ()):
        yield {**base, **arguments}


def _list_values(spec: Parameter, formats: tuple[Format, ...]) -> Iterator[Any]:
    schema = {**spec.schema.get("items", {}), **spec.schema}
    if schema.get("type") in ("integer", "number"):
        yield from _INTEGERS
        bounds = [schema[word] for word in ("minimum", "maximum") if word in schema]
        yield from (str(bound + step) for bound in bounds for step in (-1, 0, 1))
        return
    yield from schema.get("enum", ())
    for item in formats:
        if item.name == schema.get("format"):
            yield from item.examples
            yield from item.counterexamples
    if "format" in schema or "pattern" in schema:
        yield from _FORMATTED
    if spec.location != "header":
        yield from _STRINGS


def _list_bodies(body: Mapping[str, Any]) -> Iterator[bytes]:
    changed = [
        *({**body, name: value} for name in body for value in _VALUES),
        *({key: value for key, value in body.items() if key != name} for name in body),
        {**body, "unexpected": 1},
    ]
    yield from (json.dumps(value).encode() for value in changed)
    yield from _BODIES


def _compare_equivalents(context: CheckContext, caller: HttpCaller, base: Call) -> None:
    """Send the same request again, in another order, and with an unknown parameter."""
    first, again = caller.send(base), caller.send(base)
    varying = set(list_differences(first.response_body, again.response_body))
    equivalents = {
        "in another order": dict(reversed(list(base.arguments.items()))),
        "with a parameter that the contract does not have": {**base.arguments, "unexpected": "1"},
    }
    for how, arguments in equivalents.items():
        interaction = caller.send(replace(base, arguments=arguments))
        differing = set(list_differences(first.response_body, interaction.response_body)) - varying
        if interaction.status != first.status or differing:
            sentence = f"The same request {how} gets another response"
            # A deployment may refuse what it does not know.
            evidence = EVIDENCE[-1] if "unexpected" in arguments else ""
            context.results.report(
                interaction,
                "not-the-same",
                sentence,
                evidence=evidence,
                before=(first.exchange,),
            )
