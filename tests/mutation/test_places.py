"""Places: alternatives are one, what is always empty has nothing below it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.contract import Contract, Request, Response
from mockserver.mutation import Mutation
from mockserver.mutation.places import find_places

Respond = Callable[[int, Any], Response]
Run = Callable[..., Any]


def test_alternatives_of_a_refusal_are_changed_as_one_and_a_shared_one_once(
    mutations: Mapping[str, Mutation], respond: Respond, run: Run
) -> None:
    mutation = mutations["list.trimmed-text:401/why"]
    assert mutation.sentence == "`/why` of a 401 is cut short."
    for text, cut in (("Später mal.", "Später"), ("Nächste Woche, bitte.", "Nächste Woche,")):
        response, _ = run(mutation, Request("GET", "/things"), respond(401, {"why": text}))
        assert json.loads(response.body) == {"why": cut}
    assert "create.trimmed-text:401/why" not in mutations
    assert "create.as-html:401" in mutations


def test_a_schema_that_contains_itself_has_an_end() -> None:
    base = {"properties": {"id": {"type": "integer"}}}
    child = {"properties": {"child": {"$ref": "#/tree"}}}
    contract = Contract({"base": base, "tree": {"allOf": [{"$ref": "#/base"}, child]}})
    found = find_places(contract, "#/tree", 200, is_success=True)
    assert [place.pointer for place in found] == ["", "/id"]
