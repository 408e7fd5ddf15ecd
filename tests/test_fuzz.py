"""The fuzzing targets: each is fed for a moment, and an input that breaks a promise is reported."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

TARGETS = ["http", "yaml", "json", "har", "parameters"]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/fuzz.py."""
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[1] / "tools")
    return importlib.import_module("fuzz")


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_a_promise(tool: ModuleType, name: str) -> None:
    assert list(tool.TARGETS) == TARGETS
    assert tool.fuzz(name, seconds=0, batch=25) >= 25


def test_an_input_that_breaks_a_promise_is_shown(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def open_fragile() -> Iterator[Callable[[bytes], None]]:
        def check(sent: bytes) -> None:
            assert b"&" not in sent

        yield check

    target = tool.Target(open_fragile, tool.TARGETS["parameters"].inputs)
    monkeypatch.setitem(tool.TARGETS, "parameters", target)
    with pytest.raises(AssertionError) as raised:
        tool.fuzz("parameters", seconds=0)

    assert re.search(r"sent=b'.*&.*'", "\n".join(raised.value.__notes__))


def test_a_response_that_is_no_http_or_a_500_breaks_the_promise(tool: ModuleType) -> None:
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    tool.check_responses(good + good)
    tool.check_responses(b"HTTP/1.1 100 Continue\r\n\r\n" + good)
    for bad in (good.replace(b"200 OK", b"500 Oh"), b"oops\r\n\r\n", good + b"}"):
        with pytest.raises((AssertionError, tool.h11.RemoteProtocolError)):
            tool.check_responses(bad)


def test_an_unknown_target_is_refused(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["fuzz.py", "ftp"])
    with pytest.raises(SystemExit, match="2"):
        tool.main()
    assert (
        "there is no target ftp; known: http, yaml, json, har, parameters"
        in capsys.readouterr().err
    )
