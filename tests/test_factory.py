"""Faker and ids: every value belongs to (seed, kind, n) and to nothing else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockserver.errors import SettingError
from mockserver.factory import Factory


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_the_same_seed_makes_the_same_values() -> None:
    one, other = Factory(7), Factory(7)
    assert one.name("agent", 3) == other.name("agent", 3)
    assert one.uuid("agent", 3) == other.uuid("agent", 3)
    assert one.hex("agent", 3, 24) == other.hex("agent", 3, 24)
    assert one.random("agent", 3).random() == other.random("agent", 3).random()


def test_another_seed_makes_other_values() -> None:
    one, other = Factory(7), Factory(8)
    assert one.uuid("agent", 3) != other.uuid("agent", 3)
    assert one.hex("agent", 3, 24) != other.hex("agent", 3, 24)
    assert [one.name("agent", n) for n in range(5)] != [other.name("agent", n) for n in range(5)]


def test_another_kind_and_another_number_make_other_values() -> None:
    factory = Factory(7)
    values = {factory.uuid(kind, n) for kind in ("agent", "team", "user") for n in range(100)}
    assert len(values) == 300


def test_earlier_calls_change_no_value() -> None:
    alone, busy = Factory(7), Factory(7)
    expected = [alone.name("agent", n) for n in range(5)]
    for n in range(50):
        busy.name("other", n)
        busy.uuid("agent", n)
    assert [busy.name("agent", n) for n in reversed(range(5))] == expected[::-1]


def test_two_worlds_that_take_turns_do_not_disturb_each_other() -> None:
    alone = [Factory(7).name("agent", n) for n in range(5)]
    one, other = Factory(7), Factory(8)
    names = []
    for n in range(5):
        names.append(one.name("agent", n))
        other.name("agent", n)
    assert names == alone


@pytest.mark.usefixtures("hasty_threads")
def test_worlds_on_several_threads_do_not_disturb_each_other() -> None:
    def names(_: int) -> list[str]:
        return [Factory(7).name("agent", n) for n in range(300)]

    alone = names(0)
    with ThreadPoolExecutor(8) as threads:
        assert all(made == alone for made in threads.map(names, range(8)))


def test_a_stream_of_chance_belongs_to_one_thing_alone() -> None:
    factory = Factory(7)
    # Keys are texts of the users' own, so a slash may stand in either of the two.
    assert factory.random("a/1", "2").random() != factory.random("a", "1/2").random()


def test_each_call_returns_a_new_stream() -> None:
    factory = Factory(7)
    first = factory.random("agent", 1)
    first.random()
    assert factory.random("agent", 1).random() == Factory(7).random("agent", 1).random()


def test_a_uuid_is_of_version_4_in_lower_case() -> None:
    form = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(form.fullmatch(Factory(0).uuid("agent", n)) for n in range(200))


@pytest.mark.parametrize("digits", [1, 3, 24, 40])
def test_hex_has_the_number_of_digits_that_was_given(digits: int) -> None:
    form = re.compile(rf"[0-9a-f]{{{digits}}}")
    assert all(form.fullmatch(Factory(0).hex("agent", n, digits)) for n in range(200))


def test_hex_has_leading_zeros() -> None:
    assert any(Factory(0).hex("agent", n, 24).startswith("0") for n in range(200))


def test_a_name_is_written_in_the_script_of_its_locale() -> None:
    factory = Factory(7)
    assert re.fullmatch(r"[A-Z][A-Za-z'\-]+( [A-Z][A-Za-z'\-]+)+", factory.name("agent", 1))
    assert re.search(r"[؀-ۿ]", factory.name("agent", 1, "ar_AA"))


@pytest.mark.parametrize(
    ("locale", "suggestion"),
    [("ar_EG", "did you mean 'ar_SA'?"), ("xx_YY", "known: "), ("es_XX", "did you mean 'es")],
)
def test_an_unknown_locale_is_refused_with_one_of_its_language(
    locale: str, suggestion: str
) -> None:
    with pytest.raises(SettingError) as caught:
        Factory(0).name("agent", 1, locale)
    start = f"Faker knows no names of the locale '{locale}'; "
    assert str(caught.value).startswith(start + suggestion)


def test_a_seed_may_be_any_whole_number() -> None:
    assert Factory(0).uuid("a", 1) != Factory(-1).uuid("a", 1)
    assert len(Factory(2**63 - 1).hex("a", 1, 8)) == 8
