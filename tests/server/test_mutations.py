"""The mutations that a server knows."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.contract import Request
from mockserver.errors import UnknownNameError
from mockserver.server.call import Call
from mockserver.server.mutations import Mutations

APIS = apis.load()


def call(api: str, operation: str) -> Call:
    found = APIS[api].contract.operation(operation)
    return Call(APIS[api], found, Request("GET", "/"), {}, {}, "http://x/y")


def names(mutations: Mutations, it: Call, *of_world: str) -> list[str]:
    return [mutation.name for mutation in mutations.of(it, of_world)]


def test_they_are_named_by_their_api() -> None:
    known = {name: api.name for name, api, _ in Mutations(APIS.values())}
    assert known["calwe.write-lost"] == "calwe"
    assert known["ekran.start-ignored"] == "ekran"
    assert len(known) >= 80
    assert {name for name, _, _ in Mutations([APIS["ekran"]])} < set(known)


def test_a_name_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as raised:
        Mutations(APIS.values(), ["calwe.write-lots"])
    assert str(raised.value) == (
        "There is no mutation 'calwe.write-lots'; did you mean 'calwe.write-lost'?"
    )
    with pytest.raises(UnknownNameError):
        Mutations(APIS.values()).get("write-lost")


def test_those_of_the_server_and_of_the_world_are_on_for_an_operation_of_theirs() -> None:
    mutations = Mutations(APIS.values(), ["calwe.write-lost", "avaamo.page-ignored"])
    create, read = call("calwe", "createSessionLog"), call("calwe", "listSessionLogs")
    assert names(mutations, create) == ["write-lost"]
    assert names(mutations, read) == []
    assert names(mutations, read, "calwe.page-ignored", "calwe.write-lost") == ["page-ignored"]
    assert names(mutations, create, "calwe.write-lost", "calwe.write-doubled") == [
        "write-lost",
        "write-doubled",
    ]
    assert names(mutations, call("avaamo", "listChangeLogs"), "calwe.page-ignored") == [
        "page-ignored"
    ]


def test_a_world_may_have_one_that_this_server_does_not_know() -> None:
    read = call("calwe", "listSessionLogs")
    assert names(Mutations(APIS.values()), read, "calwe.of-another-version") == []
