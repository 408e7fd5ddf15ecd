"""Services: the contexts of an API's handlers, and the calls that are authorised."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import apis, scenarios
from mockserver.apis import load
from mockserver.contract import Headers, Request
from mockserver.errors import HttpError
from mockserver.journal import Journal
from mockserver.sandbox import Sandboxes, World
from mockserver.scenarios import Library
from mockserver.server import control
from mockserver.server.checks import Checks
from mockserver.server.control import ControlContext, ServerContext
from mockserver.server.services import Call, Service, make_control_service, make_vendor_service
from mockserver.settings import Settings
from mockserver.store import FileStore

APIS = apis.load()


@pytest.fixture
def sandboxes() -> Iterator[Sandboxes]:
    """The sandboxes of a store that has the documents' world."""
    library = Library()
    scenario = scenarios.load(library.get_path("documented"), APIS, library)
    with closing(FileStore()) as store:
        settings = Settings(max_sandboxes=2, max_snapshots=5, idle_expiry=0)
        yield Sandboxes(store, scenarios.build_template(scenario, APIS), settings)


@pytest.fixture
def control_of(sandboxes: Sandboxes) -> Service:
    """The control API over them."""
    library = Library()
    scenario = scenarios.load(library.get_path("documented"), APIS, library)
    known = ServerContext(APIS, APIS, library, Settings(), scenario, sandboxes.template)
    api, journal = control.make_control_api(), Journal(None, print)
    return make_control_service(api, sandboxes, known, journal, Checks(sandboxes, Settings()))


def call(service: Service, operation: str, name: str = "default", **headers: str) -> Call:
    """One request to an operation, in a sandbox."""
    fields = Headers([("x-mock-sandbox", name), *headers.items()])
    described = service.api.contract.operation(operation)
    request = Request(described.method, described.path, headers=fields)
    scope: dict[str, Any] = {"headers": [(b"x-mock-sandbox", name.encode())]}
    return Call(service.api, described, request, {}, scope, "http://x/y")


def test_a_vendor_has_the_world_of_the_sandbox(sandboxes: Sandboxes) -> None:
    service = make_vendor_service(APIS["calwe"], sandboxes)
    with service.open_context(call(service, "listSessionLogs", "one")) as world:
        assert isinstance(world, World)
        assert (world.sandbox, world.url, world.factory.seed) == ("one", "http://x/y", 1)
        assert world.documents.get_sizes("entry") == {"1": 2}


def test_writes_are_stored_at_the_end_of_the_block_and_undone_by_an_exception(
    sandboxes: Sandboxes,
) -> None:
    service = make_vendor_service(APIS["calwe"], sandboxes)
    with service.open_context(call(service, "createSessionLog", "one")) as world:
        world.documents.remove("entry", "1/1")
    with pytest.raises(ValueError, match="too late"):  # noqa: SIM117 - one opens, one raises
        with service.open_context(call(service, "createSessionLog", "one")) as world:
            world.documents.remove("entry", "1/2")
            raise ValueError("too late")
    with service.open_context(call(service, "listSessionLogs", "one")) as world:
        assert world.documents.get_sizes("entry") == {"1": 1}


@pytest.mark.parametrize(
    ("api", "operation", "header"),
    [
        ("calwe", "listSessionLogs", "authorization"),
        ("autozod", "listAgentSessionLogs", "authorization"),
        ("avaamo", "listChangeLogs", "access-token"),
    ],
)
def test_a_vendor_admits_who_has_a_credential_that_the_world_accepts(
    sandboxes: Sandboxes, api: str, operation: str, header: str
) -> None:
    service = make_vendor_service(APIS[api], sandboxes)

    def admit(value: str | None) -> None:
        headers = {} if value is None else {header: value}
        checked = call(service, operation, **headers)
        with service.open_context(checked) as checked.context:
            service.authorise(checked)

    scheme = "Bearer " if header == "authorization" else ""
    admit(f"{scheme}anything")
    for value in (None, "", scheme, f"{scheme}invalid"):
        with pytest.raises(HttpError, match="Unauthenticated"):
            admit(value)


