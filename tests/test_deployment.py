"""The files for containers name what there is; `make deployment` lints them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.server import control
from mockserver.settings import options

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
MANIFEST = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8")))
FILES = ["Dockerfile", "compose.yaml", "deploy/kubernetes.yaml"]


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Each member of nested objects, with its name."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield name, member
            yield from walk(member)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


@pytest.mark.parametrize("name", FILES)
def test_a_variable_of_a_container_is_a_setting(name: str) -> None:
    named = set(re.findall(r"MOCKSERVER_[A-Z_]+", (ROOT / name).read_text("utf-8")))
    assert named
    assert named <= {option.variable for option in options()}


def test_what_looks_after_a_container_asks_for_public_operations() -> None:
    paths = [it["path"] for key, it in walk(MANIFEST) if key == "httpGet"]
    assert len(paths) == 3
    paths += re.findall(r"http://127\.0\.0\.1:4010([/\w]+)", DOCKERFILE)
    api = control.make_control_api()
    for path in paths:
        found = api.contract.match("GET", path.removeprefix("/__mock__"))
        assert isinstance(found, tuple), path
        assert not found[0].security


def test_the_image_gets_what_the_package_is_built_of() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    copied = {Path(source).name for line in lines for source in line.split()[:-1]}
    ignored = (ROOT / ".dockerignore").read_text("utf-8")
    assert copied == set(re.findall(r"^!(\S+)$", ignored, re.MULTILINE))
    assert copied == {
        *("pyproject.toml", "constraints.txt", "README.md", "CHANGELOG.md", "LICENSE"),
        *("src", "openapi", "fixtures"),
    }


def test_the_image_can_have_the_extras_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    given = re.findall(r"EXTRAS=([\w,]+)", DOCKERFILE)
    assert {*",".join(given).split(",")} <= {*project["optional-dependencies"]}
    assert given[-1] == "postgres"


def test_the_balancer_sends_requests_to_the_port_of_the_servers() -> None:
    nginx = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    assert "server server:4010 resolve" in nginx
    assert "server" in COMPOSE["services"]
    assert "EXPOSE 4010" in DOCKERFILE
    assert COMPOSE["services"]["server"]["deploy"]["replicas"] == 3
    deployment = next(it for it in MANIFEST if it["kind"] == "Deployment")
    assert deployment["spec"]["replicas"] == 3


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert re.search(r"^USER (?!0\b|root\b)\d+", DOCKERFILE, re.MULTILINE)
