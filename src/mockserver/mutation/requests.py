"""Operators on what an operation makes of a request: parameters, bodies, credentials, writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract import Contract, Format, Operation, Parameter, Request, Response
from mockserver.mutation.messages import get_query, with_header, with_json, with_query, with_status
from mockserver.mutation.mutation import Discarded, Flow, Mutation, request_flow

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
_INVALID = (400, 415, 422)
"""The statuses of a request that does not conform."""


@dataclass(frozen=True)
class _Operators:
    """Makes the mutations of one operation."""

    contract: Contract
    operation: Operation

    def on_request(
        self, operator: str, place: str, sentence: str, change: Callable[[Request], Request]
    ) -> Mutation:
        return self.on_flow(operator, place, sentence, request_flow(change))

    def on_flow(
        self, operator: str, place: str, sentence: str, flow: Callable[[Request], Flow]
    ) -> Mutation:
        name = f"{self.operation.id}.{operator}" + (f":{place}" if place else "")
        return Mutation(name, sentence, (self.operation.id,), flow, operator)


def request_mutations(
    contract: Contract, operation: Operation, formats: Sequence[Format]
) -> Iterator[Mutation]:
    """What an operation can make wrongly of a request."""
    make = _Operators(contract, operation)
    for parameter in operation.parameters:
        if parameter.location == "query":
            text = _example(contract, parameter)
            yield from _any_parameter(make, parameter, text)
            known = [item for item in formats if item.name == parameter.schema.get("format")]
            if known and text is not None and known[0].read is not str:
                yield _impossible(make, parameter, text, known[0])
            if parameter.schema.get("type") in ("integer", "number"):
                yield from _number(make, parameter)
            if parameter.schema.get("type") == "array" and not parameter.explode:
                yield from _list(make, parameter)
    yield from _security(make)
    body = next(
        (example for media in operation.body.values() for example in media.examples.values()),
        None,
    )
    example = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    if example is not None:
        yield from _body(make, example)
    if operation.method not in _SAFE:
        yield from _writes(make, example)
    yield from _canned(make)


def _example(contract: Contract, parameter: Parameter) -> str | None:
    """A text that the parameter takes, as far as the contract shows one."""
    node = contract.resolve(parameter.pointer)
    shown = [item["value"] for item in node.get("examples", {}).values() if "value" in item]
    shown += [owner["example"] for owner in (node, parameter.schema) if "example" in owner]
    shown += [parameter.schema[key] for key in ("default", "minimum") if key in parameter.schema]
    shown += parameter.schema.get("enum", [])
    return _write(shown[0]) if shown else None


def _write(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_write, value))
    return value if isinstance(value, str) else json.dumps(value)


def _any_parameter(
    make: _Operators, parameter: Parameter, example: str | None
) -> Iterator[Mutation]:
    name, place = parameter.name, f"query/{parameter.name}"

    def set_if(is_sent: bool, text: str | None) -> Callable[[Request], Request]:
        def change(request: Request) -> Request:
            has = get_query(request, name) is not None
            return with_query(request, **{name: text}) if has == is_sent else request

        return change

    def accept_invalid(request: Request) -> Flow:
        response = yield request
        if response.status not in _INVALID or get_query(request, name) is None:
            return response
        return (yield with_query(request, **{name: example if parameter.required else None}))

    def ignore(request: Request) -> Flow:
        if get_query(request, name) is None:
            return (yield request)
        response = yield Discarded(request)
        if response.status != make.operation.success:
            return response  # what does not conform is refused still
        return (yield with_query(request, **{name: None}))

    if not parameter.required:
        yield make.on_flow("ignore-parameter", place, f"`{name}` is ignored.", ignore)
    elif example is not None:
        yield make.on_request(
            "fixed-parameter",
            place,
            f"`{name}` is always read as `{example}`.",
            set_if(is_sent=True, text=example),
        )
        yield make.on_request(
            "accept-missing",
            place,
            f"A request without its `{name}` is accepted.",
            set_if(is_sent=False, text=example),
        )
    other = _other_default(parameter)
    if other is not None:
        yield make.on_request(
            "other-default",
            place,
            f"The default of `{name}` is `{other}`.",
            set_if(is_sent=False, text=other),
        )
    wrong = _wrong_text(parameter)
    if wrong is not None:
        yield make.on_flow(
            "accept-invalid",
            place,
            f"An invalid `{name}` is accepted, and ignored.",
            accept_invalid,
        )
        if not parameter.required:
            yield make.on_request(
                "require-parameter",
                place,
                f"A request without `{name}` is refused.",
                set_if(is_sent=False, text=wrong),
            )


def _impossible(make: _Operators, parameter: Parameter, example: str, form: Format) -> Mutation:
    def change(request: Request) -> Request:
        text = get_query(request, parameter.name)
        has_form = text is not None and re.fullmatch(form.pattern, text)
        if text is None or not has_form or form.check(text):
            return request
        return with_query(request, **{parameter.name: example})

    return make.on_request(
        "accept-impossible",
        f"query/{parameter.name}",
        f"An impossible `{parameter.name}`, such as 31 February, is accepted.",
        change,
    )


def _other_default(parameter: Parameter) -> str | None:
    schema = parameter.schema
    default = schema.get("default")
    match default:
        case bool():
            return _write(not default)
        case int():
            return str(default + 1 if default < schema.get("maximum", default + 1) else default - 1)
        case list():
            return _write(default[:1]) if len(default) > 1 else None
        case _:
            others = [item for item in schema.get("enum", []) if item != default]
            return _write(others[0]) if others and "default" in schema else None


def _wrong_text(parameter: Parameter) -> str | None:
    """A text that the parameter refuses; None where it takes any."""
    schema = {**parameter.schema.get("items", {}), **parameter.schema}
    is_closed = schema.get("type") in ("integer", "number", "boolean")
    return "x" if is_closed or {"enum", "pattern", "format"} & schema.keys() else None


def _number(make: _Operators, parameter: Parameter) -> Iterator[Mutation]:
    name, place, schema = parameter.name, f"query/{parameter.name}", parameter.schema

    def change_number(
        change: Callable[[float], float], applies: Callable[[float], bool] = lambda _: True
    ) -> Callable[[Request], Request]:
        def change_request(request: Request) -> Request:
            try:
                value = json.loads(get_query(request, name) or "")
            except ValueError:
                return request
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not applies(value):
                return request
            return with_query(request, **{name: json.dumps(change(value))})

        return change_request

    def at_bound(bound: str, limit: float, by: int) -> Iterator[Mutation]:
        yield make.on_request(
            f"ignore-{bound}",
            place,
            f"`{name}` beyond its {bound} is accepted, and read as the {bound}.",
            change_number(lambda _: limit, lambda value: (value - limit) * by > 0),
        )
        yield make.on_request(
            f"{bound}-off-by-one",
            place,
            f"`{name}` one beyond its {bound} is accepted.",
            change_number(lambda _: limit, lambda value: value == limit + by),
        )
        yield make.on_request(
            f"refuse-{bound}",
            place,
            f"`{name}` at its {bound} is refused.",
            change_number(lambda value: value + by, lambda value: value == limit),
        )

    yield make.on_request(
        "parameter-plus-one",
        place,
        f"`{name}` is read as one more.",
        change_number(lambda value: value + 1),
    )
    yield make.on_request(
        "parameter-minus-one",
        place,
        f"`{name}` is read as one less.",
        change_number(lambda value: value - 1, lambda value: value > schema.get("minimum", -1)),
    )
    if "minimum" in schema:
        yield from at_bound("minimum", schema["minimum"], -1)
    if "maximum" in schema:
        yield from at_bound("maximum", schema["maximum"], 1)


def _list(make: _Operators, parameter: Parameter) -> Iterator[Mutation]:
    name, place = parameter.name, f"query/{parameter.name}"
    for operator, word, index in (("first-of-list", "first", 0), ("last-of-list", "last", -1)):

        def change(request: Request, index: int = index) -> Request:
            text = get_query(request, name)
            return (
                request if text is None else with_query(request, **{name: text.split(",")[index]})
            )

        yield make.on_request(operator, place, f"Only the {word} value of `{name}` counts.", change)


def list_schemes(contract: Contract, operation: Operation) -> list[Mapping[str, Any]]:
    """The security schemes of an operation."""
    names = {name for alternative in operation.security for name in alternative}
    return [contract.security_schemes[name] for name in sorted(names)]


def with_credential(request: Request, schemes: Iterable[Mapping[str, Any]], text: str) -> Request:
    """The request with a text as its credential, in the place of each scheme."""
    for scheme in schemes:
        if scheme["type"] == "http":
            request = with_header(request, "authorization", f"Bearer {text}")
        elif scheme.get("in") == "header":
            request = with_header(request, scheme["name"].lower(), text)
        elif scheme.get("in") == "query":
            request = with_query(request, **{scheme["name"]: text})
    return request


def _security(make: _Operators) -> Iterator[Mutation]:
    schemes = list_schemes(make.contract, make.operation)
    if not schemes:
        return

    def has_credential(request: Request) -> bool:
        return with_credential(request, schemes, "x") != request and any(
            request.headers.get("authorization" if it["type"] == "http" else it["name"])
            for it in schemes
        )

    yield make.on_request(
        "skip-security",
        "",
        "Any credential is accepted, and so is none.",
        lambda request: with_credential(request, schemes, "good"),
    )
    yield make.on_request(
        "refuse-credential",
        "",
        "Every credential is refused.",
        lambda request: (
            with_credential(request, schemes, "invalid") if has_credential(request) else request
        ),
    )
    if frozenset() in make.operation.security:
        yield make.on_request(
            "require-security",
            "",
            "A request without a credential is refused.",
            lambda request: (
                request if has_credential(request) else with_credential(request, schemes, "invalid")
            ),
        )


def _body(make: _Operators, example: bytes) -> Iterator[Mutation]:
    text = example.decode()

    def with_example(request: Request) -> Request:
        typed = with_header(request, "content-type", next(iter(make.operation.body)))
        return replace(typed, body=example)

    def accept_invalid(request: Request) -> Flow:
        response = yield request
        return (yield with_example(request)) if response.status in _INVALID else response

    def wrong_echo(request: Request) -> Flow:
        response = yield request
        if response.status != make.operation.success:
            return response
        other = yield Discarded(with_example(request))
        return other if other.status == response.status else response

    yield make.on_flow(
        "accept-invalid-body",
        "",
        f"An invalid body is accepted, and read as `{text}`.",
        accept_invalid,
    )
    yield make.on_request("ignore-body", "", f"Every body is read as `{text}`.", with_example)
    yield make.on_flow(
        "wrong-echo", "", f"The response shows `{text}`, whatever was written.", wrong_echo
    )


def _writes(make: _Operators, example: bytes | None) -> Iterator[Mutation]:
    def lose(request: Request) -> Flow:
        return (yield Discarded(request))

    def double(request: Request) -> Flow:
        response = yield request
        if response.status == make.operation.success:
            yield request
        return response

    def write_when_refused(request: Request) -> Flow:
        response = yield request
        if response.status in _INVALID and example is not None:
            yield replace(request, body=example)
        return response

    yield make.on_flow("lose-write", "", "What is written is not kept.", lose)
    yield make.on_flow("double-write", "", "What is written is written twice.", double)
    if example is not None:
        yield make.on_flow(
            "write-when-refused",
            "",
            "A request whose body is refused writes all the same.",
            write_when_refused,
        )


def _canned(make: _Operators) -> Iterator[Mutation]:
    """Responses that the contract shows, given without looking."""
    success = make.operation.response(make.operation.success)
    examples = [
        example
        for media in (success.content.values() if success else ())
        for example in media.examples.values()
    ]
    if not examples:
        return

    def respond(response: Response) -> Response:
        return with_json(with_status(response, make.operation.success), examples[0])

    def always(request: Request) -> Flow:
        response = yield request
        return respond(response) if response.status == make.operation.success else response

    yield make.on_flow(
        "canned-response", "", "Every success is the contract's first example.", always
    )
    for status in make.operation.responses:
        if status.isdecimal() and int(status) >= 400:

            def instead(request: Request, status: int = int(status)) -> Flow:
                response = yield request
                return respond(response) if response.status == status else response

            yield make.on_flow(
                "success-instead",
                status,
                f"In place of a {status} there is a success with the contract's first example.",
                instead,
            )
