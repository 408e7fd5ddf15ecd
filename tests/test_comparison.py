"""`make bench`: what the peers are given, what sends the requests without wrk, and the report."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.request import urlopen

import load
import pytest
import yaml
from exchanges import EXCHANGES, Exchange, send
from report import make_report, write_report
from results import Cell, Results
from servers import ROOT, Running, Server, make_ours, make_peers


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda it: it.name)
def test_the_server_responds_to_each_request_with_the_status_that_is_compared(
    server: str, exchange: Exchange
) -> None:
    headers = {**exchange.sent_headers, "X-Mock-Sandbox": "comparison"}
    status, _ = send(server + exchange.path, exchange, headers)
    assert status == exchange.status


def test_a_peer_has_the_contract_with_the_recorded_responses_as_examples(tmp_path: Path) -> None:
    make_peers(tmp_path, {it.name: {"recorded": it.name} for it in EXCHANGES})
    contract = yaml.safe_load((tmp_path / "calwe.yaml").read_text(encoding="utf-8"))
    operation = contract["paths"]["/customer/sessions/{id}/log"]["get"]
    assert operation["responses"]["200"]["content"]["application/json"]["examples"] == {
        "two": {"value": {"recorded": "GET, 2 rows"}},
        "thirty": {"value": {"recorded": "GET, 30 rows"}},
    }
    assert len(list((tmp_path / "wiremock" / "mappings").iterdir())) == 6


def test_a_peer_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servers.PEERS", tmp_path / "nowhere")
    peers = make_peers(tmp_path, {it.name: {} for it in EXCHANGES})
    assert {it.name: it.find_missing() for it in peers}["Prism"] == (
        "@stoplight/prism-cli/dist/index.js is not there"
    )
    assert make_ours().find_missing() == ""


def test_the_page_names_the_versions_of_the_peers() -> None:
    peers = json.loads((ROOT / "benchmarks/comparison/peers/package.json").read_text("utf-8"))
    page = (ROOT / "docs/performance.md").read_text("utf-8")
    for name, version in peers["dependencies"].items():
        assert version in page, name


def test_a_server_ends_with_what_it_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    # A shell that starts the server, as the `node` of a Python package starts Node.
    script = f"'{sys.executable}' -m http.server --bind 127.0.0.1 $0 & wait"
    server = Server("files", "files", lambda _, port: ["sh", "-c", script, str(port)])
    monkeypatch.setattr(
        "servers.send", lambda url, *_: (urlopen(url.partition("/v1")[0]).status, b"")
    )
    with Running(server, "calwe", {0}) as running:
        processes = running.list_processes()
    assert len(processes) == 2
    assert not any(Path(f"/proc/{pid}/stat").exists() for pid in processes[:1])
    assert all("http.server" not in _read_command(pid) for pid in processes)


def _read_command(pid: int) -> str:
    path = Path(f"/proc/{pid}/cmdline")
    return path.read_text() if path.exists() else ""


def test_the_client_in_python_counts_the_responses(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("load.shutil.which", lambda _: None)
    exchange = EXCHANGES[0]
    job = load.Job(server + exchange.path, "GET", exchange.sent_headers, "", 0.1, 2)
    got = load.run(job, {0})
    assert got.requests >= 2
    assert 0 < got.p50 <= got.p99


def test_the_report_has_medians_and_the_ratios_of_each_round(tmp_path: Path) -> None:
    results = Results("a machine", "wrk", rounds=3, seconds=1)
    results.kinds = {"Mockserver": "keeps state", "Prism": "validates"}
    results.requests["GET"] = {
        "Mockserver": Cell(rates=[100, 60, 80], p50=[1, 2, 3], p99=[4, 5, 6], processor=[7, 8, 9]),
        "Prism": Cell(rates=[50, 60, 20], p50=[1, 2, 3], p99=[4, 5, 6], processor=[70, 80, 90]),
    }
    results.requests["POST"] = {
        "Mockserver": Cell(rates=[1, 1, 1], p50=[1, 1, 1], p99=[1, 1, 1], processor=[1, 1, 1]),
        "Prism": Cell(note="responds 400"),
    }
    results.workers["GET"] = {
        "1 worker": Cell(rates=[50, 60, 20], p50=[1, 2, 3], p99=[4, 5, 6]),
        "2 workers": Cell(rates=[100, 60, 80], p50=[1.5, 2.5, 3.5], p99=[7, 8, 9]),
    }
    for name in results.kinds:
        results.first_response[name] = [1.5, 1, 2]
        results.memory_idle[name] = results.memory_after[name] = 90
    report = make_report(results)
    assert "| GET | 80 | 50 (2.00) |" in report
    assert "| GET | 2.0 / 5.0 | 2.0 / 5.0 |" in report
    assert "| POST | 1 | responds 400 |" in report
    assert "| GET | 50 | 80 (2.00) |" in report
    assert "| GET | 2.0 / 5.0 | 2.5 / 8.0 |" in report
    assert "| seconds to the first response | 1.50 | 1.50 |" in report

    page = tmp_path / "page.md"
    page.write_text("before\n<!-- measured -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")
    write_report(results, page, plot=None)
    written = page.read_text(encoding="utf-8")
    assert written.startswith("before\n<!-- measured -->\n")
    assert written.endswith("<!-- end -->\nafter\n")
    assert "| GET | 80 | 50 (2.00) |" in written
    assert "old" not in written
