"""The garbage collector of a process that serves requests."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from mockserver.server import run
from mockserver.server.collector import begin_collection, postpone_collection
from mockserver.settings import Settings


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.enable()


def test_nothing_is_collected_before_a_server_listens() -> None:
    with postpone_collection():
        assert not gc.isenabled()
        begin_collection()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 10_000
    assert gc.isenabled()


def test_a_start_that_fails_leaves_the_collector_on() -> None:
    with pytest.raises(ValueError, match="mine"), postpone_collection():
        raise ValueError("mine")
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_worker_leaves_out_what_it_has_when_it_has_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen: list[int] = []

    async def start(scope: Scope, _: Receive, send: Send) -> None:
        frozen.append(gc.get_freeze_count())
        await send({"type": f"{scope['type']}.startup.complete"})

    async def receive() -> Message:
        return {}

    async def send(_: Message) -> None:
        frozen.append(gc.get_freeze_count())

    monkeypatch.setattr(run, "create_app", lambda _settings, **_: start)
    monkeypatch.setattr("sys.setswitchinterval", lambda _: None)
    app = run._create_worker_app(Settings(), None, "http://127.0.0.1")
    asyncio.run(app({"type": "http"}, receive, send))
    assert frozen == [0, 0]
    asyncio.run(app({"type": "lifespan"}, receive, send))
    assert frozen[2] == 0
    assert frozen[3] > 10_000
