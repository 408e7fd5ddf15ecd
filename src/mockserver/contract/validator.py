"""Validates requests and responses by a contract, and finds every violation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from mockserver.contract.bodies import (
    MULTIPART,
    URLENCODED,
    Form,
    is_json,
    merge_parts,
    read_json,
    read_multipart,
    read_urlencoded,
    show_bytes,
    skim_json,
)
from mockserver.contract.document import Contract, Unmatched
from mockserver.contract.evidence import EVIDENCE, weaker
from mockserver.contract.exchange import (
    Exchange,
    Headers,
    Request,
    Response,
    Violation,
    normalize_content_type,
)
from mockserver.contract.formats import Format
from mockserver.contract.operation import MediaType, Operation, Parameter, ResponseSpec
from mockserver.contract.parameters import RawParameters, read_single
from mockserver.contract.query_warnings import find_query_warnings
from mockserver.contract.schema import Schema, Schemas
from mockserver.contract.values import read_form
from mockserver.errors import YamlError
from mockserver.json_pointer import escape
from mockserver.memo import Kept
from mockserver.streamed_text import StreamedText

_READERS = (read_json,)
_SKIMMERS = (skim_json, read_json)
"""A response's value is not kept, so that only one that is refused need be exact."""

_MOST_REQUESTS = 2_048
_LONGEST_REQUEST = 256
"""Of so many requests the parameters are kept, and the body, if they are no longer than this."""
_MOST_RESPONSES = 256
_LONGEST_RESPONSE = 8_192
"""So many bodies of responses are known to conform, if they are no longer than this."""

_Content = tuple[str, str, bytes]
"""The place of a schema in the contract, a media type, and a body."""


@dataclass(frozen=True, slots=True)
class ValidatedRequest:
    """A request, read and validated.

    `arguments` has every parameter that could be read and conforms, defaults filled in, and `body`
    when there is one; `violations` has all that violates the contract, `warnings` what does not and
    is probably a mistake.
    """

    arguments: dict[str, Any] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    warnings: list[Violation] = field(default_factory=list)


