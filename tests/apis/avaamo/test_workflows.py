"""Avaamo's workflows find what they are there for."""

from __future__ import annotations

from typing import Any

from mockserver.apis.avaamo import api
from mockserver.apis.avaamo.workflows import entries_of_one_second


def test_pages_part_entries_of_one_second(open_context: Any) -> None:
    with open_context(api) as context, context.sequence(entries_of_one_second.world) as call:
        entries_of_one_second.run(call, {})

    whole, *pages = [interaction.response_body["entries"] for interaction in call.before]
    assert len({entry["timestamp"] for entry in whole}) < len(whole)
    assert pages[0][-1]["timestamp"] == pages[1][0]["timestamp"]
