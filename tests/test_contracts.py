"""The contracts together, as generators of clients read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import yaml

from mockserver.files import CONTRACTS

DOCUMENTS = {
    path.stem: yaml.safe_load(path.read_bytes()) for path in sorted(CONTRACTS.glob("*.yaml"))
}


def find_shared(names: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The names that several contracts have, of pairs of a name and a contract."""
    owners = defaultdict[str, set[str]](set)
    for name, contract in names:
        owners[name].add(contract)
    return {name: contracts for name, contracts in owners.items() if len(contracts) > 1}


def list_operation_ids(document: dict[str, Any]) -> Iterator[str]:
    for item in document["paths"].values():
        yield from (node["operationId"] for node in item.values() if "operationId" in node)


def test_every_contract_is_read() -> None:
    assert list(DOCUMENTS) == ["autozod", "avaamo", "calwe", "control", "ekran"]


def test_an_operation_id_is_that_of_one_contract() -> None:
    ids = [
        (id, contract)
        for contract, document in DOCUMENTS.items()
        for id in list_operation_ids(document)
    ]
    assert ("listSessionLogs", "calwe") in ids
    assert find_shared(ids) == {}


def test_a_component_has_a_name_that_no_other_contract_has() -> None:
    names = [
        (name, contract)
        for contract, document in DOCUMENTS.items()
        for components in document["components"].values()
        for name in components
    ]
    assert ("CalweMethodNotAllowed", "calwe") in names
    assert find_shared(names) == {}


@pytest.mark.parametrize("contract", DOCUMENTS)
def test_the_body_of_a_refusal_is_a_named_schema(contract: str) -> None:
    document = DOCUMENTS[contract]
    responses = [
        *document["components"].get("responses", {}).items(),
        *(
            (f"{node['operationId']} {status}", response)
            for item in document["paths"].values()
            for node in item.values()
            if "operationId" in node
            for status, response in node["responses"].items()
            if status[0] in "45d"
        ),
    ]
    unnamed = [
        name
        for name, response in responses
        for media in response.get("content", {}).values()
        if media["schema"].get("type") == "object"
    ]
    assert unnamed == []
