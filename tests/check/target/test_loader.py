"""A targets file is read, and every fault in it is reported at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.check.target.credentials import OAuthClient, TokenCommand
from mockserver.check.target.loader import read_targets
from mockserver.check.target.target import Target
from mockserver.deployment import Tls
from mockserver.errors import SettingError

EXAMPLE = Path(__file__).resolve().parents[3] / "targets.example.yaml"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a targets file."""

    def write(text: str) -> Path:
        path = tmp_path / "targets.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_target_needs_a_url_only(write: Write) -> None:
    path = write("targets:\n  here: {url: 'HTTP://127.0.0.1:4010'}\n")
    assert read_targets(path) == {"here": Target("here", "http://127.0.0.1:4010")}


def test_every_field_is_read(write: Write) -> None:
    path = write(
        """
targets:
  staging:
    url: https://staging.example
    apis: [ekran, calwe]
    credentials: {calwe: CALWE_TOKEN}
    ids: {calwe: {open_session: 17, ended_session: "18"}}
    operations: {calwe: [listSessionLogs, createSessionLog, listCoachSessionLogs]}
    exclude: {calwe: [listCoachSessionLogs]}
    allow_writes: true
    rate: 2.5
    time_limit: 60
    timeout: 3
    workers: 8
    tls: {verify: false, ca: ca.pem, certificate: own.pem, key: own.key}
    headers: {X-By: check, X-Key: {env: GATEWAY_KEY}}
    evidence: assumed
"""
    )
    folder = path.parent
    assert read_targets(path)["staging"] == Target(
        name="staging",
        url="https://staging.example",
        apis=("ekran", "calwe"),
        ids={"calwe": {"open_session": "17", "ended_session": "18"}},
        excluded={"calwe": frozenset({"listCoachSessionLogs", "createCoachSessionLog"})},
        allow_writes=True,
        rate=2.5,
        time_limit=60,
        timeout=3,
        workers=8,
        tls=Tls(False, folder / "ca.pem", folder / "own.pem", folder / "own.key"),
        headers={"X-By": "check"},
        evidence="assumed",
        variables={"calwe": "CALWE_TOKEN"},
        header_variables={"X-Key": "GATEWAY_KEY"},
    )


def test_every_fault_is_reported_with_file_line_and_field_and_no_secret(write: Write) -> None:
    path = write(
        """targets:
  staging:
    url: https://me:pass-word@x.example
    apis: [calw]
    credentials: {calwe: s3cret-token, ekrn: X}
    ids: {calwe: {open_sesion: 1}}
    rate: -1
    headers: {"a b": c, X-A: {env: s3cret}, X-B: "s3cret\\n"}
    tls: {key: x}
    evidnce: documented
  "bad name": {url: ftp://x}
  none: {timeout: "10"}
"""
    )
    with pytest.raises(SettingError) as raised:
        read_targets(path)
    text = str(raised.value)
    assert "s3cret" not in text
    assert "pass-word" not in text
    lines = [line.removeprefix(f"{path}:") for line in text.splitlines()]
    header = (
        "write a text of visible ASCII characters, or {env: VARIABLE} with the name of an "
        "environment variable such as STAGING_TOKEN"
    )
    assert sorted(lines, key=lambda line: (int(line.partition(":")[0]), line)) == [
        "3: targets.staging.url: a URL carries no user or password; name an environment variable "
        "that has them",
        "4: targets.staging.apis.0: there is no API 'calw'; did you mean 'calwe'?",
        "5: targets.staging.credentials.calwe: write the name of an environment variable like "
        "STAGING_TOKEN, {command: [...]} or {oauth: {token_url: ..., client_id: ..., "
        "client_secret: {env: VARIABLE}}}, never a value",
        "5: targets.staging.credentials.ekrn: 'ekrn' is not known here; did you mean 'ekran'?",
        "6: targets.staging.ids.calwe.open_sesion: 'open_sesion' is not known here; did you mean "
        "'open_session'?",
        "7: targets.staging.rate: -1 is less than the minimum of 0",
        f"8: targets.staging.headers.X-A.env: {header}",
        f"8: targets.staging.headers.X-B: {header}",
        "8: targets.staging.headers.a b: 'a b' cannot be the name of a header",
        '9: targets.staging.tls: "certificate" is a required property',
        "10: targets.staging.evidnce: 'evidnce' is not known here; did you mean 'evidence'?",
        "11: targets.bad name.url: it is no URL of http or https with a host; write one like "
        "https://staging.example",
        "11: targets.bad name: 'bad name' cannot be the name of a target; write letters, digits, "
        "'.', '_' and '-'",
        '12: targets.none.timeout: "10" is not of type "number"',
        '12: targets.none: "url" is a required property',
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            "exclude: {calwe: [createSessionLogs]}",
            "exclude.calwe.0: 'calwe' has no operation 'createSessionLogs'; did you mean "
            "'createSessionLog'?",
        ),
        ("operations: {calw: []}", "operations.calw: 'calw' is not known here; did you mean"),
        ("operations: {ekran: []}", "operations.ekran: "),
        ("operations: {ekran: listSessions}", 'operations.ekran: "listSessions" is not of type'),
        (
            "exclude: {ekran: [listSessions]}",
            "exclude.ekran: no operation of 'ekran' is left; leave the API out of `apis` instead",
        ),
    ],
)
def test_a_wrong_selection_of_operations_is_refused(
    write: Write, fields: str, sentence: str
) -> None:
    path = write(f"targets:\n  here:\n    url: http://a\n    {fields}\n")
    with pytest.raises(SettingError) as raised:
        read_targets(path)
    assert str(raised.value).startswith(f"{path}:4: targets.here.{sentence}")


