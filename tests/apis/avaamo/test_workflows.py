"""A workflow meets what it is there for."""

from __future__ import annotations

from mockserver.apis.avaamo.workflows import entries_of_one_second
from mockserver.check.context import CheckContext


def test_pages_part_entries_of_one_second(lawful: CheckContext) -> None:
    with lawful.sequence(entries_of_one_second.world) as call:
        entries_of_one_second.run(call, {})

    whole, *pages = [interaction.response_body["entries"] for interaction in call.before]
    assert len({entry["timestamp"] for entry in whole}) < len(whole)
    assert pages[0][-1]["timestamp"] == pages[1][0]["timestamp"]
