"""The targets of a command: their names, what options change in them, and their report files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.check.target.target import Target
from mockserver.check.validation.verdict import Verdict
from mockserver.cli.check import CheckOptions
from mockserver.cli.targets import (
    find_target,
    find_targets,
    override_target,
    prepare_reports,
    split_pairs,
)
from mockserver.errors import SettingError

pytestmark = pytest.mark.usefixtures("folder")

TEXT = """
targets:
  staging:
    url: https://staging.example
    credentials: {calwe: CALWE_TOKEN}
  production: {url: https://api.example}
"""
TARGET = Target(
    "staging",
    "https://staging.example",
    apis=("calwe", "ekran"),
    ids={"calwe": {"open_session": "1", "ended_session": "2"}},
    allow_writes=True,
    rate=5,
    time_limit=60,
    timeout=3,
    evidence="assumed",
    variables={"calwe": "A", "ekran": "B"},
)
STAGING = Target("staging", "https://staging.example", credentials={"ekran": "a-secret"})
LOCAL = Target("http://127.0.0.1:4010/base", "http://127.0.0.1:4010/base")


@pytest.fixture
def file(folder: Path) -> Path:
    """A targets file of another name."""
    path = folder / "mine.yaml"
    path.write_text(TEXT)
    return path


# Names


def test_a_url_is_a_target_without_any_file() -> None:
    target = find_target("http://127.0.0.1:4010/base")
    assert (target.name, target.url) == ("http://127.0.0.1:4010/base",) * 2


def test_a_name_is_looked_up_in_the_file_and_its_secrets_are_not_read_yet(file: Path) -> None:
    target = find_target("staging", file)
    assert (target.url, target.variables) == ("https://staging.example", {"calwe": "CALWE_TOKEN"})
    assert target.credentials == {}


def test_the_file_of_the_current_folder_is_read_where_no_other_is_named(folder: Path) -> None:
    (folder / "targets.yaml").write_text(TEXT)
    assert find_target("production").url == "https://api.example"
    assert [target.name for target in find_targets(())] == ["staging", "production"]


def test_all_targets_come_in_the_order_of_the_file(file: Path) -> None:
    assert [target.name for target in find_targets((), file)] == ["staging", "production"]


def test_an_unknown_target_is_refused_with_the_nearest_name(file: Path) -> None:
    with pytest.raises(SettingError) as raised:
        find_target("stagin", file)
    assert str(raised.value) == f"There is no target 'stagin' in '{file}'; did you mean 'staging'?"


def test_a_missing_targets_file_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(SettingError) as raised:
        find_target("staging")
    assert str(raised.value) == (
        "There is no target 'staging': there is no 'targets.yaml' in this folder; give a URL such "
        "as http://127.0.0.1:4010, or name the file with --targets FILE."
    )
    with pytest.raises(SettingError, match="There are no targets to check: there is no 'targets"):
        find_targets(())


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://exämple.test", "http://xn--exmple-cua.test"),
        ("https://مثال.test:4010/مسار/", "https://xn--mgbh0fb.test:4010/%D9%85%D8%B3%D8%A7%D8%B1/"),
        ("HTTP://[::1]:4010", "http://[::1]:4010"),
        ("http://LOCALHOST./a%20b", "http://localhost./a%20b"),
    ],
)
def test_a_url_is_spelt_as_it_is_sent(text: str, url: str) -> None:
    assert find_target(text) == Target(name=text, url=url)


WORDS = [
    "localhost:4010",
    "127.0.0.1:4010/x",
    "localhost",
    "10.0.0.1",
    "[::1]:4010",
    "مثال.test:80",
]


@pytest.mark.parametrize("word", WORDS)
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
        (
            "http://x.example:65536",
            "The target 'http://x.example:65536' cannot be used: its port is not a number from 1 "
            "to 65535.",
        ),
        (
            "http://٣.example",
            "The target 'http://٣.example' cannot be used: '٣.example' cannot be the name of a "
            "host.",
        ),
    ],
)
def test_an_unusable_url_is_refused_without_printing_its_secrets(url: str, sentence: str) -> None:
    with pytest.raises(SettingError) as raised:
        find_target(url)
    assert str(raised.value) == sentence


def test_a_missing_file_that_was_named_is_an_error() -> None:
    with pytest.raises(SettingError, match=r"The targets file 'none\.yaml' cannot be read"):
        find_target("staging", Path("none.yaml"))


# Overrides


def test_options_that_are_not_given_change_nothing() -> None:
    assert override_target(TARGET, CheckOptions()) == TARGET


def test_options_override_the_target() -> None:
    given: dict[str, Any] = {
        "apis": ("ekran",),
        "credentials": ("ekran=C",),
        "ids": ("calwe.open_session=9", "ekran.compulsory_key=x=y"),
        "allow_writes": False,
        "rate": 0.0,
        "timeout": 0.0,
        "time_limit": 1.0,
    }
    assert override_target(TARGET, CheckOptions(**given)) == Target(
        "staging",
        "https://staging.example",
        apis=("ekran",),
        ids={
            "calwe": {"open_session": "9", "ended_session": "2"},
            "ekran": {"compulsory_key": "x=y"},
        },
        allow_writes=False,
        rate=0,
        timeout=0,
        time_limit=1,
        evidence="assumed",
        variables={"calwe": "A", "ekran": "C"},
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"apis": ("ekrn",)}, "There is no API 'ekrn'; did you mean 'ekran'?"),
        (
            {"credentials": ("ekrn=X",)},
            "--credential: there is no API 'ekrn'; did you mean 'ekran'?",
        ),
        ({"credentials": ("ekran",)}, "--credential: 'ekran' is not written NAME=VALUE."),
        ({"ids": ("calw.x=1",)}, "--id: there is no API 'calw'; did you mean 'calwe'?"),
        (
            {"ids": ("calwe.open_sesion=1",)},
            "--id: 'calwe' has no id 'open_sesion'; did you mean 'open_session'?",
        ),
        ({"ids": ("calwe.open_session=",)}, "--id: 'calwe.open_session=' is not written"),
    ],
)
def test_an_unknown_api_or_id_is_refused(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError) as raised:
        override_target(TARGET, CheckOptions(**given))
    assert str(raised.value).startswith(sentence)


def test_a_pair_is_split_at_its_first_equals_sign() -> None:
    assert list(split_pairs(["a=b=c", "d=e"], "--x")) == [("a", "b=c"), ("d", "e")]


# Report files


def test_one_target_has_the_file_itself(folder: Path) -> None:
    (report,) = prepare_reports(["json=check.json"], [STAGING])
    report.write([Verdict("ekran", inconclusive=("a-secret",))], STAGING)
    written = json.loads((folder / "check.json").read_text())
    assert written["target"]["name"] == "staging"
    assert written["apis"][0]["inconclusive"] == ["***"]


def test_several_targets_have_their_names_before_the_extension() -> None:
    (report,) = prepare_reports(["junit=check.xml"], [STAGING, LOCAL])
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
def test_an_unwritable_report_is_refused_before_any_request(
    given: list[str], sentence: str
) -> None:
    with pytest.raises(SettingError) as raised:
        prepare_reports(given, [STAGING])
    assert str(raised.value).startswith(sentence)


def test_a_report_that_cannot_be_written_at_the_end_is_an_error(folder: Path) -> None:
    (report,) = prepare_reports(["json=check.json"], [STAGING])
    (folder / "check.json").mkdir()
    with pytest.raises(SettingError) as raised:
        report.write([], STAGING)
    assert str(raised.value) == "The report 'check.json' cannot be written: Is a directory."


def test_one_file_by_two_names_is_refused(folder: Path) -> None:
    with pytest.raises(SettingError, match="would be written twice"):
        prepare_reports(["json=a.out", f"html={folder / 'a.out'}"], [STAGING])


def test_an_invalid_file_name_is_refused_and_nothing_is_left(folder: Path) -> None:
    with pytest.raises(SettingError, match="cannot be written: File name too long"):
        prepare_reports([f"json={'a' * 300}.json"], [STAGING])
    (folder / "kept.json").write_text("before")
    prepare_reports(["json=new.json", "html=kept.json"], [STAGING])
    assert [path.name for path in folder.iterdir()] == ["kept.json"]
    assert (folder / "kept.json").read_text() == "before"
