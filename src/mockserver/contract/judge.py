"""The judge holds an exchange against a contract and says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from mockserver.contract.document import Contract, Unmatched
from mockserver.contract.evidence import weaker
from mockserver.contract.exchange import Exchange, Headers, Request, Response, Violation
from mockserver.contract.formats import Format
from mockserver.contract.operation import MediaType, Operation, Parameter, ResponseSpec
from mockserver.contract.parameters import ABSENT, RawParameters, read_text
from mockserver.contract.schema import Schema, Schemas
from mockserver.json_pointer import escape

__all__ = ["Judge", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A request as the contract reads it.

    `arguments` has every parameter that could be read and conforms, defaults filled in, and `body`
    when there is one; `violations` has every breach.
    """

    arguments: dict[str, Any] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Compiled:
    parameters: tuple[tuple[Parameter, Schema], ...]
    bodies: Mapping[str, Schema]
    answers: Mapping[str, Schema]
    headers: Mapping[str, Schema]


class Judge:
    """Compiles every parameter, body and answer of a contract once, and judges with that."""

    def __init__(self, contract: Contract, formats: Iterable[Format] = ()) -> None:
        self.contract = contract
        self.schemas = Schemas(contract.document, formats)
        self._compiled = {
            operation.id: self._compile(operation) for operation in contract.operations
        }

    def exchange(self, exchange: Exchange) -> list[Violation]:
        """Every breach in a request and its answer."""
        request = exchange.request
        found = self.contract.match(request.method, request.path)
        if isinstance(found, Unmatched):
            return [self._unmatched(request, found)]
        operation, path_values = found
        return [
            *self.request(operation, request, path_values).violations,
            *self.response(operation, exchange.response),
        ]

    def request(
        self, operation: Operation, request: Request, path_values: Mapping[str, str]
    ) -> Reading:
        """The request as the operation reads it, with every breach."""
        reading = Reading()
        raw = RawParameters(request, path_values)
        for parameter, schema in self._compiled[operation.id].parameters:
            self._judge_parameter(reading, parameter, schema, raw.read(parameter))
        if operation.body:
            self._judge_body(reading, operation, request)
        return Reading(reading.arguments, _within(operation, reading.violations))

    def response(self, operation: Operation, response: Response) -> list[Violation]:
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
            parameters=tuple(
                (parameter, self.schemas.compile(f"{parameter.pointer}/schema"))
                for parameter in operation.parameters
            ),
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

    def _compile_content(self, content: Iterable[MediaType]) -> dict[str, Schema]:
        return {
            media.pointer: self.schemas.compile(media.pointer) for media in content if media.pointer
        }

    def _judge_parameter(
        self, reading: Reading, parameter: Parameter, schema: Schema, value: Any
    ) -> None:
        place = f"/request/{parameter.location}/{escape(parameter.name)}"
        if value is ABSENT:
            if parameter.required:
                message = f"the {parameter.location} parameter '{parameter.name}' is missing"
                reading.violations.append(
                    self._breach(place, f"{parameter.pointer}/required", "required", None, message)
                )
            elif "default" in parameter.schema:
                reading.arguments[parameter.name] = parameter.schema["default"]
        elif schema.accepts(value):
            reading.arguments[parameter.name] = value
        else:
            reading.violations.extend(self._breaches(place, schema, value))

    def _judge_body(self, reading: Reading, operation: Operation, request: Request) -> None:
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
        violations, body = self._body(
            place, media, self._compiled[operation.id].bodies, request.body, f"{rule}/content"
        )
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
                yield from self._breaches(place, schema, read_text(text, header.schema))
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
        answers = self._compiled[operation.id].answers
        return self._body("/response/body", media, answers, response.body, rule)[0]

    def _body(
        self, place: str, media: MediaType, schemas: Mapping[str, Schema], body: bytes, rule: str
    ) -> tuple[list[Violation], Any]:
        if not media.pointer or not _is_json(media.name):
            return [], body
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            message = f"the body is not JSON: {error}"
            text = body[:200].decode("utf-8", "replace")
            return [self._breach(place, rule, "json", text, message)], None
        schema = schemas[media.pointer]
        if schema.accepts(value):
            return [], value
        return list(self._breaches(place, schema, value)), None

    def _breaches(self, place: str, schema: Schema, value: Any) -> Iterator[Violation]:
        for breach in schema.breaches(value):
            yield self._breach(
                place + breach.place, breach.rule, breach.code, breach.value, breach.message
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


def _media(content: Mapping[str, MediaType], name: str) -> MediaType | None:
    """The documented media type that a content type falls under, ranges included."""
    kind = name.partition("/")[0]
    return content.get(name) or content.get(f"{kind}/*") or (content.get("*/*") if name else None)


def _is_json(name: str) -> bool:
    return name == "application/json" or name.endswith("+json")
