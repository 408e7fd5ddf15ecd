"""A personal value is replaced by the same made-up one everywhere, in its own language."""

from __future__ import annotations

import re

import pytest

from mockserver.factory import Factory
from mockserver.recorder.personal import Pseudonyms
from mockserver.synthesis import find_personal_sort


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    return Pseudonyms(Factory(1), "ar_SA")


def test_the_same_value_gets_the_same_one_and_no_two_share_one(pseudonyms: Pseudonyms) -> None:
    names = [f"Person {n}" for n in range(300)]
    made = [pseudonyms.add("name", name) for name in names]
    assert len(set(made)) == 300
    assert [pseudonyms.add("name", name.upper()) for name in names] == made
    assert not {*names} & {*made}


def test_an_arabic_name_stays_arabic_and_a_latin_one_latin(pseudonyms: Pseudonyms) -> None:
    assert re.fullmatch("[\u0600-\u06ff ]+", pseudonyms.add("name", "سارة العتيبي"))
    assert re.fullmatch("[A-Za-z' -]+", pseudonyms.add("name", "Sara Miller"))


def test_mentions_in_a_text_are_replaced_as_whole_words_whatever_their_case(
    pseudonyms: Pseudonyms,
) -> None:
    new = pseudonyms.add("name", "Ann Lee")
    longer = pseudonyms.add("name", "Ann Lee Jones")
    text = pseudonyms.replace("ann lee told Ann Lee Jones, not Joann Lee or Ann Leeds: ANN LEE!")
    assert text == f"{new} told {longer}, not Joann Lee or Ann Leeds: {new}!"


def test_what_a_pattern_or_a_length_demands_is_kept(pseudonyms: Pseudonyms) -> None:
    def accepts(value: object) -> bool:
        return bool(re.fullmatch("[A-Z]{2}[0-9]{6}", str(value)))

    assert accepts(pseudonyms.add("name", "AB123456", accepts))
    number = pseudonyms.add("phone", "+966 50-123 4567")
    assert re.fullmatch(r"\+966 [0-9]{2}-[0-9]{3} [0-9]{4}", number)
    assert number != "+966 50-123 4567"


def test_a_text_has_about_the_same_length(pseudonyms: Pseudonyms) -> None:
    text = "I cannot come on Sunday, because my son is ill. " * 5
    made = pseudonyms.add("text", text)
    assert 0.5 * len(text) < len(made) < 2 * len(text)
    assert "Sunday" not in made


def test_an_address_that_is_an_id_is_the_same_in_every_document(pseudonyms: Pseudonyms) -> None:
    made = pseudonyms.add("email", "ann.lee@firm.example")
    assert made.endswith("@example.com")
    assert pseudonyms.replace("ann.lee@firm.example") == made
    assert pseudonyms.replace("by ann.lee@firm.example.") == f"by {made}."


@pytest.mark.parametrize(
    ("names", "sort"),
    [
        (("first_name",), "name"),
        (("customer",), "name"),
        (("customer", "name"), "name"),
        (("team", "name"), ""),
        (("userName",), "name"),
        (("e-mail",), "email"),
        (("contact", "mobileNumber"), "phone"),
        (("text",), ""),
        (("id",), ""),
        ((), ""),
    ],
    ids=range(10),
)
def test_which_names_of_members_are_personal(names: tuple[str, ...], sort: str) -> None:
    assert find_personal_sort(names) == sort
