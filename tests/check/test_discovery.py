"""Ids of a target are found in its lists, by safe requests alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.discovery import discover
from mockserver.check.runner import NotTheApi, discover_ids
from mockserver.check.validation.results import Results
from mockserver.files import CONTRACTS
from mockserver.scaffold import prepare_document, write_api

CONTRACT = """
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /shops:
    get:
      operationId: listShops
      x-identity: {id: /code, rows: /rows}
      responses: {'200': {description: Shops., content: {application/json: {schema: {}}}}}
  /shops/{shop}/orders:
    get:
      operationId: listOrders
      parameters: [{name: shop, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: Orders.
          content: {application/json: {schema: {}}}
          links:
            read: {operationId: getOrder, parameters: {path.order: '$response.body#/0/number'}}
  /orders/{order}:
    get:
      operationId: getOrder
      parameters: [{name: order, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: An order., content: {application/json: {schema: {}}}}}
    delete:
      operationId: deleteOrder
      parameters: [{name: order, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: It is deleted.}}
  /users/{id}:
    get:
      operationId: getUser
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: A user., content: {application/json: {schema: {}}}}}
"""
CASES = """
ids:
  paid: {description: A paid order., mock: '1'}
  order: {description: An order., mock: '1'}
  deletable: {description: An order., mock: '1'}
  user: {description: A user., mock: '1'}
  shop: {description: A shop., mock: '1'}
cases:
- {name: a, operation: listOrders, status: 200, request: {parameters: {shop: '{shop}'}}}
- {name: b, operation: getOrder, status: 200, request: {parameters: {order: '{order}'}}}
- name: c
  operation: getOrder
  status: 200
  request: {parameters: {order: '{paid}'}}
  expect: {contains: {paid: true}}
- {name: d, operation: deleteOrder, status: 204, request: {parameters: {order: '{order}'}}}
- {name: e, operation: deleteOrder, status: 204, request: {parameters: {order: '{deletable}'}}}
- {name: f, operation: getUser, status: 200, request: {parameters: {id: '{user}'}}}
"""
BODIES = {
    "/shops": {"rows": [{"code": True}, {"code": "gone"}, {"code": "cairo"}]},
    "/shops/cairo/orders": [{}, {"number": 1}, {"number": 2}],
    "/orders/1": {"paid": False},
    "/orders/2": {"paid": True},
}


@pytest.fixture
def shop(
    context: Callable[..., CheckContext],
    rogue: Callable[..., str],
    saying: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., CheckContext]:
    """Makes a context of a shop that serves some bodies by path, and 404 elsewhere."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT)
    (tmp_path / "shop.yaml").write_text(CASES)
    shutil.copy(CONTRACTS / "cases" / "schema.json", tmp_path)
    for module in ("discovery", "context"):
        read = read_cases("shop", tmp_path)
        monkeypatch.setattr(f"mockserver.check.{module}.read_cases", lambda _, read=read: read)

    def make(bodies: Mapping[str, Any], **settings: Any) -> CheckContext:
        def respond(handler: BaseHTTPRequestHandler) -> None:
            body = bodies.get(handler.path)
            status = 404 if body is None else 200
            saying(status, json.dumps(body).encode())(handler)

        made = context(rogue(respond), **settings)
        api = replace(made.api, name="shop", folder=tmp_path)
        return replace(made, api=api, results=Results(api, phase="examples"))

    return make


def test_ids_are_found_by_links_and_identities_and_are_those_that_are_accepted(
    shop: Callable[..., CheckContext],
) -> None:
    made = shop(BODIES)
    found = discover(made)
    assert found.ids == {"shop": "cairo", "paid": "2", "order": "1"}
    assert found.sources == {"shop": "listShops", "paid": "listOrders", "order": "listOrders"}
    assert found.writers == {"shop": [], "paid": [], "order": ["deleteOrder"]}
    assert found.reasons == {
        "deletable": "no case reads what has it in the path; choose it yourself",
        "user": "by the contract, no list has such ids",
    }
    assert {exchange.request.method for _, _, exchange, _ in made.results.traffic} == {"GET"}


def test_an_id_of_the_target_is_kept_and_what_is_not_found_has_a_reason(
    shop: Callable[..., CheckContext],
) -> None:
    made = shop({"/shops/alex/orders": [{"number": 3}]}, ids={"shop": {"shop": "alex"}})
    found = discover(made)
    assert found.ids == {"shop": "alex"}
    assert found.reasons["order"] == "none of the ids in the lists is accepted"
    assert "shop" not in found.reasons
    found = discover(shop({}))
    rows = "no list that has such ids has rows, or can be read without an id"
    assert (found.ids, found.reasons["shop"], found.reasons["order"]) == ({}, rows, rows)


def test_a_target_that_is_not_the_api_is_said(shop: Callable[..., CheckContext]) -> None:
    with pytest.raises(NotTheApi, match="does not serve the API 'shop': "):
        discover_ids(shop({}))


def test_an_excluded_operation_is_not_read(shop: Callable[..., CheckContext]) -> None:
    made = shop(BODIES)
    made.results = Results(made.api, phase="examples", excluded=frozenset({"listShops"}))
    assert discover(made).reasons["shop"] == "by the contract, no list has such ids"


def test_the_command_prints_the_ids_of_an_api_of_the_scaffold(
    rogue: Callable[..., str], saying: Callable[..., Any], tmp_path: Path
) -> None:
    write_api("notes", prepare_document("notes", None), tmp_path)
    bodies = {"/notes/items": [{"id": 9, "name": "a"}], "/notes/items/9": {"id": 9, "name": "a"}}

    def respond(handler: BaseHTTPRequestHandler) -> None:
        body = bodies.get(handler.path, {"message": "no"})
        saying(200 if handler.path in bodies else 404, json.dumps(body).encode())(handler)

    url = rogue(respond)
    command = [sys.executable, "-m", "mockserver", "check", "--discover", url, "--api", "notes"]
    variables = {**os.environ, "MOCKSERVER_APIS": str(tmp_path)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{url}:",
        "  notes.item_id: 9, from listItems; where writing is allowed, deleteItem would be sent "
        "to it",
        "",
        "Check that each id is what its comment says, fill in or remove those without a value, and "
        "add them",
        "to the targets file:",
        "",
        "targets:",
        "  127.0.0.1:",
        f'    url: "{url}"',
        "    ids:",
        "      notes:",
        '        item_id: "9"  # The id of a item that exists.',
    ]