class Validator:
    """Validates by one contract. Its schemas are compiled once, at the first use."""

    def __init__(self, contract: Contract, formats: Iterable[Format] = ()) -> None:
        self.contract = contract
        self.schemas = Schemas(contract.document, formats)
        of_requests = {"most": _MOST_REQUESTS, "longest": _LONGEST_REQUEST}
        self._parameters: Kept[tuple[str, ...], ValidatedRequest] = Kept(**of_requests)
        self._bodies: Kept[_Content, dict[str, Any]] = Kept(**of_requests)
        self._conforming: Kept[_Content, bool] = Kept(
            most=_MOST_RESPONSES, longest=_LONGEST_RESPONSE
        )

    def compile(self) -> None:
        """Compile all schemas now. Raises ContractError for one that cannot be used."""
        _ = self._requests, self._responses, self._forms

    def validate_exchange(self, exchange: Exchange) -> list[Violation]:
        """Every violation in a request and its response."""
        request = exchange.request
        found = self.contract.match(request.method, request.path)
        if isinstance(found, Unmatched):
            return [self.describe_unmatched(request, found)]
        operation, path_values = found
        return [
            *self.validate_request(operation, request, path_values).violations,
            *self.validate_response(operation, exchange.response),
        ]

    def describe_unmatched(self, request: Request, found: Unmatched) -> Violation:
        """That the contract has no such path, or no such method there."""
        place, value = ("method", request.method) if found.methods else ("path", request.path)
        message = f"the path '{request.path}' is not documented"
        if found.methods:
            known = ", ".join(found.methods)
            message = f"{value} is not documented for this path; documented: {known}"
        return self._violation(f"/request/{place}", "#/paths", place, value, message)

    def validate_request(
        self, operation: Operation, request: Request, path_values: Mapping[str, str]
    ) -> ValidatedRequest:
        """The arguments of a request to an operation, and every violation."""
        parameters = self._find_parameters(operation, request, path_values)
        arguments, violations = dict(parameters.arguments), parameters.violations
        if operation.body:
            of_body = self._validate_request_body(arguments, operation, request)
            violations = [*violations, *of_body]
        return ValidatedRequest(arguments, _limit(operation, violations), parameters.warnings)

    def _find_parameters(
        self, operation: Operation, request: Request, path_values: Mapping[str, str]
    ) -> ValidatedRequest:
        """The parameters of a request. Those of a short URL are kept: most come again and again."""
        key = (operation.id, request.query, *path_values.values())
        if operation.has_parameters_of_url_only and (kept := self._parameters.get(key)):
            return kept
        found = self._validate_parameters(operation, request, path_values)
        if operation.has_parameters_of_url_only and _is_flat(found.arguments):
            self._parameters.keep(key, found, sum(map(len, key)))
        return found

    def _validate_parameters(
        self, operation: Operation, request: Request, path_values: Mapping[str, str]
    ) -> ValidatedRequest:
        arguments: dict[str, Any] = {}
        raw = RawParameters(request, path_values)
        violations = [
            violation
            for parameter in operation.parameters
            for violation in self._validate_parameter(arguments, parameter, raw)
        ]
        warnings = find_query_warnings(self.contract, operation, raw.query) if raw.query else []
        return ValidatedRequest(arguments, violations, warnings)

    def validate_response(self, operation: Operation, response: Response) -> list[Violation]:
        """Every violation in a response of an operation."""
        spec = operation.response(response.status)
        if spec is None:
            known = ", ".join(operation.responses)
            message = f"the status {response.status} is not documented; documented: {known}"
            rule = f"{operation.pointer}/responses"
            found = self._violation("/response/status", rule, "status", response.status, message)
            # No document lists every refusal; where a request conforms, its refusal is what counts.
            is_refusal = 400 <= response.status < 500
            return [replace(found, evidence=EVIDENCE[-1])] if is_refusal else [found]
        violations = list(self._validate_headers(spec, response.headers))
        rule, media = f"{spec.pointer}/content", _find_media(spec.content, response)
        if media:
            key = media.pointer, response.headers.media_type, response.body
            length = len(response.body)
            if not self._conforming.find(key, length):
                of_body = self._validate_response_body(media, response, rule)
                if not of_body:
                    self._conforming.keep(key, True, length)
                violations += of_body
        elif spec.content:
            name, known = response.headers.media_type, ", ".join(spec.content)
            message = f"'{name}' is not a documented content type; documented: {known}"
            location = "/response/headers/content-type"
            violations.append(self._violation(location, rule, "content-type", name, message))
        return _limit(operation, violations)

    def _validate_response_body(
        self, media: MediaType, response: Response, rule: str
    ) -> list[Violation]:
        schema = self._responses.get(media.pointer)
        if _accepts_written(schema, response):
            return []
        return self._validate_body("/response/body", schema, response, rule, _SKIMMERS)[0]

    @cached_property
    def _requests(self) -> Mapping[str, Schema]:
        """The compiled schemas of requests, by pointer."""
        pointers = [
            pointer
            for operation in self.contract.operations
            for pointer in (
                *(parameter.schema_pointer for parameter in operation.parameters),
                *(media.pointer for media in operation.body.values()),
            )
            if pointer
        ]
        return self.schemas.compile_all(pointers, "request")

    @cached_property
    def _responses(self) -> Mapping[str, Schema]:
        """The compiled schemas of responses, by pointer."""
        pointers = [
            pointer
            for operation in self.contract.operations
            for response in operation.responses.values()
            for pointer in (
                *(header.schema_pointer for header in response.headers),
                *(media.pointer for media in response.content.values()),
            )
            if pointer
        ]
        return self.schemas.compile_all(pointers, "response")

    @cached_property
    def _forms(self) -> Mapping[str, Form]:
        """How the forms of requests are read, by the pointer of their schema."""
        return {
            media.pointer: Form(read_form(self.contract.document, media.pointer), media.encoding)
            for operation in self.contract.operations
            for media in operation.body.values()
            if media.pointer and media.name.partition(";")[0] in (URLENCODED, MULTIPART)
        }

    def _validate_parameter(
        self, arguments: dict[str, Any], spec: Parameter, raw: RawParameters
    ) -> Iterator[Violation]:
        schema = self._requests.get(spec.schema_pointer)
        location = spec.place
        try:
            values = raw.read_all(spec)
        except ValueError as error:
            message = f"the {spec.location} parameter '{spec.name}' is not JSON: {error}"
            yield self._violation(location, f"{spec.pointer}/content", "json", None, message)
            return
        if not values and spec.required:
            message = f"the {spec.location} parameter '{spec.name}' is missing"
            yield self._violation(location, f"{spec.pointer}/required", "required", None, message)
        elif not values:
            if "default" in spec.schema:
                default = spec.schema["default"]
                # A handler may change a list or an object.
                is_value = isinstance(default, str | int | float | None)
                arguments[spec.name] = default if is_value else deepcopy(default)
        elif schema is None or (spec.may_be_empty and values[0] == ""):
            arguments[spec.name] = values[0]
        else:
            for value in values:
                if schema.accepts(value):
                    arguments[spec.name] = value
                    return
            yield from self._find_violations(location, schema, values[0])

    def _validate_request_body(
        self, arguments: dict[str, Any], operation: Operation, request: Request
    ) -> list[Violation]:
        location, rule = "/request/body", f"{operation.body_pointer}/content"
        if not request.body and request.stream is None:
            if not operation.is_body_required:
                return []
            rule = f"{operation.body_pointer}/required"
            return [self._violation(location, rule, "required", None, "the body is missing")]
        media = _find_media(operation.body, request)
        if media is None:
            location, name = "/request/headers/content-type", request.headers.media_type
            message = f"'{name}' is not a documented content type" if name else "there is none"
            message += f"; documented: {', '.join(operation.body)}"
            return [self._violation(location, rule, "content-type", name, message)]
        key = media.pointer, request.headers.media_type, request.body
        if kept := self._bodies.find(key, len(request.body)):
            arguments["body"] = dict(kept)  # a handler may change it
            return []
        schema, form = self._requests.get(media.pointer), self._forms.get(media.pointer)
        if request.stream and media.rows:
            violations, body = self._validate_stream(schema, media, request, rule)
        elif schema and form:
            violations, body = self._validate_form(schema, form, request, rule)
        else:
            violations, body = self._validate_body(location, schema, request, rule, _READERS)
        if not violations:
            arguments["body"] = body
            if form is None and isinstance(body, dict) and _is_flat(body):
                self._bodies.keep(key, dict(body), len(request.body))
        return violations

    def _validate_headers(self, spec: ResponseSpec, headers: Headers) -> Iterator[Violation]:
        for header in spec.headers:
            location = f"/response/headers/{escape(header.name.lower())}"
            text = headers.get(header.name)
            if text is not None:
                schema = self._responses.get(header.schema_pointer)
                try:
                    values = read_single(text, header)
                except ValueError as error:
                    message = f"the header '{header.name}' is not JSON: {error}"
                    rule = f"{header.pointer}/content"
                    yield self._violation(location, rule, "json", text, message)
                    continue
                if schema and not any(map(schema.accepts, values)):
                    yield from self._find_violations(location, schema, values[0])
            elif header.required:
                rule = f"{header.pointer}/required"
                message = f"the header '{header.name}' is missing"
                yield self._violation(location, rule, "required", None, message)

    def _validate_body(
        self,
        location: str,
        schema: Schema | None,
        message: Request | Response,
        rule: str,
        readers: Iterable[Callable[[bytes], Any]],
    ) -> tuple[list[Violation], Any]:
        """The violations in a message's body, and its value when one of the readers finds none.

        The message's own content type says whether it is JSON: the documented one may be a range.
        """
        if schema is None or not is_json(message.headers.media_type):
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
            return [self._violation(location, rule, "json", text, sentence)], None
        return list(self._find_violations(location, schema, value)), None

    def _validate_stream(
        self, schema: Schema | None, media: MediaType, request: Request, rule: str
    ) -> tuple[list[Violation], StreamedText]:
        """The violations in a body without its rows, where it is JSON; and the text of the body."""
        assert request.stream is not None  # noqa: S101 - the caller has looked
        is_of_json = is_json(request.headers.media_type)
        text = StreamedText(request.stream, media.rows, is_json=is_of_json)
        if schema is None or not is_of_json:
            return [], text
        location = "/request/body"
        try:
            value = text.source.data
        except YamlError as error:
            sentence = f"the body cannot be read: {error.reason}"
            if error.reason.startswith("it is "):
                sentence = f"the body {error.reason.removeprefix('it ')}"
            return [self._violation(location, rule, "json", None, sentence)], text
        return list(self._find_violations(location, schema, value)), text

    def _validate_form(
        self, schema: Schema, form: Form, request: Request, rule: str
    ) -> tuple[list[Violation], Any]:
        """The violations in a form, and its value when there are none."""
        violations: list[Violation] = []
        if request.headers.media_type == URLENCODED:
            value = read_urlencoded(request.body, form)
        else:
            try:
                parts = read_multipart(request.headers.get("content-type") or "", request.body)
                value = merge_parts(parts, form)
            except ValueError as error:
                sentence = f"the body is not {MULTIPART}: {error}"
                return [self._violation("/request/body", rule, "multipart", None, sentence)], None
            for part in parts:
                encoding = form.encoding.get(part.name)
                if encoding and not _is_among(encoding.content_types, part.content_type):
                    location, name = f"/request/body/{escape(part.name)}", part.content_type
                    kind = f"{encoding.pointer}/contentType"
                    message = (
                        f"'{name}' is not the content type of the part '{part.name}'; "
                        f"documented: {', '.join(encoding.content_types)}"
                    )
                    violations.append(
                        self._violation(location, kind, "content-type", name, message)
                    )
        shown = show_bytes(value)
        if not schema.accepts(shown):
            violations.extend(self._find_violations("/request/body", schema, shown))
        return violations, value

    def _find_violations(self, location: str, schema: Schema, value: Any) -> Iterator[Violation]:
        for found in schema.find_violations(value):
            yield self._violation(
                location + found.location, found.rule, found.code, found.value, found.message
            )

    def _violation(
        self, location: str, rule: str, code: str, value: Any, message: str
    ) -> Violation:
        return Violation(location, rule, code, value, message, self.contract.evidence(rule))


