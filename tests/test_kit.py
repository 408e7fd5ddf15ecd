"""The kit of an API is loaded on first use, never by a server alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from mockserver import apis
from mockserver.kit import load_kit
from mockserver.traits import derive_invariants

APIS = apis.load()


def test_a_kit_has_what_the_vendor_s_modules_define(vendor: str) -> None:
    kit = load_kit(APIS[vendor])
    assert kit.invariants
    assert kit.workflows
    assert kit.mutations
    assert load_kit(APIS[vendor]) is kit


def test_an_api_without_such_modules_has_what_its_contract_gives() -> None:
    unheard_of = replace(APIS["ekran"], name="unheard_of")
    unheard_of.__dict__["contract"] = APIS["ekran"].contract
    kit = load_kit(unheard_of)
    derived = list(derive_invariants(unheard_of.traits))
    assert [it.name for it in kit.invariants] == [it.name for it in derived]
    assert {it.name for it in kit.workflows} == {
        "list-sessions-read-again",
        "list-sessions-in-ranges",
        "list-sessions-over-days",
    }
    assert "hand-written" not in {mutation.operator for mutation in kit.mutations}


def test_a_server_without_mutations_loads_no_kit() -> None:
    code = (
        "import sys; from mockserver.server.app import create_app;"
        "from mockserver.settings import Settings; create_app(Settings());"
        "print([m for m in sys.modules if m.startswith('mockserver.apis.')"
        " and m.split('.')[3:4] in (['invariants'], ['workflows'], ['mutations'])])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout == "[]\n"
