"""Where reports are written: one file, or one for each of several targets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockserver.check.target.target import Target
from mockserver.check.validation.verdict import Verdict
from mockserver.cli.report_files import read_reports
from mockserver.errors import SettingError

STAGING = Target("staging", "https://staging.example", credentials={"ekran": "a-secret"})
LOCAL = Target("http://127.0.0.1:4010/base", "http://127.0.0.1:4010/base")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_target_has_the_file_itself(folder: Path) -> None:
    (report,) = read_reports(["json=check.json"], [STAGING])
    report.write([Verdict("ekran", inconclusive=("a-secret",))], STAGING)
    written = json.loads((folder / "check.json").read_text())
    assert written["target"]["name"] == "staging"
    assert written["apis"][0]["inconclusive"] == ["***"]


def test_several_targets_have_their_names_before_the_extension() -> None:
    (report,) = read_reports(["junit=check.xml"], [STAGING, LOCAL])
    assert report.paths == {
        "staging": Path("check-staging.xml"),
        "http://127.0.0.1:4010/base": Path("check-127.0.0.1-4010-base.xml"),
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["pdf=x"], "--report: 'pdf' is no kind of report; 'json', 'junit'"),
        (["json"], "--report: 'json' is not written NAME=VALUE."),
        (
            ["json=none/x.json"],
            "--report: there is no folder 'none' for 'x.json'; make it first.",
        ),
        (["json=."], "--report: '.' is a folder; name a file in it."),
        (
            ["json=x", "junit=x"],
            "--report: 'x' would be written twice; name another file.",
        ),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is_asked(
    given: list[str], sentence: str
) -> None:
    with pytest.raises(SettingError) as raised:
        read_reports(given, [STAGING])
    assert str(raised.value).startswith(sentence)


def test_a_file_that_cannot_be_written_after_all_is_said(folder: Path) -> None:
    (report,) = read_reports(["json=check.json"], [STAGING])
    (folder / "check.json").mkdir()
    with pytest.raises(SettingError) as raised:
        report.write([], STAGING)
    assert str(raised.value) == "The report 'check.json' cannot be written: Is a directory."


def test_what_is_one_file_by_two_names_is_written_twice(folder: Path) -> None:
    with pytest.raises(SettingError, match="would be written twice"):
        read_reports(["json=a.out", f"html={folder / 'a.out'}"], [STAGING])


def test_a_name_that_no_file_can_have_is_said_and_nothing_is_left(folder: Path) -> None:
    with pytest.raises(SettingError, match="cannot be written: File name too long"):
        read_reports([f"json={'a' * 300}.json"], [STAGING])
    (folder / "kept.json").write_text("before")
    read_reports(["json=new.json", "html=kept.json"], [STAGING])
    assert [path.name for path in folder.iterdir()] == ["kept.json"]
    assert (folder / "kept.json").read_text() == "before"