def _limit(operation: Operation, violations: list[Violation]) -> list[Violation]:
    """Violations with evidence never stronger than their operation's: it may share components."""
    return [
        replace(violation, evidence=weaker(operation.evidence, violation.evidence))
        for violation in violations
    ]


def _is_flat(values: Mapping[str, Any]) -> bool:
    """Whether there is no list and no object among some values: a handler may change such."""
    return not any(isinstance(value, list | dict) for value in values.values())


def _accepts_written(schema: Schema | None, response: Response) -> bool:
    """Whether a response was written from a value that conforms; False where that is not known."""
    if not (schema and response.written) or response.written[0] is not response.body:
        return False
    if not is_json(response.headers.media_type):
        return False
    try:
        return schema.accepts(response.written[1])
    except ValueError:  # a value that only the serialiser knows, such as a date
        return False


def _find_media(content: Mapping[str, MediaType], message: Request | Response) -> MediaType | None:
    """The documented media type of a message, ranges such as `text/*` included."""
    name = message.headers.media_type
    if len(content) > 1:  # several may differ in parameters only
        exact = normalize_content_type(message.headers.get("content-type") or "")
        if exact in content:
            return content[exact]
    if name in content:
        return content[name]
    kind = name.partition("/")[0]
    return content.get(f"{kind}/*") or (content.get("*/*") if name else None)


def _is_among(content_types: Iterable[str], name: str) -> bool:
    """Whether a content type is one of some, ranges included; none at all allow any."""
    allowed = set(content_types)
    return not allowed or not name or bool(allowed & {name, f"{name.partition('/')[0]}/*", "*/*"})
