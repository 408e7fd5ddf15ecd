"""What the tests of a vendor stand on: an empty world, and a mock under the vendor's invariants.

Both are those of the vendor whose folder the test stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest

from mockserver import apis
from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.connection import Connection
from mockserver.check.http.mock import find_mock
from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.clock import Clock, parse_moment
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction
from mockserver.kit import load_kit
from mockserver.sandbox import Sandboxes, Template, World
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings
from mockserver.store import Store

_CLEAN: dict[tuple[str, str, str], list[tuple[int, str, bytes]]] = {}
"""What was answered without a mutation: in a world that stands still always the same."""


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world without documents, its clock frozen at 2025-08-21T14:30:00Z, open for writing."""
    vendor = request.path.parent.name
    template = Template(
        name="empty",
        scenario="empty",
        seed=42,
        clock=Clock.frozen_at(parse_moment("2025-08-21T14:30:00Z")),
        tokens={},
        populate=lambda _: None,
        checks={vendor: apis.load([vendor])[vendor].check_document},
    )
    store = Store(tmp_path / "world.sqlite")
    with Sandboxes(store, template).open("test", vendor, writing=True) as world:
        yield world
    store.close()


class Evaluator:
    """Evaluates invariants of a vendor on exchanges made by hand."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.invariants = {invariant.name: invariant for invariant in load_kit(api).invariants}

    def exchange(
        self,
        operation: str,
        answer: Any,
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
            exchange=Exchange(request, Response(status, headers, orjson.dumps(answer))),
            arguments=found.arguments,
            is_valid=not found.violations,
            response_body=answer,
            moment=parse_moment(at),
        )

    def evaluate(self, name: str, *exchanges: Interaction) -> list[str] | None:
        """What an invariant says of the last exchange, those before it being the earlier ones."""
        *before, now = exchanges
        assert now.operation.id in self.invariants[name].operations
        return self.invariants[name].evaluate(now, before)


@pytest.fixture(scope="module")
def evaluator(request: pytest.FixtureRequest) -> Evaluator:
    """Evaluates the invariants of the vendor in whose folder the test is."""
    folders = request.path.parts
    vendor = folders[folders.index("apis") + 1]
    return Evaluator(apis.load([vendor])[vendor])


@pytest.fixture(scope="module")
def lawful(request: pytest.FixtureRequest) -> Iterator[CheckContext]:
    """A mock on a socket whose every answer is validated, by the contract and by the vendor's invariants.

    Its results tells of the whole module; each thread of requests is in a sandbox of its own.
    """
    vendor = request.path.parent.name
    api = apis.load([vendor])[vendor]
    with run_in_thread(Settings(port=0)) as url:
        target = Target(name="mock", url=url)
        mock = find_mock(target)
        assert mock
        with closing(mock), closing(Connection(target)) as connection:
            yield CheckContext(
                target=target,
                api=api,
                connection=connection,
                results=Results(api),
                ids=read_cases(vendor).mock_ids,
                mock=mock,
            )


@pytest.fixture
def answers(
    request: pytest.FixtureRequest, documented: httpx.Client
) -> Callable[..., list[tuple[int, str, bytes]]]:
    """What requests are answered in a world, one after the other, where some mutations are on.

    A world is the name of a scenario, or a whole one; its clock must stand still.

    A request is a method, a URL, a body or None, and header fields; of an answer come the status,
    the content type and the body.
    """
    folders = request.path.parts
    vendor = folders[folders.index("apis") + 1]

    def answers(
        world: Any, requests: Sequence[tuple[Any, ...]], *mutations: str
    ) -> list[tuple[int, str, bytes]]:
        known = (vendor, repr(world), repr(requests))
        if not mutations and known in _CLEAN:
            return _CLEAN[known]
        assert documented.post("/__mock__/load", json={"scenario": world}).status_code == 200
        for mutation in mutations:
            assert documented.put(f"/__mock__/mutations/{vendor}.{mutation}").status_code == 200
        seen = []
        for method, url, content, headers in requests:
            typed = {**headers, "Content-Type": "application/json"} if content else headers
            answer = documented.request(method, url, content=content, headers=typed)
            seen.append((answer.status_code, answer.headers["content-type"], answer.content))
        if not mutations:
            _CLEAN[known] = seen
        return seen

    return answers
