"""A small invented contract, its mutations, and what a client gets through one of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mockserver.contract import Contract, Format, Headers, Request, Response
from mockserver.mutation import Mutation, apply_mutations, derive_mutations

CONTRACT = """
openapi: 3.0.3
info: {title: Things, version: '1'}
security: [{bearer: []}, {}]
paths:
  /things:
    get:
      operationId: list
      parameters:
        - {name: size, in: query, schema: {type: integer, minimum: 1, maximum: 9, default: 5}}
        - name: kinds
          in: query
          explode: false
          schema: {type: array, items: {type: string, enum: [a, b]}}
        - {name: team, in: query, required: true, example: red, schema: {type: string}}
        - {name: day, in: query, schema: {type: string, format: dmy}, example: 01-02-2025}
      responses:
        '200':
          description: All of them.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Page'}
              examples: {one: {value: {shown: true}}}
        '401': {$ref: '#/components/responses/Refused'}
        '404':
          description: None.
          content: {application/json: {examples: {none: {value: {why: none}}}}}
        '405':
          description: Not so.
          headers: {Allow: {required: true, schema: {type: string, pattern: '^[A-Z]+$'}}}
    post:
      operationId: create
      requestBody:
        content: {application/json: {examples: {one: {value: {kind: a}}}}}
      responses:
        '201': {description: It is there., content: {application/json: {}}}
        '401': {$ref: '#/components/responses/Refused'}
        '422': {description: It is wrong.}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  responses:
    Refused:
      description: No.
      content:
        application/json:
          schema:
            oneOf:
              - {$ref: '#/components/schemas/Why'}
              - type: object
                required: [why]
                properties: {why: {type: string, enum: [Später mal.]}}
  schemas:
    Why:
      type: object
      required: [why]
      properties: {why: {type: string, enum: ['Nächste Woche, bitte.']}}
    Page:
      type: object
      required: [total, last_page, rows, kind, at, day, note, next, text, codes, none]
      properties:
        total: {type: integer, minimum: 0, maximum: 90}
        last_page: {type: integer, minimum: 0, maximum: 90}
        rows:
          type: array
          items: {type: object, required: [id], properties: {id: {type: integer}}}
        kind: {allOf: [{type: string}, {enum: [a, b]}]}
        at: {type: string, format: date-time, pattern: '^[0-9T:.+-]+$'}
        day: {type: string, format: dmy, pattern: '^[0-9-]+$'}
        note: {type: string, minLength: 2, maxLength: 3}
        next: {type: string, nullable: true}
        text: {type: string, enum: [Tom & Jérôme.]}
        codes: {type: array, minItems: 1, maxItems: 1, items: {type: string}}
        none: {type: object, nullable: true, not: {type: object}}
        extra: {type: string}
"""
DMY = (Format("dmy", r"^\d\d-\d\d-\d{4}$", ("01-02-2025",), ("2025-02-01", "31-02-2025"), int),)
MUTATIONS = {it.name: it for it in derive_mutations(Contract.parse(CONTRACT), DMY)}
PAGE = {
    "total": 4,
    "last_page": 2,
    "rows": [{"id": 1}, {"id": 2}],
    "kind": "a",
    "at": "2025-08-21T14:30:00.000+00:00",
    "day": "21-08-2025",
    "note": "abc",
    "next": "b",
    "text": "Tom & Jérôme.",
    "codes": ["x"],
    "none": None,
}
JSON = Headers([("content-type", "application/json")])


@pytest.fixture
def mutations() -> Mapping[str, Mutation]:
    """Those of the invented contract, by name."""
    return MUTATIONS


@pytest.fixture
def page() -> dict[str, Any]:
    """A body that conforms to it."""
    return PAGE


@pytest.fixture
def respond() -> Callable[[int, Any], Response]:
    """Makes a response of a status and a JSON body."""
    return lambda status, body: Response(status, JSON, json.dumps(body).encode())


@pytest.fixture
def run() -> Callable[..., tuple[Response, list[tuple[Request, bool]]]]:
    """Runs a mutation, or the one of a name; the operation repeats its last response.

    What the client gets, and what the operation was sent.
    """

    def run(it: Mutation | str, request: Request, *responses: Response) -> Any:
        mutation = MUTATIONS[it] if isinstance(it, str) else it
        return asyncio.run(_run(mutation, request, responses))

    return run


async def _run(
    mutation: Mutation, request: Request, responses: tuple[Response, ...]
) -> tuple[Response, list[tuple[Request, bool]]]:
    sent: list[tuple[Request, bool]] = []

    async def send(request: Request, keeps: bool) -> Response:
        sent.append((request, keeps))
        return responses[min(len(sent), len(responses)) - 1]

    return await apply_mutations([mutation], send)(request, True), sent
