"""What an option says of a target takes the place of what its file says."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.check.target.target import Target
from mockserver.cli.overrides import overridden, pairs
from mockserver.errors import SettingError

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
NOTHING: dict[str, Any] = {
    "apis": (),
    "credentials": (),
    "ids": (),
    "allow_writes": None,
    "rate": None,
    "timeout": None,
    "time_limit": None,
    "evidence": None,
}


def test_what_is_not_given_stays_as_the_file_says() -> None:
    assert overridden(TARGET, NOTHING) == TARGET


def test_what_is_given_takes_its_place() -> None:
    given = {
        "apis": ("ekran",),
        "credentials": ("ekran=C",),
        "ids": ("calwe.open_session=9", "ekran.compulsory_key=x=y"),
        "allow_writes": False,
        "rate": 0.0,
        "timeout": 0.0,
        "time_limit": 1.0,
        "evidence": "documented",
    }
    assert overridden(TARGET, given) == Target(
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
        evidence="documented",
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
def test_what_there_is_not_is_said(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError) as raised:
        overridden(TARGET, {**NOTHING, **given})
    assert str(raised.value).startswith(sentence)


def test_a_pair_is_parted_at_its_first_sign() -> None:
    assert list(pairs(["a=b=c", "d=e"], "--x")) == [("a", "b=c"), ("d", "e")]
