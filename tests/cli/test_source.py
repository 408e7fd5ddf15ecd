"""What a command is given to read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mockserver.cli.source import read
from mockserver.errors import ClientError


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\r\n")
    assert read(str(tmp_path / "a")) == b"\xff\r\n"


def test_a_minus_is_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\r\n")))
    assert read("-") == b"\xff\r\n"


@pytest.mark.parametrize(
    ("name", "reason"), [("none", "No such file or directory"), (".", "Is a directory")]
)
def test_what_cannot_be_read_is_said_by_name(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(ClientError) as raised:
        read(str(tmp_path / name))
    assert str(raised.value) == f"'{tmp_path / name}' cannot be read: {reason}."
