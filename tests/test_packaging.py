"""The sdist and the wheel: what they contain, and that the installed wheel works alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes
from email.message import Message
from importlib.metadata import distribution
from pathlib import Path

import httpx
import pytest
import trove_classifiers
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]


CONSUMER = """\
from mockserver.client import Client, Snapshot
from mockserver.pytest_plugin import Sandbox


def snapshots(client: Client) -> list[Snapshot]:
    return list(client.list_snapshots())


def url(sandbox: Sandbox) -> str:
    return sandbox.url
"""

# Other packages are not analysed: that takes ten times as long, and they are not tested here.
MYPY = """\
[mypy]
strict = True
follow_imports = skip
[mypy-mockserver.client.*,mockserver.pytest_plugin.*]
follow_imports = normal
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a virtual environment that has the wheel and what it needs, nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder)
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install"]
    options = ["--quiet", "--no-compile", "--no-index", "--no-deps"]
    subprocess.run([*pip, *options, wheel], check=True, capture_output=True)
    (packages,) = folder.glob("lib/*/site-packages")
    link_requirements(metadata(wheel).get_all("Requires-Dist", []), packages)
    return folder / "bin"


def link_requirements(requirements: list[str], packages: Path, extra: str = "") -> None:
    """Link the packages of this environment that are required, and what they require in turn."""
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        package = distribution(requirement.name)
        assert requirement.specifier.contains(package.version), text
        for top in {path.parts[0] for path in package.files or []} - {".."}:
            if not (packages / top).exists():
                (packages / top).symlink_to(package.locate_file(top))
        for more in ("", *requirement.extras):
            link_requirements(package.requires or [], packages, more)


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def test_sdist_and_wheel_contain_the_license_and_the_type_marker(built: Path, wheel: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        sources = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "src/mockserver/py.typed"} <= sources
    names = set(zipfile.ZipFile(wheel).namelist())
    info = {name for name in names if name.endswith(".dist-info/licenses/LICENSE")}
    assert len(info) == 1
    assert "mockserver/py.typed" in names


def test_metadata_name_license_authors_and_supported_versions(wheel: Path) -> None:
    fields = metadata(wheel)
    assert fields["Name"] == "mockserver-kit"
    assert fields["License-Expression"] == "Apache-2.0"
    assert fields["Author"] == "Mockserver maintainers"
    assert fields["Description-Content-Type"] == "text/markdown"
    classifiers = fields.get_all("Classifier", [])
    assert "Typing :: Typed" in classifiers
    assert set(classifiers) <= trove_classifiers.classifiers
    minimum = re.fullmatch(r">=3\.(\d+)", fields["Requires-Python"])
    versions = [re.fullmatch(r"Programming .* :: 3\.(\d+)", text) for text in classifiers]
    assert minimum
    assert min(int(match[1]) for match in versions if match) == int(minimum[1])


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


def test_the_wheel_carries_the_dashboard_with_its_libraries_and_their_licences(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = ROOT / "src" / "mockserver"
    files = [path for path in (folder / "dashboard").rglob("*") if path.is_file()]
    assert len(files) > 25
    assert {f"mockserver/{path.relative_to(folder).as_posix()}" for path in files} <= names


def test_the_wheel_carries_nothing_of_the_tests(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mockserver"}


def test_an_installed_wheel_serves_from_another_folder(installed: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with subprocess.Popen(
        [str(installed / "mockserver"), "serve", "--port", "0"],
        cwd=elsewhere,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            found = re.search(r"http://[0-9.]+:[0-9]+", process.stdout.readline())
            assert found
            response = httpx.get(
                f"{found[0]}/v1/customer/sessions/1/log", headers={"Authorization": "Bearer t"}
            )
            page = httpx.get(f"{found[0]}/__mock__/docs/page.js")
            dashboard = httpx.get(f"{found[0]}/__mock__/ui/vendor/preact.js")
        finally:
            process.terminate()
    assert response.status_code == 200
    assert response.json()["data"]["data"][0]["date"] == "2:30 PM"
    assert page.status_code == 200
    assert dashboard.status_code == 200
    assert process.returncode == 0
    assert list(elsewhere.iterdir()) == []


def test_an_installed_wheel_is_typed_for_those_who_use_it(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "consumer.py").write_text(CONSUMER)
    (tmp_path / "mypy.ini").write_text(MYPY)
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache")]
    python = ["--python-executable", str(installed / "python"), "consumer.py"]
    checked = subprocess.run(
        [*command, *python], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert checked.stdout == "Success: no issues found in 1 source file\n"
