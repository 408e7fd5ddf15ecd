"""A word on the command line means a deployment: a URL, or a name in a targets file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.cli.targeting import choose_target, choose_targets, find_target
from mockserver.errors import SettingError

TEXT = """
targets:
  staging:
    url: https://staging.example
    credentials: {calwe: CALWE_TOKEN}
  production: {url: https://api.example}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def file(folder: Path) -> Path:
    """A targets file of another name."""
    path = folder / "mine.yaml"
    path.write_text(TEXT)
    return path


def test_a_url_is_a_target_without_any_file() -> None:
    target = find_target("http://127.0.0.1:4010/base")
    assert (target.name, target.url) == ("http://127.0.0.1:4010/base",) * 2


def test_a_name_is_looked_up_in_the_file_and_gets_its_secrets(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALWE_TOKEN", "a-token")
    assert find_target("staging", file).credentials == {"calwe": "a-token"}
    assert choose_target("staging", file).credentials == {}


def test_the_file_of_the_current_folder_is_read_where_no_other_is_named(folder: Path) -> None:
    (folder / "targets.yaml").write_text(TEXT)
    assert find_target("production").url == "https://api.example"
    assert [target.name for target in choose_targets(None)] == ["staging", "production"]


def test_all_targets_come_in_the_order_of_the_file(file: Path) -> None:
    assert [target.name for target in choose_targets(file)] == ["staging", "production"]


def test_an_unknown_name_is_said_with_the_nearest(file: Path) -> None:
    with pytest.raises(SettingError) as raised:
        find_target("stagin", file)
    assert str(raised.value) == f"There is no target 'stagin' in '{file}'; did you mean 'staging'?"


def test_without_a_file_it_is_said_what_to_do() -> None:
    with pytest.raises(SettingError) as raised:
        find_target("staging")
    assert str(raised.value) == (
        "There is no target 'staging': there is no 'targets.yaml' in this folder; give a URL such "
        "as http://127.0.0.1:4010, or name the file with --targets FILE."
    )
    with pytest.raises(SettingError, match="There are no targets to check: there is no 'targets"):
        choose_targets(None)


@pytest.mark.parametrize("word", ["localhost:4010", "127.0.0.1:4010/x", "localhost", "10.0.0.1"])
def test_a_url_without_its_scheme_is_understood(word: str) -> None:
    with pytest.raises(SettingError) as raised:
        find_target(word)
    assert f"(for a URL, write 'http://{word}')" in str(raised.value)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "ftp://x.example",
            "The target 'ftp://x.example' cannot be used: it is no URL of http or https with a "
            "host; write one like https://staging.example.",
        ),
        (
            "https://me:secret@x.example",
            "The target 'x.example' cannot be used: a URL carries no user or password; name an "
            "environment variable that has them.",
        ),
        (
            "https://x.example?a=1",
            "The target 'https://x.example?a=1' cannot be used: a query and a fragment have no "
            "place in it; end it where the path ends.",
        ),
    ],
)
def test_a_url_that_cannot_be_used_is_said_without_its_secrets(url: str, sentence: str) -> None:
    with pytest.raises(SettingError) as raised:
        find_target(url)
    assert str(raised.value) == sentence


def test_a_file_that_was_named_and_is_not_there_is_said() -> None:
    with pytest.raises(SettingError, match=r"The targets file 'none\.yaml' cannot be read"):
        find_target("staging", Path("none.yaml"))
