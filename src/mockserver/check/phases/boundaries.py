"""The phase `boundaries`: a fixed set of requests at the limits of what a contract allows.

The contract says what each of them should get: the validator reads the request, and a deployment
must accept what conforms and refuse what does not. Two requests that mean the same must get the
same response.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import Call, HttpCaller
from mockserver.check.validation.json_diff import list_differences
from mockserver.contract import Format, Operation, Parameter
from mockserver.invariant import Interaction
from mockserver.json_pointer import ABSENT
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


@dataclass(frozen=True)
class _Base:
    """A request that succeeds, to be changed in one place at a time."""

    operation: Operation
    parameters: Mapping[str, Any]
    body: Any
    world: str


def run_boundaries(context: CheckContext) -> None:
    """Send the boundary cases of each operation that the target allows."""
    for operation in context.api.contract.operations:
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
            body = request.get("body", ABSENT)
            _send_boundaries(
                context, _Base(operation, request.get("parameters", {}), body, case.world)
            )


def _send_boundaries(context: CheckContext, base: _Base) -> None:
    with context.sequence(base.world) as caller:
        if base.operation.method == "GET":
            _compare_equivalents(context, caller, base)
        for spec in base.operation.parameters:
            for value in _list_boundaries(spec, context.api.formats):
                _send(caller, base, {**base.parameters, spec.name: value})
            if spec.location == "query" and spec.name in base.parameters:
                value = base.parameters[spec.name]
                _send(caller, base, {**base.parameters, spec.name: [value, value]})
            _send(caller, base, {k: v for k, v in base.parameters.items() if k != spec.name})
        for arguments in load_kit(context.api).boundaries.get(base.operation.id, ()):
            _send(caller, base, {**base.parameters, **arguments})
    if isinstance(base.body, dict):
        _send_body_boundaries(context, base, base.body)


def _send_body_boundaries(context: CheckContext, base: _Base, body: Mapping[str, Any]) -> None:
    """Each body in a world of its own: one that is accepted changes the state for the next."""
    changed = [
        *({**body, name: value} for name in body for value in _VALUES),
        *({key: value for key, value in body.items() if key != name} for name in body),
        {**body, "unexpected": 1},
    ]
    for content in (*(json.dumps(value).encode() for value in changed), *_BODIES):
        with context.sequence(base.world) as caller:
            _send(caller, base, base.parameters, content)


def _send(
    caller: HttpCaller, base: _Base, parameters: Mapping[str, Any], body: Any = None
) -> Interaction | None:
    in_path = {spec.name for spec in base.operation.parameters if spec.location == "path"}
    values = [str(parameters.get(name, "")) for name in in_path]
    if any(value in ("", ".", "..") or "/" in value for value in values):
        return None  # that would be another path
    return caller.send(
        Call(base.operation.id, parameters, body=base.body if body is None else body)
    )


def _list_boundaries(spec: Parameter, formats: tuple[Format, ...]) -> Iterator[Any]:
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


def _compare_equivalents(context: CheckContext, caller: HttpCaller, base: _Base) -> None:
    """Send the same request again, in another order, and with an unknown parameter."""
    first, again = _send(caller, base, base.parameters), _send(caller, base, base.parameters)
    if first is None or again is None:
        return
    varying = set(list_differences(first.response_body, again.response_body))
    equivalents = {
        "in another order": dict(reversed(list(base.parameters.items()))),
        "with a parameter that the contract does not have": {**base.parameters, "unexpected": "1"},
    }
    for how, parameters in equivalents.items():
        interaction = _send(caller, base, parameters)
        if interaction is None:
            continue
        differing = set(list_differences(first.response_body, interaction.response_body)) - varying
        if interaction.status != first.status or differing:
            sentence = f"The same request {how} gets another response"
            context.results.report(interaction, "not-the-same", sentence)
