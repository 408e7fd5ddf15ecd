"""Starts Mockserver and its peers, with the same contracts and the same data.

Prism and Specmatic get the contracts, with the recorded responses as examples. The others know no
contracts, or do not serve the examples of one; they get the recorded responses as stubs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from exchanges import EXCHANGES, Exchange, send

ROOT = Path(__file__).parent.parent.parent
PEERS = Path(__file__).parent / "peers" / "node_modules"
_START_SECONDS = 120.0

Headers = dict[str, str]


@dataclass
class Server:
    """How a server is started, and what it has to be told to respond as Mockserver does.

    `base` is what it wants in the place of the base path of an API. `can` says which exchanges it
    can have at all.
    """

    name: str
    kind: str
    command: Callable[[str, int], list[str]]
    needs: Path | None = None
    base: dict[str, str] = field(default_factory=dict)
    headers: Callable[[Exchange], Headers] = lambda _: {}
    can: Callable[[Exchange], bool] = lambda _: True

    def find_missing(self) -> str:
        """What is not installed, or nothing."""
        if self.needs and not self.needs.exists():
            return f"{self.needs.relative_to(PEERS)} is not there"
        program = self.command("calwe", 0)[0]
        return "" if shutil.which(program) else f"{program} is not there"


class Running:
    """A server that has been started and has responded."""

    def __init__(self, server: Server, api: str, cores: set[int]) -> None:
        """Start it on these cores; raises RuntimeError if it does not respond."""
        self.server, self.api = server, api
        port = _find_port()
        self.base_url = f"http://127.0.0.1:{port}"
        first = next(it for it in EXCHANGES if it.api == api and it.example)
        began = time.perf_counter()
        self._process = subprocess.Popen(
            server.command(api, port),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
            start_new_session=True,
        )
        try:
            while not self._responds(first):
                if self._process.poll() is not None:
                    raise RuntimeError(f"it ended with status {self._process.returncode}")
                if time.perf_counter() - began > _START_SECONDS:
                    raise RuntimeError(f"it did not respond in {_START_SECONDS:.0f} seconds")
                time.sleep(0.01)
        except BaseException:
            self.stop()
            raise
        self.first_response = time.perf_counter() - began

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it and what it has started: `node` may be a program that starts Node."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def find_url(self, exchange: Exchange) -> str:
        """The whole URL of an exchange at this server."""
        path = exchange.path
        for base, own in self.server.base.items():
            path = re.sub(f"^{base}", own, path)
        return self.base_url + path

    def find_headers(self, exchange: Exchange) -> Headers:
        return {**exchange.sent_headers, **self.server.headers(exchange)}

    def ask(self, exchange: Exchange) -> tuple[int, bytes]:
        """The status and the body of one response."""
        return send(self.find_url(exchange), exchange, self.find_headers(exchange))

    def list_processes(self) -> list[int]:
        """The process and all that it started."""
        found = [self._process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found

    def find_processor_seconds(self) -> float:
        """How long its processes have used a core."""
        ticks = 0
        for pid in self.list_processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def find_memory(self) -> float:
        """The memory of its processes in MiB; what they share is counted once."""
        kib = 0
        for pid in self.list_processes():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            kib += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index]
        return kib / 1024

    def _responds(self, exchange: Exchange) -> bool:
        try:
            return self.ask(exchange)[0] == exchange.status
        except OSError:
            return False


def make_ours(workers: int = 1, name: str = "Mockserver") -> Server:
    return Server(
        name,
        "keeps state, validates",
        lambda _, port: [
            *(sys.executable, "-m", "mockserver", "serve", "--port", str(port)),
            *(("--workers", str(workers)) if workers > 1 else ()),
        ],
    )


def make_peers(folder: Path, recorded: dict[str, Any]) -> list[Server]:
    """The peers, with what they serve in this folder."""
    for api in ("calwe", "ekran"):
        _write_contract(folder / f"{api}.yaml", api, recorded)
    _write_mockoon(folder / "mockoon.json", recorded)
    _write_wiremock(folder / "wiremock" / "mappings", recorded)
    _write_files(folder / "files", recorded)
    node, modules = shutil.which("node") or "node", PEERS
    specmatic = modules / "specmatic/specmatic.jar"
    wiremock = next(iter((modules / "wiremock/build").glob("*.jar")), modules / "wiremock/build")

    def run_script(package: str, *options: str) -> list[str]:
        return [node, str(modules / package), *options]

    prism = "@stoplight/prism-cli/dist/index.js"

    def make_prism(name: str, *options: str) -> Server:
        return Server(
            name,
            "validates",
            lambda api, port: run_script(
                prism, "mock", *options, "-p", str(port), str(folder / f"{api}.yaml")
            ),
            needs=modules / prism,
            base={"/v1": "", "/ekranapi": ""},
            headers=_prefer,
        )

    return [
        make_prism("Prism"),
        make_prism("Prism, silent", "-v", "silent"),
        Server(
            "Specmatic",
            "validates",
            lambda api, port: [
                *("java", "-jar", str(specmatic), "mock", str(folder / f"{api}.yaml")),
                *("--host", "127.0.0.1", "--port", str(port)),
            ],
            needs=specmatic,
            base={"/v1": "", "/ekranapi": ""},
        ),
        Server(
            "Mockoon",
            "stubs",
            lambda _, port: run_script(
                "@mockoon/cli/bin/run.js",
                *("start", "--data", str(folder / "mockoon.json"), "--port", str(port)),
                *("--disable-log-to-file", "--max-transaction-logs", "1000"),
            ),
            needs=modules / "@mockoon/cli/bin/run.js",
        ),
        Server(
            "WireMock",
            "stubs",
            lambda _, port: [
                *("java", "-jar", str(wiremock), "--port", str(port), "--disable-banner"),
                *("--bind-address", "127.0.0.1", "--root-dir", str(folder / "wiremock")),
                *("--max-request-journal-entries", "1000"),
            ],
            needs=wiremock,
        ),
        Server(
            "st",
            "files",
            lambda _, port: run_script(
                "st/bin/server.js",
                *("--port", str(port), "--host", "127.0.0.1", "--dir", str(folder / "files")),
            ),
            needs=modules / "st/bin/server.js",
            can=lambda exchange: exchange.status == 200 and exchange.method == "GET",
        ),
    ]


def _prefer(exchange: Exchange) -> Headers:
    """Prism's way to choose a response; it finds an invalid request by itself."""
    if exchange.example:
        return {"Prefer": f"example={exchange.example}"}
    return {"Prefer": "code=404"} if exchange.status == 404 else {}


