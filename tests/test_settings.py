"""Settings: read from options and the environment, checked, and said where they are wrong."""

from __future__ import annotations

import os
import re
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import SettingError
from mockserver.settings import APIS_VARIABLE, Settings, options

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"


def test_defaults() -> None:
    settings = Settings.load({}, {})
    assert settings == Settings()
    assert settings.host == "127.0.0.1"
    assert settings.port == 4010
    assert settings.store is None
    assert settings.scenario == "default"
    assert settings.seed is None
    assert settings.only == ()
    assert settings.freeze_at is None
    assert settings.documented_only is False
    assert settings.body_limit == 1_048_576
    assert settings.log_level == "warning"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("host", "0.0.0.0", "0.0.0.0"),
        ("port", "0", 0),
        ("port", "65535", 65535),
        ("store", "worlds.sqlite", Path("worlds.sqlite")),
        ("scenario", "documented", "documented"),
        ("seed", "0", 0),
        ("seed", "9223372036854775807", 9223372036854775807),
        ("only", "one", ("one",)),
        ("only", " one, two ,,", ("one", "two")),
        ("only", "", ()),
        ("freeze_at", "2025-08-21T14:30:00Z", 1_755_786_600_000_000),
        ("freeze_at", "1970-01-01", 0),
        ("documented_only", "true", True),
        ("documented_only", "YES", True),
        ("documented_only", "1", True),
        ("documented_only", "off", False),
        ("documented_only", "0", False),
        ("body_limit", "1", 1),
        ("https", "true", True),
        ("https_cert", "server.pem", Path("server.pem")),
        ("base_path", "/mock", "/mock"),
        ("base_path", "/team/mock-1.0_~/", "/team/mock-1.0_~"),
        ("base_path", "/", ""),
        ("base_path", "", ""),
        (
            "cors_origin",
            "http://localhost:3000, https://app.example",
            ("http://localhost:3000", "https://app.example"),
        ),
        ("log_level", "DEBUG", "debug"),
    ],
)
def test_a_text_is_read_alike_as_an_option_and_as_a_variable(
    name: str, text: str, expected: Any
) -> None:
    assert getattr(Settings.load({name: text}, {}), name) == expected
    variable = {f"MOCKSERVER_{name.upper()}": text}
    assert getattr(Settings.load({}, variable), name) == expected


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("port", "65536", "65536 is not from 0 to 65535"),
        ("port", "-1", "-1 is not from 0 to 65535"),
        ("port", "", "'' is not a whole number"),
        ("port", "4010.0", "'4010.0' is not a whole number"),
        ("port", "http", "'http' is not a whole number"),
        ("seed", "-1", "-1 is not from 0 to 9223372036854775807"),
        (
            "seed",
            "9223372036854775808",
            "9223372036854775808 is not from 0 to 9223372036854775807",
        ),
        ("body_limit", "0", "0 is not from 1 to 2147483647"),
        ("base_path", "mock", "'mock' is no path; write one like /mock"),
        ("base_path", "//mock", "'//mock' is no path; write one like /mock"),
        ("base_path", "/a/../b", "'/a/../b' is no path; write one like /mock"),
        ("base_path", "/a b", "'/a b' is no path; write one like /mock"),
        ("base_path", "/a?b", "'/a?b' is no path; write one like /mock"),
        ("base_path", "/é", "'/é' is no path; write one like /mock"),
        ("cors_origin", "*", "'*' is no origin; write one like http://localhost:3000"),
        (
            "cors_origin",
            "http://localhost:3000/",
            "'http://localhost:3000/' is no origin; write one like http://localhost:3000",
        ),
        ("documented_only", "maybe", "'maybe' is neither 'true' nor 'false'"),
        ("documented_only", "", "'' is neither 'true' nor 'false'"),
        ("log_level", "loud", "'loud' is none of debug, info, warning, error"),
        (
            "freeze_at",
            "someday",
            "'someday' is not a moment; write it like 2025-08-21T14:30:00Z, "
            "-1d 3h, now or today 09:00 Asia/Riyadh",
        ),
    ],
)
def test_an_invalid_text_is_refused_and_its_source_named(name: str, text: str, reason: str) -> None:
    with pytest.raises(SettingError) as option:
        Settings.load({name: text}, {})
    assert str(option.value) == f"--{name.replace('_', '-')}: {reason}."
    with pytest.raises(SettingError) as variable:
        Settings.load({}, {f"MOCKSERVER_{name.upper()}": text})
    assert str(variable.value) == f"MOCKSERVER_{name.upper()}: {reason}."


