"""The judge holds an exchange against a contract and says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from mockserver.contract.document import Contract, Unmatched
from mockserver.contract.evidence import weaker
from mockserver.contract.exchange import Exchange, Headers, Request, Response, Violation
from mockserver.contract.formats import Format
from mockserver.contract.json_body import read_json, skim_json
from mockserver.contract.operation import MediaType, Operation, Parameter, ResponseSpec
from mockserver.contract.parameters import ABSENT, RawParameters, read_header
from mockserver.contract.schema import Schema, Schemas
from mockserver.json_pointer import escape

__all__ = ["ValidatedRequest", "Validator"]

_READERS = (read_json,)
_SKIMMERS = (skim_json, read_json)
"""An answer's value is validated and not kept, so that only one that is refused need be exact."""


@dataclass(frozen=True, slots=True)
class ValidatedRequest:
    """A request as the contract reads it.

    `arguments` has every parameter that could be read and conforms, defaults filled in, and `body`
    when there is one; `violations` has every breach.
    """

    arguments: dict[str, Any] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A parameter, its schema, and what makes the value it has when it is not sent."""

    spec: Parameter
    schema: Schema
    default: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    parameters: tuple[_Parameter, ...]
    bodies: Mapping[str, Schema]
    answers: Mapping[str, Schema]
    headers: Mapping[str, Schema]


class Validator:
    """Compiles every parameter, body and answer of a contract once, and validates with that."""

    def __init__(self, contract: Contract, formats: Iterable[Format] = ()) -> None:
        self.contract = contract
        self.schemas = Schemas(contract.document, formats)
        self._compiled = {
            operation.id: self._compile(operation) for operation in contract.operations
        }

    def validate_exchange(self, exchange: Exchange) -> list[Violation]:
        """Every breach in a request and its answer."""
        request = exchange.request
        found = self.contract.match(request.method, request.path)
        if isinstance(found, Unmatched):
            return [self._unmatched(request, found)]
        operation, path_values = found
        return [
            *self.validate_request(operation, request, path_values).violations,
            *self.validate_response(operation, exchange.response),
        ]

    def validate_request(
        self, operation: Operation, request: Request, path_values: Mapping[str, str]
    ) -> ValidatedRequest:
        """The request as the operation reads it, with every breach."""
        reading = ValidatedRequest()
        raw = RawParameters(request, path_values)
        for parameter in self._compiled[operation.id].parameters:
            self._judge_parameter(reading, parameter, raw.read(parameter.spec))
        if operation.body:
            self._judge_body(reading, operation, request)
        return ValidatedRequest(reading.arguments, _within(operation, reading.violations))

    def validate_response(self, operation: Operation, response: Response) -> list[Violation]:
        """Every breach in an answer of this operation."""
        answer = operation.response(response.status)
        if answer is None:
            known = ", ".join(operation.responses)
            message = f"the status {response.status} is not documented; documented: {known}"
            pointer = f"{operation.pointer}/responses"
            return [self._breach("/response/status", pointer, "status", response.status, message)]
        violations = [
            *self._header_violations(operation, answer, response.headers),
            *self._content_violations(operation, answer, response),
        ]
        return _within(operation, violations)

    def _compile(self, operation: Operation) -> _Compiled:
        answers = operation.responses.values()
        return _Compiled(
            parameters=tuple(self._compile_parameter(spec) for spec in operation.parameters),
            bodies=self._compile_content(operation.body.values()),
            answers=self._compile_content(
                media for answer in answers for media in answer.content.values()
            ),
            headers={
                header.pointer: self.schemas.compile(f"{header.pointer}/schema")
                for answer in answers
                for header in answer.headers
            },
        )

    def _compile_parameter(self, spec: Parameter) -> _Parameter:
        schema = self.schemas.compile(f"{spec.pointer}/schema")
        return _Parameter(spec, schema, _default(spec))

    def _compile_content(self, content: Iterable[MediaType]) -> dict[str, Schema]:
        return {
            media.pointer: self.schemas.compile(media.pointer) for media in content if media.pointer
        }

    def _judge_parameter(
        self, reading: ValidatedRequest, parameter: _Parameter, value: Any
    ) -> None:
        spec = parameter.spec
        place = f"/request/{spec.location}/{escape(spec.name)}"
        if value is ABSENT and spec.required:
            message = f"the {spec.location} parameter '{spec.name}' is missing"
            reading.violations.append(
                self._breach(place, f"{spec.pointer}/required", "required", None, message)
            )
        elif value is ABSENT:
            default = parameter.default()
            if default is not ABSENT:
                reading.arguments[spec.name] = default
        elif parameter.schema.accepts(value):
            reading.arguments[spec.name] = value
        else:
            reading.violations.extend(self._breaches(place, parameter.schema, value))

    def _judge_body(
        self, reading: ValidatedRequest, operation: Operation, request: Request
    ) -> None:
        place = "/request/body"
        rule = operation.body_pointer
        if not request.body:
            if operation.is_body_required:
                message = "the body is missing"
                reading.violations.append(
                    self._breach(place, f"{rule}/required", "required", None, message)
                )
            return
        media = _media(operation.body, request.media_type)
        if media is None:
            message = f"'{request.media_type}' is not a documented content type"
            reading.violations.append(
                self._breach(
                    "/request/headers/content-type",
                    f"{rule}/content",
                    "content-type",
                    request.media_type,
                    message,
                )
            )
            return
        schema = self._compiled[operation.id].bodies.get(media.pointer)
        violations, body = self._body(place, schema, request, f"{rule}/content", _READERS)
        reading.violations.extend(violations)
        if not violations:
            reading.arguments["body"] = body

    def _header_violations(
        self, operation: Operation, answer: ResponseSpec, headers: Headers
    ) -> Iterator[Violation]:
        for header in answer.headers:
            place = f"/response/headers/{escape(header.name.lower())}"
            text = headers.get(header.name)
            if text is not None:
                schema = self._compiled[operation.id].headers[header.pointer]
                yield from self._breaches(place, schema, read_header(text, header))
            elif header.required:
                message = f"the header '{header.name}' is missing"
                yield self._breach(place, f"{header.pointer}/required", "required", None, message)

    def _content_violations(
        self, operation: Operation, answer: ResponseSpec, response: Response
    ) -> list[Violation]:
        if not answer.content:
            return []
        rule = f"{answer.pointer}/content"
        media = _media(answer.content, response.media_type)
        if media is None:
            known = ", ".join(answer.content)
            message = (
                f"'{response.media_type}' is not a documented content type; documented: {known}"
            )
            place = "/response/headers/content-type"
            return [self._breach(place, rule, "content-type", response.media_type, message)]
        schema = self._compiled[operation.id].answers.get(media.pointer)
        return self._body("/response/body", schema, response, rule, _SKIMMERS)[0]

    def _body(
        self,
        place: str,
        schema: Schema | None,
        message: Request | Response,
        rule: str,
        readers: Iterable[Callable[[bytes], Any]],
    ) -> tuple[list[Violation], Any]:
        """The breaches in a message's body, and its value when one of the readers finds none.

        The message's own content type says whether it is JSON: the documented one may be a range.
        """
        if schema is None or not _is_json(message.media_type):
            return [], message.body
        value: Any = None
        try:
            for read in readers:
                value = read(message.body)
                if schema.accepts(value):
                    return [], value
        except ValueError as error:
            sentence = f"the body is not JSON: {error}"
            text = message.body[:200].decode("utf-8", "replace")
            return [self._breach(place, rule, "json", text, sentence)], None
        return list(self._breaches(place, schema, value)), None

    def _breaches(self, place: str, schema: Schema, value: Any) -> Iterator[Violation]:
        for breach in schema.find_violations(value):
            yield self._breach(
                place + breach.location, breach.rule, breach.code, breach.value, breach.message
            )

    def _breach(self, place: str, rule: str, code: str, value: Any, message: str) -> Violation:
        return Violation(place, rule, code, value, message, self.contract.evidence(rule))

    def _unmatched(self, request: Request, unmatched: Unmatched) -> Violation:
        if unmatched.methods:
            known = ", ".join(unmatched.methods)
            message = f"{request.method} is not documented for this path; documented: {known}"
            return self._breach("/request/method", "#/paths", "method", request.method, message)
        message = f"the path '{request.path}' is not documented"
        return self._breach("/request/path", "#/paths", "path", request.path, message)


def _within(operation: Operation, violations: list[Violation]) -> list[Violation]:
    """Violations as an operation knows them: what it shares is not better founded than itself."""
    return [
        replace(violation, evidence=weaker(operation.evidence, violation.evidence))
        for violation in violations
    ]


def _default(spec: Parameter) -> Callable[[], Any]:
    """Makes a parameter's default: anew for each request if a handler could change it."""
    default = spec.schema.get("default", ABSENT)
    return partial(deepcopy, default) if isinstance(default, dict | list) else lambda: default


def _media(content: Mapping[str, MediaType], name: str) -> MediaType | None:
    """The documented media type that a content type falls under, ranges included."""
    kind = name.partition("/")[0]
    return content.get(name) or content.get(f"{kind}/*") or (content.get("*/*") if name else None)


def _is_json(name: str) -> bool:
    return name == "application/json" or name.endswith("+json")
