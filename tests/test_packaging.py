"""The wheel, installed where nothing else is, serves from any folder."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_the_contracts_and_the_scenarios(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"mockserver/openapi/{path.name}" for path in (ROOT / "openapi").glob("*.yaml")}
    wanted |= {f"mockserver/fixtures/{path.name}" for path in (ROOT / "fixtures").glob("*.yaml")}
    assert len(wanted) >= 6
    assert wanted <= names


def test_the_wheel_carries_the_parts_of_the_report(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = "mockserver/check/reports"
    assert {f"{folder}/report.{kind}" for kind in ("html", "css", "js")} <= names


def test_the_wheel_carries_nothing_of_the_tests(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mockserver"}


def test_an_installed_wheel_serves_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    constraints = str(ROOT / "constraints.txt")
    install = [str(python), "-m", "pip", "install", "-q", "--constraint", constraints, str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with subprocess.Popen(
        [str(tmp_path / "venv" / "bin" / "mockserver"), "serve", "--port", "0"],
        cwd=elsewhere,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            found = re.search(r"http://[0-9.]+:[0-9]+", process.stdout.readline())
            assert found
            answer = httpx.get(
                f"{found[0]}/v1/customer/sessions/1/log", headers={"Authorization": "Bearer t"}
            )
            page = httpx.get(f"{found[0]}/__mock__/docs/page.js")
        finally:
            process.terminate()
    assert answer.status_code == 200
    assert answer.json()["data"]["data"][0]["date"] == "2:30 PM"
    assert page.status_code == 200
    assert process.returncode == 0
    assert list(elsewhere.iterdir()) == []