@pytest.mark.parametrize("name", ["host", "store", "scenario"])
def test_an_empty_text_is_refused(name: str) -> None:
    reason = "it is empty; leave it out for the default"
    with pytest.raises(SettingError) as option:
        Settings.load({name: ""}, {})
    assert str(option.value) == f"--{name}: {reason}."
    with pytest.raises(SettingError) as variable:
        Settings.load({}, {f"MOCKSERVER_{name.upper()}": ""})
    assert str(variable.value) == f"MOCKSERVER_{name.upper()}: {reason}."


@pytest.mark.parametrize("text", ["４０１０", "٤", "4_010", " 4010", "4010\n", "+4010", "²"])
def test_a_number_is_written_in_plain_digits(text: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.load({"port": text}, {})
    assert str(caught.value) == f"--port: '{text}' is not a whole number."


@pytest.mark.parametrize("name", ["port", "seed", "body_limit"])
def test_a_number_of_five_thousand_digits_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match=f"--{name.replace('_', '-')}: "):
        Settings.load({name: "9" * 5_000}, {})


def test_an_option_overrides_the_environment() -> None:
    settings = Settings.load({"port": "1"}, {"MOCKSERVER_PORT": "2", "MOCKSERVER_HOST": "::1"})
    assert (settings.port, settings.host) == (1, "::1")


def test_a_wrong_variable_does_not_matter_where_an_option_was_given() -> None:
    assert Settings.load({"port": "1"}, {"MOCKSERVER_PORT": "nonsense"}).port == 1


def test_the_environment_is_the_machines_own_unless_another_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOCKSERVER_PORT", "5")
    assert Settings.load({}).port == 5
    assert Settings.load({}, {}).port == 4010


def test_variables_of_others_are_not_read() -> None:
    assert Settings.load({}, {"PORT": "1", "mockserver_port": "2"}) == Settings()


def test_settings_do_not_change_once_made() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def format_table() -> str:
    """The table of the page on settings."""
    rows = ["| option | variable | default | meaning |", "| --- | --- | --- | --- |"]
    for option in options():
        default = "none" if option.default in (None, (), "") else f"`{option.default}`"
        default = "off" if option.default is False else default
        name = f"{option.flag} {option.metavar}".strip()
        rows.append(f"| `{name}` | `{option.variable}` | {default} | {option.help} |")
    apis = f"Folders with APIs of your own, separated by '{os.pathsep}'; every command finds them."
    return "\n".join([*rows, f"| | `{APIS_VARIABLE}` | none | {apis} |"])


@pytest.mark.parametrize(
    ("given", "scheme"),
    [
        ({}, "http"),
        ({"https": "false"}, "http"),
        ({"https": "true"}, "https"),
        ({"https_cert": "server.pem"}, "https"),
    ],
)
def test_a_certificate_means_https(given: dict[str, str], scheme: str) -> None:
    assert Settings.load(given, {}).scheme == scheme


def test_the_page_has_every_setting() -> None:
    assert f"\n{format_table()}\n" in PAGE.read_text("utf-8")
    assert all(option.help.endswith(".") for option in options())
    assert all(option.metavar or option.default is False for option in options())


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    new = re.sub(r"^[|].*\n(?:[|].*\n)*", f"{format_table()}\n", text, count=1, flags=re.M)
    PAGE.write_text(new, "utf-8")
