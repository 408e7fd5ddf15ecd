"""The outputs and the numbers in README are those of a fresh server."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from mockserver import apis
from mockserver.cli import main
from mockserver.contract import EVIDENCE

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
CURLS = re.findall(r"^\$ (curl .+)\n(.+)$", README, re.MULTILINE)


def without_times(text: str) -> str:
    """A text without its times: the time token, and the date of a new entry."""
    text = re.sub(r'"time_token":[0-9.]+', '"time_token":NOW', text)
    return re.sub(r'("text":"Session was ended","date":)"[^"]+"', r'\1"NOW"', text)


def run_curl(command: str, client: httpx.Client) -> str:
    """What curl would print."""
    words = iter(shlex.split(command)[1:])
    method, url, headers, body = "GET", "", {}, None
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            method, body = "POST", next(words)
        elif word != "-s":
            url = word
    path = url.removeprefix("http://127.0.0.1:4010")
    headers["Host"] = "127.0.0.1:4010"
    return client.request(method, path, headers=headers, content=body).text


def test_each_curl_gets_the_response_that_is_printed_under_it(client: httpx.Client) -> None:
    assert len(CURLS) == 7
    for command, response in CURLS:
        assert without_times(run_curl(command, client)) == without_times(response), command


def test_the_table_counts_the_evidence_of_each_contract(vendor: str) -> None:
    counts = Counter(apis.load([vendor])[vendor].contract.evidences)
    row = re.search(rf"^\| {vendor} \|.+$", README, re.MULTILINE)
    assert row
    cells = [cell.strip() for cell in row[0].strip("|").split("|")]
    assert cells[2:] == [str(counts[word]) for word in EVIDENCE]


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_each_link_leads_somewhere(target: str) -> None:
    assert (Path(__file__).resolve().parents[1] / target).exists()


def test_the_commands_that_control_state_succeed_in_their_order(
    monkeypatch: pytest.MonkeyPatch, client: httpx.Client
) -> None:
    section = README.partition("## For QA")[2].partition("## ")[0]
    commands = re.findall(r"^\$ mockserver (?!serve)(.+?)(?: +#.*)?$", section, re.MULTILINE)
    monkeypatch.setenv("MOCKSERVER_URL", str(client.base_url))
    monkeypatch.setenv("MOCKSERVER_SANDBOX", client.headers["X-Mock-Sandbox"])
    done = {line: CliRunner().invoke(main, shlex.split(line)) for line in commands}
    codes = {line: result.exit_code for line, result in done.items()}
    assert len(codes) == 11
    # `diff` exits with 1 if there are changes; here an event was triggered.
    assert codes == {line: int(line == "diff before") for line in codes}
