"""A contract without handlers is served: examples first, else what is made of the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import apis
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

PETS = """
openapi: 3.0.3
info: {title: Pets, version: 1.0.0}
servers: [{url: https://pets.example/pets}]
security: [{token: []}]
paths:
  /dogs:
    get:
      operationId: listDogs
      parameters: [{name: limit, in: query, schema: {type: integer, minimum: 1}}]
      responses:
        '200':
          description: All dogs.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Dog'}}
              examples:
                two: {value: [{id: 1, name: Rex}, {id: 2, name: Lassie}]}
                none: {value: []}
        '400':
          description: Wrong.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Error'}
              example: {error: wrong}
    post:
      operationId: createDog
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Dog'}}
      responses:
        '201':
          description: The dog.
          headers: {Location: {required: true, schema: {type: string, example: /dogs/3}}}
          content:
            application/json: {schema: {$ref: '#/components/schemas/Dog'}}
  /ancestors:
    get:
      operationId: listAncestors
      responses:
        '200':
          description: A dog, its mother, her mother, and so on.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Ancestor'}
  /broken:
    get:
      operationId: getBroken
      responses:
        '200':
          description: A dog that is none.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Dog'}
              examples: {nobody: {value: {id: 0}}}
  /lists:
    get:
      operationId: listLists
      parameters: [{name: like, in: query, style: deepObject, schema: {type: object}}]
      responses: {'204': {description: Nothing.}}
    post:
      operationId: createList
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/List'}}
          multipart/form-data: {schema: {$ref: '#/components/schemas/List'}}
          application/json: {schema: {$ref: '#/components/schemas/List'}}
      responses:
        '204': {description: Kept.}
        default:
          description: What is wrong.
          content:
            application/json: {schema: {$ref: '#/components/schemas/Error'}}
  /dogs/{id}:
    delete:
      operationId: deleteDog
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {'204': {description: Gone.}}
    get:
      operationId: getDog
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        default:
          description: The dog, or what is wrong.
          content: {text/plain: {schema: {type: string, enum: [Rex]}}}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    Ancestor:
      type: object
      required: [mother]
      properties: {mother: {$ref: '#/components/schemas/Ancestor'}}
    Error: {type: object, required: [error], properties: {error: {type: string}}}
    List:
      type: object
      required: [dogs]
      properties: {dogs: {type: object}, like: {type: array, items: {type: object}}}
    Dog:
      type: object
      required: [id, name]
      additionalProperties: false
      properties:
        id: {type: integer, readOnly: true, minimum: 1}
        name: {type: string, minLength: 1}
        chip: {type: string, pattern: '^[0-9]{15}$'}
"""
BEARER = {"Authorization": "Bearer token"}


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("apis")
    (folder / "pets").mkdir()
    (folder / "pets" / "openapi.yaml").write_text(PETS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apis, "_OWN_FOLDERS", [folder])
        with (
            run_in_thread(Settings(port=0, only=("pets",))) as url,
            httpx.Client(base_url=f"{url}/pets", headers=BEARER, verify=False) as client,
        ):
            yield client


def test_an_example_is_served_first(pets: httpx.Client) -> None:
    response = pets.get("/dogs")

    assert response.json() == [{"id": 1, "name": "Rex"}, {"id": 2, "name": "Lassie"}]
    assert (response.status_code, response.headers["x-mock-source"]) == (200, "example")
    assert pets.get("/dogs", headers={"Prefer": "example=none"}).json() == []


def test_what_has_no_example_is_made_of_the_schema(pets: httpx.Client) -> None:
    response = pets.post("/dogs", json={"name": "Snowy"})

    dog = response.json()
    assert (response.status_code, response.headers["x-mock-source"]) == (201, "synthesised")
    assert {*dog} == {"id", "name", "chip"}
    assert response.headers["location"] == "/dogs/3"
    assert pets.post("/dogs", json={"name": "Snowy"}).json() == dog


def test_a_response_without_a_body_and_one_of_text_are_served(pets: httpx.Client) -> None:
    response = pets.delete("/dogs/1")
    assert (response.status_code, response.content) == (204, b"")

    response = pets.get("/dogs/1")
    assert (response.status_code, response.text) == (200, "Rex")
    assert response.headers["content-type"] == "text/plain"


def test_a_refusal_is_that_of_the_contract_or_problem_details(pets: httpx.Client) -> None:
    response = pets.get("/dogs?limit=0")
    assert (response.status_code, response.json()) == (400, {"error": "wrong"})
    assert response.headers["x-mock-source"] == "refusal"

    response = pets.post("/dogs", json={"nam": "Snowy"})
    assert (response.status_code, response.json()["title"]) == (422, "Unprocessable Entity")
    assert "/request/body" in response.json()["detail"]

    assert pets.post("/dogs", content=b"x").status_code == 415
    for response in (pets.get("/dogs", headers={"Authorization": ""}), pets.get("/cats")):
        assert response.headers["content-type"] == "application/problem+json"
        assert response.status_code in (401, 404)


def test_a_refusal_is_as_the_default_of_the_contract_describes_it(pets: httpx.Client) -> None:
    for response, status in (
        (pets.post("/lists", json={"dogs": 5}), 422),
        (pets.post("/lists", content=b"x"), 415),
        (pets.post("/lists", json={}, headers={"Authorization": ""}), 401),
    ):
        assert (response.status_code, [*response.json()]) == (status, ["error"])
        assert response.headers["x-mock-source"] == "refusal"

    response = pets.get("/dogs/x")
    assert (response.status_code, response.text) == (422, "Rex")


DEEP = 1_000


@pytest.mark.parametrize(
    "body",
    [
        {"data": {f"dogs{'[a]' * 50_000}": "1"}},
        {"data": {f"like[0]{'[]' * 50_000}": "1"}},
        {"data": {"dogs": '{"a":' * DEEP + "1" + "}" * DEEP}},
        {"files": {"dogs": (None, '{"a":' * DEEP + "1" + "}" * DEEP, "application/json")}},
        {"files": {"dogs": (None, '{"a":' + "[" * DEEP + "]" * DEEP + "}")}},
        {"data": {"dogs": "[" * 100_000}},
    ],
)
def test_deep_nesting_is_taken_or_refused(pets: httpx.Client, body: Any) -> None:
    for prefer in ("", "validation=warn", "validation=off"):
        response = pets.post("/lists", headers={"Prefer": prefer}, **body)
        assert response.status_code in (204, 422)


def test_deep_nesting_in_a_query_is_taken(pets: httpx.Client) -> None:
    assert pets.get(f"/lists?like{'[a]' * 10_000}=1").status_code == 204


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/ancestors", "the schema contains itself, and what it contains is required"),
        ("/broken", '/response/body: "name" is a required property'),
    ],
)
def test_what_cannot_be_made_is_a_500_that_says_why(
    pets: httpx.Client, path: str, reason: str
) -> None:
    response = pets.get(path)

    assert response.status_code == 500
    assert reason in response.json()["detail"]


def test_any_other_error_is_problem_details(pets: httpx.Client) -> None:
    response = pets.get("/dogs", headers={"Prefer": "code=503"})

    assert response.json() == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Service Unavailable",
    }


def test_the_start_says_which_operations_have_no_handler(
    tmp_path: Path, spawn: Callable[..., Any]
) -> None:
    (tmp_path / "pets").mkdir()
    (tmp_path / "pets" / "openapi.yaml").write_text(PETS)

    announcement = spawn("--only", "pets", MOCKSERVER_APIS=str(tmp_path)).announcement

    assert (
        "        without a handler, made of the contract: listDogs, createDog, listAncestors, "
        "getBroken, listLists, createList, getDog, deleteDog\n"
    ) in announcement
