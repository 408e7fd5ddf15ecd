"""The vendors are found because they are there, and a wrong one is refused at the door."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import mockserver.api
from mockserver import apis
from mockserver.errors import ApiError, SettingError
from mockserver.files import CONTRACTS

Vendor = Callable[..., None]

_DOOR = """
from dataclasses import replace
from mockserver.apis.ekran import api as ekran

api = replace(ekran, name="fifth")
"""


@pytest.fixture
def fifth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """Puts a fifth vendor beside the four: the code at its door, and the base of its contract."""

    def put(door: str = _DOOR, base: str = "/fifth") -> None:
        package = tmp_path / "apis" / "fifth"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(door)
        contracts = tmp_path / "openapi"
        contracts.mkdir()
        for path in CONTRACTS.glob("*.yaml"):
            (contracts / path.name).write_text(path.read_text())
        text = (CONTRACTS / "ekran.yaml").read_text()
        (contracts / "fifth.yaml").write_text(text.replace("/ekranapi", base))
        monkeypatch.setattr(apis, "__path__", [*apis.__path__, str(tmp_path / "apis")])
        monkeypatch.setattr(mockserver.api, "CONTRACTS", contracts)
        monkeypatch.setattr(apis, "CONTRACTS", contracts)

    yield put
    sys.modules.pop("mockserver.apis.fifth", None)
    if hasattr(apis, "fifth"):
        del apis.fifth


def test_an_api_is_found_by_its_folder_and_its_contract() -> None:
    folders = Path(apis.__file__).parent.glob("*/__init__.py")
    assert apis.names() == tuple(sorted(path.parent.name for path in folders))
    assert {name: api.name for name, api in apis.load().items()} == {n: n for n in apis.names()}


def test_only_some_vendors_can_be_loaded_in_any_order_and_twice() -> None:
    assert list(apis.load(["ekran", "calwe", "ekran"])) == ["calwe", "ekran"]
    assert list(apis.load(iter(["avaamo"]))) == ["avaamo"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("clawe", "There is no API 'clawe'; did you mean 'calwe'?"),
        ("Calwe", "There is no API 'Calwe'; did you mean 'calwe'?"),
    ],
)
def test_an_unknown_vendor_is_refused_with_the_nearest_one(name: str, sentence: str) -> None:
    with pytest.raises(SettingError) as raised:
        apis.load(["calwe", name])
    assert str(raised.value) == sentence


def test_a_fifth_vendor_is_found_because_it_is_there(fifth: Vendor) -> None:
    fifth()
    assert "fifth" in apis.names()
    assert apis.load()["fifth"].contract.base == "/fifth"


def test_a_vendor_without_an_api_at_its_door_is_refused(fifth: Vendor) -> None:
    fifth("")
    with pytest.raises(ApiError) as raised:
        apis.load()
    assert str(raised.value) == "The folder 'apis/fifth' has no 'api' of that name at its door."


def test_a_vendor_under_another_name_than_its_folders_is_refused(fifth: Vendor) -> None:
    fifth(_DOOR.replace('"fifth"', '"sixth"'))
    with pytest.raises(ApiError) as raised:
        apis.load(["fifth"])
    assert str(raised.value) == "The folder 'apis/fifth' has no 'api' of that name at its door."


def test_a_vendor_whose_handler_is_missing_is_refused(fifth: Vendor) -> None:
    fifth(_DOOR.replace('name="fifth"', 'name="fifth", handlers={}'))
    with pytest.raises(ApiError) as raised:
        apis.load(["fifth"])
    assert str(raised.value).startswith("The API 'fifth' has no handler 'list_sessions' for ")


def test_two_vendors_under_one_base_are_refused(fifth: Vendor) -> None:
    fifth(base="/ekranapi")
    with pytest.raises(ApiError) as raised:
        apis.load()
    assert str(raised.value) == "'ekran' and 'fifth' both live under '/ekranapi'."
    assert list(apis.load(["fifth"])) == ["fifth"]
