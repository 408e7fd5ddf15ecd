"""Operators on values: each once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mockserver.contract import Request, Response
from mockserver.mutation import Mutation

Respond = Callable[[int, Any], Response]
Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("rename-property:/last_page", {"lastPage": 2}),
        ("rename-property:/note", {"Note": "abc"}),
        ("null:/kind", {"kind": None}),
        ("always-null:/next", {"next": None}),
        ("other-type:/total", {"total": "4"}),
        ("other-type:/kind", {"kind": ["a"]}),
        ("other-type:/rows", {"rows": {"0": {"id": 1}, "1": {"id": 2}}}),
        ("other-type:/rows/*", {"rows": [[{"id": 1}], [{"id": 2}]]}),
        ("out-of-enum:/kind", {"kind": "A"}),
        ("out-of-enum:/none", {"none": {}}),
        ("below-minimum:/total", {"total": -1}),
        ("above-maximum:/total", {"total": 91}),
        ("off-by-one:/total", {"total": 5}),
        ("thousandfold:/total", {"total": 4000}),
        ("swapped:/total", {"total": 2, "last_page": 4}),
        ("too-short:/note", {"note": "a"}),
        ("too-long:/note", {"note": "abcx"}),
        ("too-few:/codes", {"codes": []}),
        ("too-many:/codes", {"codes": ["x", "x"]}),
        ("wrong-format:/day", {"day": "21-08-2025 "}),
        ("wrong-format:/day@1", {"day": "2025-02-01"}),
        ("wrong-format:/day@2", {"day": "31-02-2025"}),
        ("time-without-fraction:/at", {"at": "2025-08-21T14:30:00+00:00"}),
        ("time-without-zone:/at", {"at": "2025-08-21T14:30:00.000"}),
        ("time-with-z:/at", {"at": "2025-08-21T14:30:00.000Z"}),
        ("time-in-another-zone:/at", {"at": "2025-08-21T17:30:00.000+03:00"}),
        ("time-day-first:/at", {"at": "21-08-2025T14:30:00.000+00:00"}),
        ("time-impossible:/at", {"at": "2025-02-30T14:30:00.000+00:00"}),
        ("time-as-epoch:/at", {"at": 1755786600}),
        ("trimmed-text:/text", {"text": "Tom &"}),
        ("normalised-text:/text", {"text": "tom & jerome"}),
        ("translated-text:/text", {"text": "An error occurred."}),
        ("escaped-text:/text", {"text": "Tom &amp; J&#233;r&#244;me."}),
        ("encoded-twice:/text", {"text": "Tom & JÃ©rÃ´me."}),
        ("reversed:/rows", {"rows": [{"id": 2}, {"id": 1}]}),
        ("first-twice:/rows", {"rows": [{"id": 1}, {"id": 1}, {"id": 2}]}),
        ("last-twice:/rows", {"rows": [{"id": 1}, {"id": 2}, {"id": 2}]}),
        ("first-missing:/rows", {"rows": [{"id": 2}]}),
        ("last-missing:/rows", {"rows": [{"id": 1}]}),
        ("always-empty:/rows", {"rows": []}),
    ],
)
def test_a_value_is_changed(
    name: str, changed: dict[str, Any], page: dict[str, Any], respond: Respond, run: Run
) -> None:
    response, _ = run(f"list.{name}", Request("GET", "/things"), respond(200, page))
    body = json.loads(response.body)
    gone = page.keys() - body.keys()
    assert {key: body[key] for key in body if body[key] != page.get(key, ...)} == changed
    assert len(gone) == (1 if name.startswith("rename") else 0)


def test_a_property_is_dropped_in_every_row(
    mutations: Mapping[str, Mutation], page: dict[str, Any], respond: Respond, run: Run
) -> None:
    mutation = mutations["list.drop-property:/rows/*/id"]
    response, _ = run(mutation, Request("GET", "/things"), respond(200, page))
    assert json.loads(response.body)["rows"] == [{}, {}]
    assert mutation.sentence == "`/rows/*/id` is missing."
