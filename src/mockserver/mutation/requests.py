"""Operators on what an operation makes of a request: parameters, bodies, credentials, writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.contract import (
    SAFE_METHODS,
    Contract,
    Format,
    Operation,
    Parameter,
    Request,
    Response,
    list_shown_examples,
    read_credentials,
    write_credential,
)
from mockserver.mutation.messages import get_query, with_header, with_json, with_query
from mockserver.mutation.mutation import Breach, Discarded, Flow, request_flow, response_flow

_INVALID = (400, 415, 422)
"""The statuses of a request that does not conform."""

_OnParameter = tuple[str, str, Callable[[Request], Flow]]
"""An operator, a sentence, and what it does to a request; the place is the parameter."""


def break_requests(
    contract: Contract, operation: Operation, formats: Mapping[str, Format]
) -> Iterator[Breach]:
    """What an operation can make wrongly of a request."""
    for parameter in operation.parameters:
        if parameter.location == "query":
            text = _example(contract, parameter)
            form = formats.get(parameter.schema.get("format", ""))
            for breaches in (
                _break_parameter(operation, parameter, text),
                _break_format(parameter, text, form),
                _break_number(parameter),
                _break_list(parameter),
            ):
                for operator, sentence, flow in breaches:
                    yield operator, f"query/{parameter.name}", sentence, flow
    yield from _break_security(contract, operation)
    yield from _break_headers(operation)
    bodies = operation.body_examples
    example = json.dumps(bodies[0], ensure_ascii=False).encode() if bodies else None
    if example is not None:
        yield from _break_body(operation, example)
    if operation.method not in SAFE_METHODS:
        yield from _break_writes(operation, example)
    yield from _respond_without_looking(operation)


def change_query(name: str, change: Callable[[str], str]) -> Callable[[Request], Request]:
    """A change of a request: of the text of a parameter, where it is sent."""

    def change_request(request: Request) -> Request:
        text = get_query(request, name)
        changed = None if text is None else change(text)
        return request if changed == text else with_query(request, **{name: changed})

    return change_request


def _example(contract: Contract, parameter: Parameter) -> str | None:
    """A text that the parameter takes, as far as the contract shows one."""
    node = contract.resolve(parameter.pointer)
    shown = list_shown_examples(node)
    shown += [owner["example"] for owner in (node, parameter.schema) if "example" in owner]
    shown += [parameter.schema[key] for key in ("default", "minimum") if key in parameter.schema]
    shown += parameter.schema.get("enum", [])
    return _write(shown[0]) if shown else None


def _write(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_write, value))
    return value if isinstance(value, str) else json.dumps(value)


def _break_parameter(
    operation: Operation, parameter: Parameter, example: str | None
) -> Iterator[_OnParameter]:
    name, other, wrong = parameter.name, _other_default(parameter), _wrong_text(parameter)

    def set_if(is_sent: bool, text: str | None) -> Callable[[Request], Flow]:
        def change(request: Request) -> Request:
            has = get_query(request, name) is not None
            return with_query(request, **{name: text}) if has == is_sent else request

        return request_flow(change)

    def accept_invalid(request: Request) -> Flow:
        response = yield request
        if response.status not in _INVALID or get_query(request, name) is None:
            return response
        return (yield with_query(request, **{name: example if parameter.required else None}))

    if not parameter.required:
        flow = request_flow(lambda it: with_query(it, **{name: None}), operation.success)
        yield "ignore-parameter", f"`{name}` is ignored.", flow
    elif example is not None:
        sentence = f"`{name}` is always read as `{example}`."
        yield "fixed-parameter", sentence, set_if(is_sent=True, text=example)
        sentence = f"A request without its `{name}` is accepted."
        yield "accept-missing", sentence, set_if(is_sent=False, text=example)
    if other is not None:
        sentence = f"The default of `{name}` is `{other}`."
        yield "other-default", sentence, set_if(is_sent=False, text=other)
    if wrong is not None:
        sentence = f"An invalid `{name}` is accepted, and ignored."
        yield "accept-invalid", sentence, accept_invalid
        if not parameter.required:
            sentence = f"A request without `{name}` is refused."
            yield "require-parameter", sentence, set_if(is_sent=False, text=wrong)


def _break_format(
    parameter: Parameter, example: str | None, form: Format | None
) -> Iterator[_OnParameter]:
    if form is None or example is None or form.read is str:
        return

    def change(text: str) -> str:
        return example if re.fullmatch(form.pattern, text) and not form.check(text) else text

    sentence = f"An impossible `{parameter.name}`, such as 31 February, is accepted."
    yield "accept-impossible", sentence, request_flow(change_query(parameter.name, change))


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


def _break_number(parameter: Parameter) -> Iterator[_OnParameter]:
    name, schema = parameter.name, parameter.schema
    if schema.get("type") not in ("integer", "number"):
        return

    def change_number(
        change: Callable[[float], float], applies: Callable[[float], bool] = lambda _: True
    ) -> Callable[[Request], Flow]:
        def change_text(text: str) -> str:
            try:
                value = json.loads(text)
            except ValueError:
                return text
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return json.dumps(change(value)) if is_number and applies(value) else text

        return request_flow(change_query(name, change_text))

    def break_bound(bound: str, by: int) -> Iterator[_OnParameter]:
        limit = schema[bound]
        sentence = f"`{name}` beyond its {bound} is accepted, and read as the {bound}."
        flow = change_number(lambda _: limit, lambda value: (value - limit) * by > 0)
        yield f"ignore-{bound}", sentence, flow
        sentence = f"`{name}` one beyond its {bound} is accepted."
        flow = change_number(lambda _: limit, lambda value: value == limit + by)
        yield f"{bound}-off-by-one", sentence, flow
        sentence = f"`{name}` at its {bound} is refused."
        flow = change_number(lambda value: value + by, lambda value: value == limit)
        yield f"refuse-{bound}", sentence, flow

    flow = change_number(lambda value: value + 1)
    yield "parameter-plus-one", f"`{name}` is read as one more.", flow
    flow = change_number(lambda value: value - 1, lambda value: value > schema.get("minimum", -1))
    yield "parameter-minus-one", f"`{name}` is read as one less.", flow
    for bound, by in (("minimum", -1), ("maximum", 1)):
        if bound in schema:
            yield from break_bound(bound, by)


def _break_list(parameter: Parameter) -> Iterator[_OnParameter]:
    name = parameter.name
    if parameter.schema.get("type") != "array" or parameter.explode:
        return
    for word, index in (("first", 0), ("last", -1)):

        def pick(text: str, index: int = index) -> str:
            return text.split(",")[index]

        sentence = f"Only the {word} value of `{name}` counts."
        yield f"{word}-of-list", sentence, request_flow(change_query(name, pick))

    listed = {str(value) for value in parameter.schema.get("items", {}).get("enum", ())}

    def ignore(request: Request) -> Request:
        sent = {*(get_query(request, name) or "").split(",")}
        return with_query(request, **{name: None}) if sent & listed and sent - listed else request

    if listed and not parameter.required:
        sentence = f"A value of `{name}` that is not listed makes the others be ignored."
        yield "unknown-lists-all", sentence, request_flow(ignore)


def _break_headers(operation: Operation) -> Iterator[Breach]:
    """Headers that many clients send, and that change nothing, change the response."""
    refusals = [status for status in ("415", "400", "422") if status in operation.responses]
    status, spec = int((refusals or ["400"])[0]), operation.response(int((refusals or ["400"])[0]))
    refused = spec.examples[0] if spec and spec.examples else {}

    def refuse(response: Response) -> Response:
        return with_json(response, refused, status)

    def skip(response: Response) -> Response:
        return replace(response, status=304, body=b"")

    for operator, name, text, sentence, change in (
        ("refuse-charset", "content-type", "charset", "names a charset is refused", refuse),
        ("refuse-origin", "origin", "", "is from a page of another origin is refused", refuse),
        ("refuse-language", "accept-language", "", "names languages is refused", refuse),
        ("always-not-modified", "if-none-match", "", "has an ETag, whichever, gets a 304", skip),
    ):
        is_of_writes = operator == "refuse-charset"
        if is_of_writes and not operation.body:
            continue
        if operator == "always-not-modified" and operation.method != "GET":
            continue

        def flow(
            request: Request,
            name: str = name,
            text: str = text,
            change: Callable[[Response], Response] = change,
        ) -> Flow:
            response = yield request
            sent = request.headers.get(name)
            is_changed = sent is not None and text in sent and response.status == operation.success
            return change(response) if is_changed else response

        yield operator, "", f"A request that {sentence}.", flow


def list_schemes(contract: Contract, operation: Operation) -> list[Mapping[str, Any]]:
    """The security schemes of an operation."""
    names = {name for alternative in operation.security for name in alternative}
    return [contract.security_schemes[name] for name in sorted(names)]


def with_credential(request: Request, schemes: Iterable[Mapping[str, Any]], text: str) -> Request:
    """The request with a text as its credential, in the place of each scheme."""
    for location, name, value in (write_credential(scheme, text) for scheme in schemes):
        if location == "header":
            request = with_header(request, name.lower(), value)
        elif location == "query":
            request = with_query(request, **{name: value})
    return request


def _break_security(contract: Contract, operation: Operation) -> Iterator[Breach]:
    schemes = list_schemes(contract, operation)
    if not schemes:
        return

    def set_credential(text: str, has: Sequence[bool] = (True, False)) -> Callable[[Request], Flow]:
        """A flow that sets the credential of requests that have one, or have none, or both."""

        def change(request: Request) -> Request:
            has_credential = bool(read_credentials(contract, operation, request))
            return with_credential(request, schemes, text) if has_credential in has else request

        return request_flow(change)

    sentence = "Any credential is accepted, and so is none."
    yield "skip-security", "", sentence, set_credential("good")
    sentence = "Every credential is refused."
    yield "refuse-credential", "", sentence, set_credential("invalid", [True])
    if frozenset() in operation.security:
        sentence = "A request without a credential is refused."
        yield "require-security", "", sentence, set_credential("invalid", [False])


def _break_body(operation: Operation, example: bytes) -> Iterator[Breach]:
    text = example.decode()

    def with_example(request: Request) -> Request:
        typed = with_header(request, "content-type", next(iter(operation.body)))
        return replace(typed, body=example)

    def accept_invalid(request: Request) -> Flow:
        response = yield request
        return (yield with_example(request)) if response.status in _INVALID else response

    def echo_example(request: Request) -> Flow:
        response = yield request
        if response.status != operation.success:
            return response
        other = yield Discarded(with_example(request))
        return other if other.status == response.status else response

    sentence = f"An invalid body is accepted, and read as `{text}`."
    yield "accept-invalid-body", "", sentence, accept_invalid
    sentence = f"Every body is read as `{text}`."
    yield "ignore-body", "", sentence, request_flow(with_example)
    sentence = f"The response shows `{text}`, whatever was written."
    yield "wrong-echo", "", sentence, echo_example


def _break_writes(operation: Operation, example: bytes | None) -> Iterator[Breach]:
    def lose(request: Request) -> Flow:
        return (yield Discarded(request))

    def double(request: Request) -> Flow:
        response = yield request
        if response.status == operation.success:
            yield request
        return response

    def write_when_refused(request: Request) -> Flow:
        response = yield request
        if response.status in _INVALID and example is not None:
            yield replace(request, body=example)
        return response

    yield "lose-write", "", "What is written is not kept.", lose
    yield "double-write", "", "What is written is written twice.", double
    if example is not None:
        sentence = "A request whose body is refused writes all the same."
        yield "write-when-refused", "", sentence, write_when_refused


def _respond_without_looking(operation: Operation) -> Iterator[Breach]:
    """Respond with the success that the contract shows."""
    success = operation.response(operation.success)
    examples = success.examples if success else []
    if not examples:
        return

    def respond(response: Response) -> Response:
        return with_json(response, examples[0], operation.success)

    sentence = "Every success is the contract's first example."
    yield "canned-response", "", sentence, response_flow(respond, operation.success)
    for status in operation.responses:
        if status.isdecimal() and int(status) >= 400:
            sentence = (
                f"In place of a {status} there is a success with the contract's first example."
            )
            yield "success-instead", status, sentence, response_flow(respond, int(status))
