"""Fixtures of the tests of the APIs; `api` is the one in whose folder a test is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from in_process import run_in_process

from mockserver import apis
from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.connection import Connection
from mockserver.check.http.mock import find_mock
from mockserver.check.http.workers import WorkerPool
from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.clock import Clock, parse_moment
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction
from mockserver.kit import load_kit
from mockserver.mutation import HAND_WRITTEN
from mockserver.sandbox import Sandboxes, Template, World
from mockserver.settings import DatabaseUrl, Settings
from mockserver.store import open_store

Seen = list[tuple[int, str, bytes]]
"""The status, the content type and the body of each response."""

_CLEAN: dict[tuple[str, str, str], Seen] = {}
"""The responses without a mutation: in a world whose clock is frozen they are always the same."""


@pytest.fixture(scope="module")
def api(request: pytest.FixtureRequest) -> Api:
    """The API in whose folder the test is."""
    name = request.path.parent.name
    return apis.load([name])[name]


@pytest.fixture
def world(
    api: Api, tmp_path: Path, store_kind: str, request: pytest.FixtureRequest
) -> Iterator[World]:
    """A world without documents, its clock frozen at 2025-08-21T14:30:00Z, open for writing."""
    template = Template(
        name="empty",
        scenario="empty",
        seed=42,
        clock=Clock.frozen_at(parse_moment("2025-08-21T14:30:00Z")),
        tokens={},
        populate=lambda _: None,
        checks={api.name: api.check_document},
    )
    is_file = store_kind == "sqlite"
    place = None if is_file else DatabaseUrl(request.getfixturevalue("database"))
    store = open_store(place or tmp_path / "world.sqlite")
    with Sandboxes(store, template).open("test", api.name, writing=True) as world:
        yield world
    store.close()


class Evaluator:
    """Evaluates invariants of an API on exchanges made by hand."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.invariants = {invariant.name: invariant for invariant in load_kit(api).invariants}

    def exchange(
        self,
        operation: str,
        response_body: Any,
        status: int = 200,
        at: str = "2025-08-21T14:30:00Z",
        body: Any = None,
        **parameters: Any,
    ) -> Interaction:
        """An exchange; a request that does not conform is not valid."""
        spec = self.api.contract.operation(operation)
        path = {it.name for it in spec.parameters if it.location == "path"}
        query = {name: value for name, value in parameters.items() if name not in path}
        content = b"" if body is None else orjson.dumps(body)
        headers = Headers([("content-type", "application/json")])
        request = Request(
            spec.method,
            spec.path.format_map(parameters),
            urlencode(query),
            headers,
            content,
        )
        values = {name: str(parameters[name]) for name in path}
        found = self.api.validator.validate_request(spec, request, values)
        return Interaction(
            operation=spec,
            exchange=Exchange(request, Response(status, headers, orjson.dumps(response_body))),
            arguments=found.arguments,
            request_violations=found.violations,
            response_body=response_body,
            moment=parse_moment(at),
        )

    def evaluate(self, name: str, *exchanges: Interaction) -> list[str] | None:
        """What an invariant says of the last exchange, those before it being the earlier ones."""
        *before, now = exchanges
        assert now.operation.id in self.invariants[name].operations
        return self.invariants[name].evaluate(now, before)


@pytest.fixture(scope="module")
def evaluator(api: Api) -> Evaluator:
    """Evaluates the invariants of the API."""
    return Evaluator(api)


@pytest.fixture(scope="session")
def mock(vendors: tuple[str, ...]) -> Iterator[Target]:
    """A mock with the default world on the real clock, in this process."""
    with run_in_process(Settings(port=0, only=vendors)) as target:
        yield target


@pytest.fixture
def open_context(mock: Target) -> Callable[..., AbstractContextManager[CheckContext]]:
    """Opens a check of an API of a mock, whose sequences of requests have worlds of their own."""

    @contextmanager
    def open_check(api: Api, target: Target = mock) -> Iterator[CheckContext]:
        mock = find_mock(target)
        assert mock
        with closing(mock), closing(Connection(target)) as connection:
            ids = read_cases(api.name).mock_ids
            yield CheckContext(
                target,
                api,
                connection,
                WorkerPool(connection),
                Results(api),
                ids,
                may_write=True,
                mock=mock,
            )

    return open_check


@pytest.fixture
def send(api: Api, documented: httpx.Client) -> Callable[..., Seen]:
    """Sends requests one after the other in a world, where some mutations are on.

    A world is the name of a scenario, or a whole one; its clock must be frozen. A request is a
    method, a URL, a body or None, and headers.
    """

    def send_all(world: Any, requests: Sequence[tuple[Any, ...]], *mutations: str) -> Seen:
        key = (api.name, repr(world), repr(requests))
        if not mutations and key in _CLEAN:
            return _CLEAN[key]
        assert documented.post("/__mock__/load", json={"scenario": world}).status_code == 200
        for mutation in mutations:
            assert documented.put(f"/__mock__/mutations/{api.name}.{mutation}").status_code == 200
        seen = []
        for method, url, content, headers in requests:
            typed = {**headers, "Content-Type": "application/json"} if content else headers
            response = documented.request(method, url, content=content, headers=typed)
            seen.append((response.status_code, response.headers["content-type"], response.content))
        if not mutations:
            _CLEAN[key] = seen
        return seen

    return send_all


@pytest.fixture
def load_documents(api: Api, documented: httpx.Client) -> Callable[..., None]:
    """Loads a world that has some documents of the API, its clock frozen, for `documented`."""

    def load(now: str = "2025-08-21T14:30:00Z", **documents: Any) -> None:
        own = {api.name: {"documents": documents}}
        scenario = {"name": "some", "description": "Some.", "clock": {"freeze": now}, "apis": own}
        response = documented.post("/__mock__/load", json={"scenario": scenario})
        assert response.status_code == 200, response.text

    return load


@pytest.fixture
def list_unseen_mutations(api: Api, send: Callable[..., Seen]) -> Callable[..., list[str]]:
    """Lists the hand-written mutations that change no response to some requests in some worlds."""

    def list_unseen(worlds: Sequence[Any], requests: Sequence[tuple[Any, ...]]) -> list[str]:
        own = [it.name for it in load_kit(api).mutations if it.operator == HAND_WRITTEN]
        clean = [send(world, requests) for world in worlds]
        return [name for name in own if [send(world, requests, name) for world in worlds] == clean]

    return list_unseen