def test_credentials_have_sources(write: Write) -> None:
    path = write(
        """
targets:
  staging:
    url: https://staging.example
    credentials:
      autozod: {command: [./token.sh, staging], timeout: 5}
      calwe: {command: "pass show staging | head -1"}
      avaamo:
        oauth:
          token_url: https://id.example/token
          client_id: check
          client_secret: {env: CLIENT_SECRET}
          scope: logs.read logs.write
      ekran:
        oauth: {token_url: "https://id.example/t", client_id: {env: ID}, client_secret: {env: S}}
"""
    )
    assert read_targets(path)["staging"].sources == {
        "autozod": TokenCommand(("./token.sh", "staging"), path.parent, 5),
        "calwe": TokenCommand("pass show staging | head -1", path.parent, 60),
        "avaamo": OAuthClient(
            "https://id.example/token", "CLIENT_SECRET", "check", scope="logs.read logs.write"
        ),
        "ekran": OAuthClient("https://id.example/t", "S", client_id_variable="ID"),
    }


@pytest.mark.parametrize(
    "credential",
    [
        "{}",
        "{command: []}",
        "{command: [1]}",
        "{timeout: 5}",
        "{command: a, oauth: {}}",
        "{oauth: {token_url: 'https://id', client_id: a}}",
        "{oauth: {token_url: 'https://id', client_id: a, client_secret: s3cret}}",
        "{oauth: {token_url: ftp, client_id: a, client_secret: {env: A}}}",
        "[a]",
    ],
)
def test_a_source_without_a_meaning_is_refused(write: Write, credential: str) -> None:
    path = write(f"targets: {{a: {{url: 'http://a', credentials: {{calwe: {credential}}}}}}}")
    with pytest.raises(SettingError) as raised:
        read_targets(path)
    assert ":1: targets.a.credentials.calwe" in str(raised.value)
    assert "write the name of an environment variable like STAGING_TOKEN, " in str(raised.value)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", 'null is not of type "object"'),
        ("targets: {}", "targets: "),
        ("targets: [1]", "targets: "),
        ("targets: {a: 1}", 'targets.a: 1 is not of type "object"'),
        ("targets: {a: {url: 1}}", "targets.a.url: it is not a string; write a URL like"),
        ("targets: {a: {url: 'http://a', headers: {A: 1}}}", "targets.a.headers.A: write a text"),
        ("targets: [", "cannot be read: line "),
        ("targets: {a: {}, a: {}}", "the key 'a' stands twice"),
    ],
)
def test_an_invalid_targets_file_is_refused(write: Write, text: str, part: str) -> None:
    path = write(text)
    with pytest.raises(SettingError) as raised:
        read_targets(path)
    assert part in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as raised:
        read_targets(tmp_path / "none.yaml")
    assert str(raised.value).endswith("none.yaml' cannot be read: No such file or directory.")


def test_the_example_is_valid() -> None:
    targets = read_targets(EXAMPLE)
    assert list(targets) == ["mock", "staging", "preview"]
    assert targets["staging"].allow_writes is False
