"""Where contracts and scenarios lie, and files that are written whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.apis import names
from mockserver.files import CONTRACTS, SCENARIOS, replace_file


def test_every_vendor_has_its_contract_there(vendor: str) -> None:
    assert vendor in names()
    assert (CONTRACTS / f"{vendor}.yaml").is_file()


def test_the_scenario_of_a_fresh_server_is_there() -> None:
    assert (SCENARIOS / "default.yaml").is_file()


def test_both_folders_are_named_from_the_root_so_that_any_folder_will_do_to_start_from() -> None:
    assert CONTRACTS.is_absolute()
    assert SCENARIOS.is_absolute()


def test_a_file_is_replaced_when_it_is_complete(tmp_path: Path) -> None:
    path, link = tmp_path / "report", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with pytest.raises(KeyboardInterrupt), replace_file(link) as file:
        file.write(b"half")
        file.flush()
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    with replace_file(link) as file:
        file.write(b"whole")
        file.flush()
        assert path.read_text() == "old"
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("whole", 0o640)
    assert link.is_symlink()
    assert {*tmp_path.iterdir()} == {path, link}


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    with replace_file(tmp_path / "new") as file:
        file.write(b"1")
    (tmp_path / "usual").write_bytes(b"1")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("goes_to_a_file", [False, True])
def test_streams_are_written_as_they_are(tmp_path: Path, goes_to_a_file: bool) -> None:
    program = """
from pathlib import Path
from mockserver.files import replace_file
with replace_file(Path("/dev/stdout")) as file:
    file.write(b"report,")
print(" printed")
"""
    command = [sys.executable, "-c", program]
    if not goes_to_a_file:
        done = subprocess.run(command, capture_output=True, check=True)
        assert done.stdout == b"report, printed\n"
        return
    # What is printed later goes to the same file.
    with (tmp_path / "out").open("w+b") as out:
        subprocess.run(command, stdout=out, check=True)
        assert b" printed" in (tmp_path / "out").read_bytes()
