"""A target: what may be done to a deployment, and what it keeps secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.check.target.target import Target
from mockserver.deployment import Tls, find_url_fault
from mockserver.errors import SettingError

STAGING = Target(
    "staging",
    "https://staging.example",
    variables={"calwe": "CALWE_TOKEN", "ekran": "EKRAN_KEY"},
    headers={"X-By": "check"},
    header_variables={"X-Gateway-Key": "GATEWAY_KEY"},
)


def test_a_target_allows_no_writes_by_default() -> None:
    target = Target("staging", "https://staging.example")
    assert target.allow_writes is False
    assert target.tls == Tls(verify=True)
    assert (target.rate, target.time_limit, target.timeout) == (0, 0, 10)
    assert target.evidence == "example"


def test_secrets_come_from_the_environment_and_are_masked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("CALWE_TOKEN", "one-token"), ("EKRAN_KEY", "a-key"), ("GATEWAY_KEY", "x")):
        monkeypatch.setenv(name, value)
    target = STAGING.with_secrets()
    assert target.credentials == {"calwe": "one-token", "ekran": "a-key"}
    assert target.headers == {"X-By": "check", "X-Gateway-Key": "x"}
    assert target.mask.text("one-token, a-key and x") == "***, *** and x"
    assert target.mask.header("x-gateway-key", "x") == "***"
    assert target.mask.header("X-By", "check") == "check"
    assert "one-token" not in repr(target)


def test_a_missing_variable_is_named_when_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", "x")
    monkeypatch.delenv("CALWE_TOKEN", raising=False)
    with pytest.raises(SettingError) as raised:
        STAGING.with_secrets()
    assert str(raised.value) == (
        "The environment has no variable 'CALWE_TOKEN', which has the credential of 'calwe' for "
        "'staging'; set it, or name another one."
    )
    only = Target("t", "http://t.example", apis=("ekran",), variables={"calwe": "CALWE_TOKEN"})
    assert only.with_secrets().credentials == {}


@pytest.mark.parametrize("value", ["secret\n", " secret", "secr\tet", "sécret", "secret\x7f"])
def test_a_secret_that_no_header_can_carry_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CALWE_TOKEN", value)
    with pytest.raises(SettingError) as raised:
        STAGING.with_secrets()
    assert "'CALWE_TOKEN'" in str(raised.value)
    assert value.strip() not in str(raised.value)


def test_a_file_that_tls_cannot_use_is_reported_before_any_request() -> None:
    with pytest.raises(SettingError, match=r"none\.pem"):
        Target("t", "https://t.example", tls=Tls(ca=Path("none.pem"))).with_secrets()


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("https://staging.example", ""),
        ("http://127.0.0.1:4010/base/", ""),
        ("http://[::1]:4010", ""),
        ("ftp://staging.example", "no URL of http or https"),
        ("https://", "no URL of http or https"),
        ("staging.example", "no URL of http or https"),
        ("http://a b", "no URL of http or https"),
        ("http://x.example:port", "its port is not a number"),
        ("http://x.example:0", "its port is not a number"),
        ("http://999.1.1.1", "'999.1.1.1' cannot be the name of a host"),
        ("http://exämple.test", ""),
        ("http://[::1", "it is no URL"),
        ("https://me:secret@x.example", "carries no user or password"),
        ("https://x.example/?a=1", "a query and a fragment have no place"),
        ("https://x.example/#a", "a query and a fragment have no place"),
    ],
)
def test_a_fault_of_a_url_is_reported_without_its_secrets(url: str, part: str) -> None:
    fault = find_url_fault(url)
    assert part in fault
    assert bool(fault) is bool(part)
    assert "secret" not in fault


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "Https"])
def test_a_scheme_is_the_same_in_upper_case(scheme: str) -> None:
    assert Target("x", f"{scheme}://staging.example").is_encrypted
    assert not Target("x", "http://https.example").is_encrypted


def test_an_invalid_name_of_a_variable_may_be_the_secret_and_is_not_repeated() -> None:
    target = Target("x", "http://h", variables={"ekran": "sk-SECRET/VALUE"})
    with pytest.raises(SettingError) as raised:
        target.with_secrets()
    assert "SECRET" not in str(raised.value)
    assert str(raised.value).startswith("The environment has no variable of the name given, ")
