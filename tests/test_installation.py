"""Another distribution with the same import name in the same environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mockserver

PACKAGE = Path(mockserver.__file__).parent


@pytest.mark.parametrize("is_overwritten", [True, False], ids=["theirs is newer", "ours is newer"])
def test_an_installation_with_strangers_says_what_to_uninstall(
    tmp_path: Path, is_overwritten: bool
) -> None:
    folder = tmp_path / "mockserver"
    folder.mkdir()
    for path in PACKAGE.iterdir():
        if not (is_overwritten and path.name == "__init__.py"):
            (folder / path.name).symlink_to(path)
    (folder / "client.py").write_text("class MockServerClient: ...\n")
    if is_overwritten:
        (folder / "__init__.py").write_text("from mockserver.client import MockServerClient\n")
    done = subprocess.run(
        [sys.executable, "-c", "import mockserver.cli"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: '{folder}' has modules of another distribution that is imported as "
        "'mockserver' too, such as mockserver-client of PyPI: client.py. Uninstall both, then "
        "install mockserver-kit, or install them in two environments."
    )
