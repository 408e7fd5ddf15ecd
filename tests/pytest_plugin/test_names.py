"""Names of sandboxes."""

from __future__ import annotations

import re

import pytest

from mockserver.pytest_plugin.names import unique_name


def test_a_name_begins_with_what_it_is_for() -> None:
    assert unique_name("test_the_log").startswith("test_the_log-")


def test_the_same_label_gives_another_name_each_time() -> None:
    assert len({unique_name("test_the_log") for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("label", "begin"),
    [
        ("test_log[GET /v1/log?page=1]", "test_log-GET-v1-log-page-1-"),
        ("سارة", "sandbox-"),
        ("", "sandbox-"),
        ("..", "sandbox-"),
        ("test[سارة-2]", "test-2-"),
        ("x" * 300, "x" * 30),
    ],
)
def test_a_name_is_one_that_a_sandbox_can_have(label: str, begin: str) -> None:
    name = unique_name(label)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name)
    assert name.startswith(begin)
