"""A scenario on its way to the server, and what the server found wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from mockserver.client import Client
from mockserver.client.loading import content, placed
from mockserver.client.request import Content
from mockserver.errors import ClientError, ProblemError, ProblemFault

Answering = Callable[..., tuple[Client, list[httpx.Request]]]

ONE = ProblemFault("it is no text", file="body", line=3, field="name")
TWO = ProblemFault("it is empty", file="default.yaml", line=1)
REFUSED = ProblemError(422, "Wrong", f"2 things are wrong; the first is {ONE}", [ONE, TWO])


@pytest.mark.parametrize(
    ("scenario", "sent"),
    [
        ("documented", Content(b'{"scenario": "documented"}', "application/json")),
        ({"name": "a"}, Content(b'{"scenario": {"name": "a"}}', "application/json")),
        (b"name: a", Content(b"name: a", "application/yaml")),
    ],
)
def test_a_scenario_is_a_name_a_whole_one_or_yaml(scenario: str | bytes, sent: Content) -> None:
    assert content(scenario) == sent


def test_a_file_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xefname: a\r\n")
    assert content(tmp_path / "a.yaml") == Content(b"\xefname: a\r\n", "application/yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ClientError) as raised:
        content(tmp_path)
    assert str(raised.value) == f"'{tmp_path}' cannot be read: Is a directory."


def test_what_is_wrong_with_a_file_is_said_of_it_and_what_is_wrong_elsewhere_of_that() -> None:
    error = placed(REFUSED, Path("mine/a.yaml"))
    assert (error.status, error.title) == (422, "Wrong")
    assert [fault.file for fault in error.errors] == ["mine/a.yaml", "default.yaml"]
    assert str(error) == (
        "2 things are wrong; the first is mine/a.yaml:3: name: it is no text\n"
        "default.yaml:1: it is empty"
    )


@pytest.mark.parametrize("scenario", ["documented", b"name: a", {"name": "a"}])
def test_what_came_from_no_file_keeps_its_place(scenario: str | bytes) -> None:
    assert placed(REFUSED, scenario) is REFUSED


def test_the_client_names_the_file(answering: Answering, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    fault = {"file": "body", "line": 3, "reason": "it is wrong"}
    body = {"detail": "One thing is wrong.", "errors": [fault]}
    client, _ = answering(body, status=422, type="application/problem+json")
    with pytest.raises(ProblemError) as raised:
        client.load(tmp_path / "a.yaml")
    assert str(raised.value) == f"One thing is wrong.\n{tmp_path / 'a.yaml'}:3: it is wrong"
