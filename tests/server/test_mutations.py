"""The mutations that a server knows, and those that change a refusal of no operation."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from mockserver import apis
from mockserver.contract import Headers, Response
from mockserver.errors import StoreBusyError, UnknownNameError
from mockserver.server.mutations import Mutations, mutate_refusal

APIS = apis.load()
LOST = "calwe.createSessionLog.lose-write"


def find(mutations: Mutations, api: str, operation: str, *of_world: str) -> list[str]:
    return [it.name for it in mutations.find(APIS[api], [operation], of_world)]


def test_mutations_have_the_name_of_their_api() -> None:
    known = {name: api.name for name, api, _ in Mutations(APIS.values())}
    assert known[LOST] == "calwe"
    assert known["ekran.session-left-out-of-ranges"] == "ekran"
    assert {name for name, _, _ in Mutations([APIS["ekran"]])} < set(known)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as raised:
        Mutations(APIS.values(), ["calwe.createSessionLog.lose-writes"])
    assert str(raised.value) == (
        f"There is no mutation 'calwe.createSessionLog.lose-writes'; did you mean '{LOST}'?"
    )
    with pytest.raises(UnknownNameError):
        Mutations(APIS.values()).get("createSessionLog.lose-write")


def test_those_of_the_server_and_of_the_world_are_on_for_an_operation_of_theirs() -> None:
    mutations = Mutations(APIS.values(), [LOST, "avaamo.listChangeLogs.canned-response"])
    doubled = "calwe.createSessionLog.double-write"
    assert find(mutations, "calwe", "createSessionLog") == ["createSessionLog.lose-write"]
    assert find(mutations, "calwe", "listSessionLogs") == []
    assert find(mutations, "calwe", "createSessionLog", LOST, doubled) == [
        "createSessionLog.lose-write",
        "createSessionLog.double-write",
    ]
    assert find(mutations, "avaamo", "listChangeLogs", doubled) == [
        "listChangeLogs.canned-response"
    ]


def test_a_world_may_have_one_that_this_server_does_not_know() -> None:
    mutations = Mutations(APIS.values())
    assert find(mutations, "calwe", "listSessionLogs", "calwe.of-another-version") == []


def test_a_refusal_that_no_operation_gave_is_changed_too(documented: httpx.Client) -> None:
    log = "/v1/customer/sessions/1/log"
    for name in ("drop-header:405/Allow", "as-html:413", "other-status:400"):
        documented.put(f"/__mock__/mutations/calwe.createSessionLog.{name}")
    refused = documented.put(log)
    assert (refused.status_code, "allow" in refused.headers) == (405, False)
    too_large = documented.post(log, content=b" " * 1_048_577)
    assert (too_large.status_code, too_large.text[:15]) == (413, "<!DOCTYPE html>")
    assert documented.post("/v1/customer/sessions/a%01b/log").status_code == 403
    # Those are mutations of another operation.
    assert documented.get("/v1/customer/sessions/a%01b/log").status_code == 400


def test_a_refusal_does_not_fail_where_the_store_is_busy() -> None:
    async def read_record(_: str) -> None:
        raise StoreBusyError("it is busy")

    response = Response(405, Headers([("allow", "GET")]), b"{}")
    scope = {"type": "http", "method": "PUT", "path": "/v1/x", "headers": []}
    mutated = mutate_refusal(read_record, Mutations(APIS.values()), APIS["calwe"], scope, response)
    assert asyncio.run(mutated) is response
