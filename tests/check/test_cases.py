"""Status cases of a file, and the ids that they need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver import apis
from mockserver.check.cases import StatusCase, read_cases
from mockserver.errors import ContractError
from mockserver.files import CONTRACTS

APIS = apis.load()
SCHEMA = (CONTRACTS / "cases" / "schema.json").read_text("utf-8")
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the cases of an API 'x', and gives the folder."""

    def write(text: str) -> Path:
        (tmp_path / "schema.json").write_text(SCHEMA)
        (tmp_path / "x.yaml").write_text(text)
        return tmp_path

    return write


@pytest.mark.parametrize("name", APIS)
def test_what_a_case_needs_is_described_and_a_mock_has_it(name: str) -> None:
    found = read_cases(name)
    described = {required.name for required in found.ids}
    assert all(required.description for required in found.ids)
    for case in found.cases:
        assert set(case.required_ids) <= described, case.name
        assert set(case.required_ids) <= set(found.mock_ids), case.name
    assert len({case.name for case in found.cases}) == len(found.cases)


def test_an_api_without_a_file_has_none(tmp_path: Path) -> None:
    assert read_cases("nobody", tmp_path).cases == ()


def test_ids_are_filled_in_everywhere_in_a_request() -> None:
    case = StatusCase(
        "a",
        "list",
        200,
        needs=("more",),
        request={"parameters": {"id": "{one}", "n": 5}, "body": ["x{two}y", "{Not} {one}"]},
    )
    assert case.required_ids == ["more", "one", "two"]
    assert case.fill({"one": "1", "two": "2"}) == {
        "parameters": {"id": "1", "n": 5},
        "body": ["x2y", "{Not} 1"],
    }


def test_a_file_is_read_with_its_defaults(write: Write) -> None:
    folder = write(
        "ids: {a: {description: An id., mock: '1'}}\n"
        "cases:\n"
        "  - {name: one, operation: list, status: 200, request: {parameters: {id: '{a}'}}}\n"
        "  - {name: two, operation: list, status: 500, cannot: nobody can}\n"
    )
    found = read_cases("x", folder)
    assert (found.mock_ids, found.used_up) == ({"a": "1"}, frozenset())
    one, two = found.cases
    assert (one.world, one.writes, one.required_ids, one.cannot) == ("default", False, ["a"], "")
    assert two.cannot == "nobody can"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: [", "line 2: "),
        ("ids: {}\n", '"cases" is a required property'),
        (
            "ids: {}\ncases: [{name: a, operation: b, status: 99, request: {}}]\n",
            "/cases/0",
        ),
        (
            "ids: {}\ncases: [{name: a, operation: b, status: 200, reqest: {}}]\n",
            "/cases/0",
        ),
    ],
)
def test_an_invalid_file_is_refused(write: Write, text: str, part: str) -> None:
    with pytest.raises(ContractError) as raised:
        read_cases("x", write(text))
    assert str(raised.value).startswith("The cases 'x.yaml' cannot be used: ")
    assert part in str(raised.value)
