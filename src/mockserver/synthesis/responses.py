"""Whole responses made of the contract alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
from msgspec import Struct, field

from mockserver.api import Api
from mockserver.contract import (
    Headers,
    MediaType,
    Operation,
    Parameter,
    Response,
    ResponseSpec,
    serialize_single,
)
from mockserver.errors import SynthesisError
from mockserver.factory import Factory
from mockserver.synthesis.consistency import make_consistent
from mockserver.synthesis.values import Checks, ValueMaker

_ATTEMPTS = 5
"""So many values are made before it is said that none conforms."""


class Circumstances(Struct, frozen=True):
    """What a response depends on besides its contract.

    `arguments` are those of the request, and `url` is its URL without the query. `variant` tells
    the responses to equal requests apart; those that are `fresh` repeat no example of a schema.
    `accept` is the header of the request, of which only the names of content types count.
    """

    factory: Factory
    now: int = 0
    url: str = "http://localhost/"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    variant: int = 0
    fresh: bool = False
    accept: str = ""


class Synthesizer:
    """Makes responses of the operations of one API."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._checks = Checks(api.contract, api.formats)
        # The people and the texts of a vendor have its language.
        self._locale = str(api.contract.document.get("x-locale", "en_US"))

    def make_response(
        self, operation: Operation, status: int, circumstances: Circumstances
    ) -> Response:
        """A response with a documented status. Raises SynthesisError where none conforms."""
        spec = operation.response(status)
        if spec is None:
            raise SynthesisError(f"{operation.id} has no response of status {status}")
        violations = []
        for attempt in range(_ATTEMPTS):
            maker = self._make_maker(operation, status, circumstances, attempt)
            for response in self._list_responses(operation, status, spec, maker, circumstances):
                violations = self._api.validator.validate_response(operation, response)
                if not violations:
                    return response
        places = "; ".join(map(str, violations))
        raise SynthesisError(f"no response of status {status} was made that conforms: {places}")

    def make_example(
        self,
        operation: Operation,
        status: int,
        media: MediaType,
        value: Any,
        circumstances: Circumstances,
    ) -> Response:
        """A response whose body is an example of the contract."""
        spec = operation.response(status)
        maker = self._make_maker(operation, status, circumstances, 0)
        fields = self._make_headers(spec.headers if spec else (), maker)
        return make_media_response(status, media, value, fields)

    def _make_maker(
        self, operation: Operation, status: int, circumstances: Circumstances, attempt: int
    ) -> ValueMaker:
        return ValueMaker(
            checks=self._checks,
            factory=circumstances.factory,
            now=circumstances.now,
            locale=self._locale,
            words=(operation.id, status, circumstances.variant, attempt),
            # An example of a schema may break the contract.
            fresh=circumstances.fresh or attempt > 1,
        )

    def _list_responses(
        self,
        operation: Operation,
        status: int,
        spec: ResponseSpec,
        maker: ValueMaker,
        circumstances: Circumstances,
    ) -> list[Response]:
        """The response as its traits want it, and as it was made, in case they contradict."""
        fields = self._make_headers(spec.headers, maker)
        media = next(list_media(spec.content, circumstances.accept), None)
        if media is None:
            return [Response(status, Headers(fields))]
        value = maker.make(self._resolve(media.pointer)) if media.pointer else None
        traits = self._api.traits.operations[operation.id]
        consistent = make_consistent(
            traits, status, value, circumstances.arguments, circumstances.url
        )
        return [make_media_response(status, media, it, fields) for it in (consistent, value)]

    def _make_headers(
        self, headers: Iterable[Parameter], maker: ValueMaker
    ) -> list[tuple[str, str]]:
        return [(it.name, self._make_header(it, maker)) for it in headers if it.required]

    def _make_header(self, header: Parameter, maker: ValueMaker) -> str:
        if not header.schema_pointer:
            return "text"
        schema = self._resolve(header.schema_pointer)
        # Its example is better than any other text: nothing is known of what it means.
        value = replace(maker, fresh=False).make(schema, header.name)
        return serialize_single(header, value).encode("ascii", "replace").decode()

    def _resolve(self, pointer: str) -> Any:
        return self._api.contract.resolve(pointer)


def list_media(content: Mapping[str, MediaType], accept: str = "") -> Iterator[MediaType]:
    """The content types of a response: those that are accepted by name, JSON, all others."""
    names = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    names += [name for name in content if "json" in name]
    return (content[name] for name in dict.fromkeys([*names, *content]) if name in content)


def make_media_response(
    status: int, media: MediaType, value: Any, fields: list[tuple[str, str]]
) -> Response:
    """A response with a value as its body: as JSON, else as the text that it is."""
    name = media.name if "*" not in media.name else "application/json"
    if "json" in name:
        body = _write_json(value)
    elif isinstance(value, bytes):
        body = value
    else:
        body = value.encode() if isinstance(value, str) else _write_json(value)
    return Response(status, Headers([*fields, ("content-type", name)]), body)


def _write_json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
