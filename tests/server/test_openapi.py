"""What OpenAPI 3.0.3 allows is served as it is validated: forms, files, parameters, paths."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver import apis

CONTRACT = """
openapi: 3.0.3
info: {title: Forms, version: '1'}
servers: [{url: /forms}]
paths:
  /items/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - name: filter
          in: query
          style: deepObject
          schema: {type: object, properties: {n: {type: integer}}}
        - {name: q, in: query, content: {application/json: {schema: {type: object}}}}
      responses: &responses
        '200': {description: ok, content: {application/json: {schema: {type: object}}}}
        default: {description: no, content: {application/json: {schema: {type: object}}}}
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: *responses
  /items/{item-id}/lines/{line}:
    get:
      parameters:
        - {name: item-id, in: path, required: true, schema: {type: integer}}
        - {name: line, in: path, required: true, schema: {type: number}}
      responses: *responses
  /items/last:
    get:
      responses: *responses
  /items:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: &schema
              type: object
              required: [id, name]
              properties:
                id: {type: integer, readOnly: true}
                name: {type: string}
                n: {type: integer}
                file: {type: string, format: binary}
          multipart/form-data: {schema: *schema}
      responses: *responses
"""
CODE = """
from pathlib import Path
from mockserver.api import Api
from mockserver.errors import Refusal

def get_items_by_id(world, **arguments):
    return {"got": arguments}

def get_items_by_item_id_lines_by_line(world, **arguments):
    return {"got": arguments}

def delete_items_by_id(world, id):
    return {}

def get_items_last(world):
    return {"got": "the last"}

def post_items(world, body):
    file = body.pop("file", b"")
    return {"got": body, "bytes": list(file)}

def refuse(error):
    return Refusal(error.status, {"message": error.sentence})

def invalid(world, arguments, violations):
    return Refusal(400, {"locations": sorted(found.location for found in violations)})

api = Api(
    name="forms",
    folder=Path(__file__).parent,
    handlers={
        handler.__name__: handler
        for handler in (
            get_items_by_id, get_items_by_item_id_lines_by_line, get_items_last, post_items,
            delete_items_by_id,
        )
    },
    refuse=refuse,
    refuse_invalid=invalid,
    kinds=(),
)
"""


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory, run_server: Any) -> Iterator[httpx.Client]:
    """A client of an API that keeps nothing."""
    folder = tmp_path_factory.mktemp("apis")
    package = folder / "forms"
    package.mkdir()
    (package / "__init__.py").write_text(CODE)
    (package / "openapi.yaml").write_text(CONTRACT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apis, "__path__", [*apis.__path__, str(folder)])
        with (
            run_server(scenario="documented", only=("forms",)) as url,
            httpx.Client(base_url=f"{url}/forms/", verify=False) as client,
        ):
            yield client
    sys.modules.pop("mockserver.apis.forms", None)
    del apis.forms


def test_parameters_and_forms_of_openapi_are_served(forms: httpx.Client) -> None:
    # A concrete path comes before a templated one that was written first.
    assert forms.get("items/last").json() == {"got": "the last"}
    assert forms.delete("items/5").status_code == 200
    assert forms.delete("items/last").status_code == 405
    assert forms.options("items/last").headers["allow"] == "GET, HEAD, OPTIONS"
    params = {"filter[n]": "7", "q": '{"a": [1]}'}
    assert forms.get("items/5", params=params).json() == {
        "got": {"id": "5", "filter": {"n": 7}, "q": {"a": [1]}}
    }

    sent = forms.post("items", data={"name": "سارة", "n": "3"})
    assert sent.json() == {"got": {"name": "سارة", "n": 3}, "bytes": []}
    sent = forms.post("items", data={"name": "a"}, files={"file": ("a.bin", b"\x00\xff")})
    assert sent.json() == {"got": {"name": "a"}, "bytes": [0, 255]}


def test_an_invalid_form_is_refused(forms: httpx.Client) -> None:
    sent = forms.post("items", data={"n": "x"})
    assert (sent.status_code, sent.json()) == (
        400,
        {"locations": ["/request/body", "/request/body/n"]},
    )
    headers = {"content-type": "multipart/form-data; boundary=b"}
    sent = forms.post("items", content=b"--b\r\n", headers=headers)
    assert (sent.status_code, sent.json()) == (400, {"locations": ["/request/body"]})
    sent = forms.post("items", content=b"x", headers={"content-type": "text/plain"})
    assert sent.status_code == 415


def test_numbers_in_a_path_are_validated_as_they_were_sent(forms: httpx.Client) -> None:
    assert forms.get("items/-7/lines/1.50").json() == {"got": {"item-id": -7, "line": 1.5}}
    for item, line in [("01", "1"), ("+1", "1"), ("x", "1"), ("1.0", "1"), ("1", "01"), ("1", "y")]:
        wrong = "line" if item == "1" else "item-id"
        refused = forms.get(f"items/{item}/lines/{line}")
        assert (refused.status_code, refused.json()) == (
            400,
            {"locations": [f"/request/path/{wrong}"]},
        ), (item, line)
