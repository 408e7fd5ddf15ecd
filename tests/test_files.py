"""Where contracts and scenarios lie."""

from __future__ import annotations

from mockserver.apis import names
from mockserver.files import CONTRACTS, SCENARIOS


def test_every_vendor_has_its_contract_there(vendor: str) -> None:
    assert vendor in names()
    assert (CONTRACTS / f"{vendor}.yaml").is_file()


def test_the_scenario_of_a_fresh_server_is_there() -> None:
    assert (SCENARIOS / "default.yaml").is_file()


def test_both_folders_are_named_from_the_root_so_that_any_folder_will_do_to_start_from() -> None:
    assert CONTRACTS.is_absolute()
    assert SCENARIOS.is_absolute()