def _write_contract(path: Path, api: str, recorded: dict[str, Any]) -> None:
    """The contract of an API; its examples are the recorded responses."""
    text = (ROOT / "openapi" / f"{api}.yaml").read_text(encoding="utf-8")
    contract = yaml.load(text, yaml.CSafeLoader)
    operation = contract["paths"][{"calwe": "/customer/sessions/{id}/log"}.get(api, "/sessions")]
    content = operation["get"]["responses"]["200"]["content"]["application/json"]
    content["examples"] = {
        it.example: {"value": recorded[it.name]} for it in _list_of(api) if it.example
    }
    if api == "calwe":  # Specmatic chooses an example by the parameters of the same name
        examples = contract["components"]["parameters"]["SessionId"]["examples"]
        examples |= {"two": {"value": "1"}, "thirty": {"value": "6"}}
    path.write_text(
        yaml.dump(contract, allow_unicode=True, sort_keys=False, Dumper=yaml.CSafeDumper),
        encoding="utf-8",
    )


def _list_of(api: str) -> Iterable[Exchange]:
    return (it for it in EXCHANGES if it.api == api)


def _write_mockoon(path: Path, recorded: dict[str, Any]) -> None:
    routes: dict[tuple[str, str], dict[str, Any]] = {}
    for number, it in enumerate(EXCHANGES):
        route = routes.setdefault(
            (it.method, it.path),
            {
                "uuid": f"route-{number}",
                "type": "http",
                "method": it.method.lower(),
                "endpoint": it.path[1:],
                "responses": [],
                "responseMode": None,
            },
        )
        rules = [
            {"target": "body", "modifier": name, "value": value, "operator": "equals"}
            for name, value in (it.body or {}).items()
        ]
        route["responses"].append(
            {
                "uuid": f"response-{number}",
                "statusCode": it.status,
                "bodyType": "INLINE",
                "body": json.dumps(recorded[it.name]),
                "headers": [{"key": "Content-Type", "value": "application/json"}],
                "rules": rules,
                "rulesOperator": "OR",
                "disableTemplating": True,
                "default": not route["responses"],
            }
        )
    environment = {
        "uuid": "environment",
        "lastMigration": 33,
        "name": "comparison",
        "hostname": "127.0.0.1",
        "port": 3000,  # another one is given when it starts
        "folders": [],
        "routes": list(routes.values()),
        "rootChildren": [{"type": "route", "uuid": it["uuid"]} for it in routes.values()],
    }
    path.write_text(json.dumps(environment), encoding="utf-8")


def _write_wiremock(folder: Path, recorded: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    for number, it in enumerate(EXCHANGES):
        request: dict[str, Any] = {"method": it.method, "urlPath": it.path}
        if it.body:
            request["bodyPatterns"] = [{"equalToJson": it.body}]
        mapping = {
            "request": request,
            "response": {
                "status": it.status,
                "headers": {"Content-Type": "application/json"},
                "body": json.dumps(recorded[it.name], ensure_ascii=False),
            },
        }
        (folder / f"{number}.json").write_text(json.dumps(mapping), encoding="utf-8")


def _write_files(folder: Path, recorded: dict[str, Any]) -> None:
    for it in EXCHANGES:
        if it.method == "GET" and it.status == 200:
            path = folder / it.path[1:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(recorded[it.name], ensure_ascii=False), encoding="utf-8")


def _find_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
