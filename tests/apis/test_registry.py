"""An API is found because its package and its contract are there, and a wrong one is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import mockserver.api
from mockserver import apis
from mockserver.errors import ApiError, SettingError
from mockserver.files import CONTRACTS

AddApi = Callable[..., None]

CODE = """
from dataclasses import replace
from mockserver.apis.ekran import api as ekran

api = replace(ekran, name="another")
"""


@pytest.fixture
def add_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AddApi]:
    """Adds the API `another`: the code of its package, and the base of its contract."""

    def add(code: str = CODE, base: str = "/another", media: str = "") -> None:
        package = tmp_path / "apis" / "another"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(code)
        contracts = tmp_path / "openapi"
        contracts.mkdir()
        for path in CONTRACTS.glob("*.yaml"):
            (contracts / path.name).write_text(path.read_text())
        text = (CONTRACTS / "ekran.yaml").read_text()
        text = text.replace("/ekranapi", base)
        if media:
            # Also without the examples, which could be sent as they are.
            text = text.replace("application/json", media).replace("examples:", "x-examples:")
        (contracts / "another.yaml").write_text(text)
        monkeypatch.setattr(apis, "__path__", [*apis.__path__, str(tmp_path / "apis")])
        monkeypatch.setattr(mockserver.api, "CONTRACTS", contracts)
        monkeypatch.setattr(apis, "CONTRACTS", contracts)

    yield add
    sys.modules.pop("mockserver.apis.another", None)
    if hasattr(apis, "another"):
        del apis.another


def test_an_api_is_found_by_its_folder_and_its_contract() -> None:
    folders = [path.parent.name for path in Path(apis.__file__).parent.glob("*/__init__.py")]
    assert len(folders) >= 4
    assert [name for name in apis.names() if name in folders] == sorted(folders)
    assert {name: api.name for name, api in apis.load().items()} == {n: n for n in apis.names()}


def test_some_apis_can_be_loaded_in_any_order_and_twice() -> None:
    assert list(apis.load(["ekran", "calwe", "ekran"])) == ["calwe", "ekran"]
    assert list(apis.load(iter(["avaamo"]))) == ["avaamo"]


@pytest.mark.parametrize("name", ["clawe", "Calwe"])
def test_an_unknown_api_is_refused_with_the_nearest_one(name: str) -> None:
    with pytest.raises(SettingError) as raised:
        apis.load(["calwe", name])
    assert str(raised.value) == f"There is no API '{name}'; did you mean 'calwe'?"


def test_another_api_is_found_because_it_is_there(add_api: AddApi) -> None:
    add_api()
    assert "another" in apis.names()
    assert apis.load()["another"].contract.base == "/another"


@pytest.mark.parametrize("code", ["", CODE.replace('"another"', '"other"')])
def test_a_package_without_an_api_of_its_name_is_refused(add_api: AddApi, code: str) -> None:
    add_api(code)
    with pytest.raises(ApiError) as raised:
        apis.load(["another"])
    assert str(raised.value) == "The package 'apis/another' defines no Api 'api' of that name."


def test_an_api_may_lack_handlers(add_api: AddApi) -> None:
    add_api(CODE.replace('name="another"', 'name="another", handlers={}'))
    another = apis.load(["another"])["another"]
    assert [operation.id for operation in another.unhandled] == ["listSessions"]


def test_a_handler_without_an_operation_is_refused_with_the_nearest_one(add_api: AddApi) -> None:
    add_api(CODE.replace('name="another"', 'name="another", handlers={"list_sesions": print}'))
    with pytest.raises(ApiError) as raised:
        apis.load(["another"])
    assert str(raised.value) == (
        "The API 'another' has a handler 'list_sesions', and no operation that is called like it "
        "(the name of a function that is no handler begins with '_'); did you mean 'list_sessions'?"
    )


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ("world, start, end=None", "missing a required argument: 'start'"),
        ("world, start=None", "got an unexpected keyword argument 'end'"),
        ("", "too many positional arguments"),
    ],
)
def test_a_handler_with_other_parameters_than_its_operation_is_refused(
    add_api: AddApi, parameters: str, reason: str
) -> None:
    handlers = f'handlers={{"list_sessions": lambda {parameters}: None}}'
    add_api(CODE.replace('name="another"', f'name="another", {handlers}'))
    with pytest.raises(ApiError) as raised:
        apis.load(["another"])
    assert str(raised.value) == (
        f"The handler 'list_sessions' of the API 'another' does not fit its operation: {reason}."
    )


def test_an_operation_whose_response_nothing_can_make_is_refused(add_api: AddApi) -> None:
    add_api(CODE.replace('name="another"', 'name="another", handlers={}'), media="image/png")
    with pytest.raises(ApiError) as raised:
        apis.load(["another"])
    assert str(raised.value) == (
        "The API 'another' has no handler 'list_sessions', and its response, image/png, is made of "
        "no schema: write the handler, or an example in the contract."
    )


def test_a_folder_with_a_contract_alone_is_an_api(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, base in (("pets", "/pets"), ("no-name", "/x"), ("rootless", "")):
        (tmp_path / name).mkdir()
        text = (CONTRACTS / "ekran.yaml").read_text().replace("/ekranapi", base)
        (tmp_path / name / "openapi.yaml").write_text(text)
    monkeypatch.setattr(apis, "_OWN_FOLDERS", [tmp_path])

    assert {"pets", "rootless", "calwe"} <= {*apis.names()}
    assert "no-name" not in apis.names()
    pets = apis.load(["pets"])["pets"]
    assert (pets.contract.base, [it.id for it in pets.unhandled]) == ("/pets", ["listSessions"])
    assert apis.load(["pets"])["pets"] is pets
    with pytest.raises(ApiError, match="The contract of 'rootless' names no path under which it"):
        apis.load(["rootless"])


def test_two_apis_of_one_base_are_refused(add_api: AddApi) -> None:
    add_api(base="/ekranapi")
    with pytest.raises(ApiError) as raised:
        apis.load()
    assert str(raised.value) == "'another' and 'ekran' have the same base, '/ekranapi'."
    assert list(apis.load(["another"])) == ["another"]


def test_contracts_are_read_again_if_that_is_asked_for(vendor: str) -> None:
    first, again = apis.load([vendor])[vendor], apis.load([vendor], again=True)[vendor]

    assert apis.load([vendor])[vendor] is first
    assert first.contract is not again.contract
    assert (first.contract, first.handlers) == (again.contract, again.handlers)
