"""What sandboxes and snapshots can be called."""

from __future__ import annotations

import pytest

from mockserver.errors import SandboxNameError
from mockserver.sandbox import DEFAULT, check_name


@pytest.mark.parametrize("name", ["default", "a", "A-z_0.9", "..", "x" * 64])
def test_a_name_of_letters_digits_dots_and_dashes_is_taken(name: str) -> None:
    assert check_name(name) == name
    assert check_name(name, "snapshot") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 65,
        "@small-1",
        "../x",
        "a/b",
        "a b",
        "a\n",
        "\na",
        "a\x00",
        "جلسة",
        "²",
        "a;b",
        "%",
    ],
)
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(SandboxNameError):
        check_name(name)


def test_a_refusal_names_the_name_but_not_all_of_it() -> None:
    with pytest.raises(SandboxNameError) as raised:
        check_name("x" * 10_000)
    assert str(raised.value) == (
        f"'{'x' * 64}' cannot be a sandbox's name: use 1 to 64 letters, digits, '.', '_', '-'"
    )


def test_a_refusal_says_what_cannot_be_called_that() -> None:
    with pytest.raises(SandboxNameError) as raised:
        check_name("a b", "snapshot")
    assert str(raised.value) == (
        "'a b' cannot be a snapshot's name: use 1 to 64 letters, digits, '.', '_', '-'"
    )


def test_a_request_that_names_no_sandbox_gets_the_default_one() -> None:
    assert check_name(DEFAULT) == "default"