def test_the_control_api_gets_a_session_and_admits_authorised_calls(
    sandboxes: Sandboxes, control_of: Service
) -> None:
    checked = call(control_of, "freezeClock", "one")
    with control_of.open_context(checked) as controls:
        assert isinstance(controls, ControlContext)
        control_of.authorise(checked)
        assert controls.sandbox.record.name == "one"
    with sandboxes.wait_for_transaction(writing=False) as transaction:
        assert [record.name for record in transaction.worlds.list_all("sandbox")] == [
            "default",
            "one",
        ]


def test_an_operation_that_needs_no_store_creates_no_sandbox(
    sandboxes: Sandboxes, control_of: Service
) -> None:
    with control_of.open_context(call(control_of, "listScenarios", "one")):
        pass
    with sandboxes.wait_for_transaction(writing=False) as transaction:
        assert [record.name for record in transaction.worlds.list_all("sandbox")] == ["default"]


@pytest.mark.parametrize("operation", ["getHealth", "getReadiness", "listApis"])
def test_a_public_operation_gets_the_default_sandbox(control_of: Service, operation: str) -> None:
    with control_of.open_context(call(control_of, operation, "no name")) as controls:
        assert controls.sandbox.record.name == "default"


def test_other_operations_check_the_name_of_the_sandbox(
    control_of: Service, sandboxes: Sandboxes
) -> None:
    vendor = make_vendor_service(APIS["calwe"], sandboxes)
    for service, operation in ((control_of, "getClock"), (vendor, "listSessionLogs")):
        with (
            pytest.raises(HttpError, match="name"),
            service.open_context(call(service, operation, "no name")),
        ):
            pass


def test_of_two_services_with_the_same_operation_one_is_called(
    documented: httpx.Client,
) -> None:
    """Calwe and Autozod each list session logs."""
    headers = {"Authorization": "Bearer t"}
    calwe = documented.get("/v1/customer/sessions/1/log", headers=headers)
    autozod = documented.get("/api/sessionLogs/list", headers=headers)

    assert (calwe.status_code, autozod.status_code) == (200, 422)
    assert list(autozod.json()) == ["success", "error", "message", "data"]


def test_a_client_of_a_vendor_knows_nothing_of_the_admin_token(
    start: Callable[..., httpx.Client],
) -> None:
    client = start(scenario="documented", admin_token="secret")
    log = "/v1/customer/sessions/1/log"

    assert client.get(log, headers={"Authorization": "Bearer other"}).status_code == 200
    assert client.get(log).status_code == 401


LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}


@pytest.mark.parametrize(
    ("operation", "is_writing"),
    [
        ("listSessionLogs", False),
        ("listCoachSessionLogs", False),
        ("createSessionLog", True),
        ("createCoachSessionLog", True),
    ],
)
def test_only_methods_that_http_calls_unsafe_write(operation: str, is_writing: bool) -> None:
    api = load(["calwe"])["calwe"]
    request = Request(method="GET", path="/")

    call = Call(api, api.contract.operation(operation), request, {}, {}, "http://x/")

    assert call.is_writing is is_writing


def test_a_call_has_a_valid_sandbox_name() -> None:
    api = load(["calwe"])["calwe"]

    def sandbox(name: bytes) -> str:
        scope = {"headers": [(b"x-mock-sandbox", name)]}
        operation = api.contract.operation("listSessionLogs")
        return Call(api, operation, Request("GET", "/"), {}, scope, "http://x/").sandbox

    assert sandbox(b"mine") == "mine"
    with pytest.raises(HttpError, match="'no name' cannot be a sandbox's name"):
        sandbox(b"no name")


def test_reading_does_not_wait_for_a_writer(start: Any, tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite"
    client = start(scenario="documented", store=store)
    assert client.get(LOG, headers=BEARER).status_code == 200  # which makes the sandbox

    writer = sqlite3.connect(store, isolation_level=None)
    try:
        writer.execute("BEGIN IMMEDIATE")
        # With the store held, a writing request would be refused after two seconds.
        assert client.get(LOG, headers=BEARER).status_code == 200
        assert client.head(LOG, headers=BEARER).status_code == 200
    finally:
        writer.close()
    response = client.post(LOG, headers=BEARER, json={"action_type": "LEFT"})
    assert response.status_code == 200
