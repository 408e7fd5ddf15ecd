"""A temporary folder goes, however its maker ends."""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mockserver.store.file_store import TemporaryFolder


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_exists_and_is_private() -> None:
    folder = TemporaryFolder("mine-")
    assert folder.path.name.startswith("mine-")
    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_the_folder_is_removed_with_its_files_and_can_be_removed_twice(temporary: Path) -> None:
    folder = TemporaryFolder("mine-")
    (folder.path / "store.sqlite").write_text("something")
    folder.remove()
    folder.remove()
    assert list(temporary.iterdir()) == []


def test_the_folder_is_removed_with_its_last_reference(temporary: Path) -> None:
    TemporaryFolder("mine-")
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_a_signal_the_moment_it_is_made_leaves_nothing_behind(temporary: Path) -> None:
    """The signal's handler raises as soon as the folder is there, before anybody has its name."""
    program = f"""
import os, signal, sys, tempfile
from mockserver.store.file_store import TemporaryFolder

make = os.mkdir

def make_and_be_told_to_stop(*args, **kwargs):
    make(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGTERM)

signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
os.mkdir = make_and_be_told_to_stop
tempfile.tempdir = {str(temporary)!r}
TemporaryFolder("mine-")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (3, b"")
    assert list(temporary.iterdir()) == []
