"""What a contract gives, and what it does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.contract import Request, Response
from mockserver.mutation import Mutation

Respond = Callable[[int, Any], Response]
Run = Callable[..., Any]


def test_an_empty_list_is_null_or_a_404(
    mutations: Mapping[str, Mutation], page: dict[str, Any], respond: Respond, run: Run
) -> None:
    empty, get = {**page, "rows": []}, Request("GET", "/things")
    null, missing = mutations["list.empty-as-null:/rows"], mutations["list.empty-not-found:/rows"]
    assert json.loads(run(null, get, respond(200, empty))[0].body)["rows"] is None
    response, _ = run(missing, get, respond(200, empty))
    assert (response.status, response.body) == (404, b'{"why":"none"}')
    for mutation in (null, missing):
        assert run(mutation, get, respond(200, page))[0] == respond(200, page)


def test_what_the_contract_allows_is_no_mutation(mutations: Mapping[str, Mutation]) -> None:
    absent = (
        "drop-property:/extra",  # it need not be there
        "null:/next",  # it may be null
        "null:/none",
        "other-type:/none",  # it is always null
        "reversed:/codes",  # it has one item
        "off-by-one:/kind",
        "trimmed-text:/kind",  # no sentence
        "normalised-text:/kind",
        "wrong-format:/note",
        "swapped:/kind",
        "other-default:query/kinds",
        "accept-missing:query/size",
        "fixed-parameter:query/size",
        "ignore-parameter:query/team",
        "accept-invalid:query/team",  # it takes any text
        "accept-impossible:query/size",
        "lose-write",
    )
    assert [name for name in absent if f"list.{name}" in mutations] == []


def test_each_has_a_name_that_a_url_can_carry_and_a_sentence(
    mutations: Mapping[str, Mutation],
) -> None:
    for mutation in mutations.values():
        operation, _, rest = mutation.name.partition(".")
        assert mutation.operations == (operation,)
        assert rest.partition(":")[0] == mutation.operator
        assert mutation.sentence[0] in "`ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        assert mutation.sentence.endswith(".")
