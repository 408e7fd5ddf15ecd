"""What a document gets so that it can be served: operationIds, a base path, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import SettingError
from mockserver.scaffold import prepare_document, read_document


def test_an_operation_without_an_id_gets_one_and_others_keep_theirs(
    library: dict[str, Any],
) -> None:
    paths = prepare_document("library", library)["paths"]
    assert paths["/books"]["get"]["operationId"] == "getBooks"
    assert paths["/books"]["post"]["operationId"] == "add a book"


def test_each_operation_gets_the_refusals_that_it_lacks(library: dict[str, Any]) -> None:
    paths = prepare_document("library", library)["paths"]
    added = paths["/books/{isbn}"]["get"]["responses"]
    assert set(added) == {"200", "400", "401", "404", "405", "413"}
    assert added["404"]["description"] == "No such book"
    assert added["405"]["x-evidence"] == "assumed"
    schema = added["400"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Error"}
    assert "415" in paths["/books"]["post"]["responses"]


def test_the_refusals_of_a_document_without_errors_share_one_schema(
    library: dict[str, Any],
) -> None:
    item = library["components"]["schemas"]["Error"]
    library["paths"] = {"/status": {"get": {"responses": {"200": {"description": "Up."}}}}}
    contract = prepare_document("library", library)
    added = contract["paths"]["/status"]["get"]["responses"]
    assert [
        added[status]["content"]["application/json"]["schema"] for status in ("400", "404")
    ] == [{"$ref": "#/components/schemas/Error2"}] * 2
    schemas = contract["components"]["schemas"]
    assert schemas["Error"] == item
    assert schemas["Error2"]["required"] == ["message"]


def test_what_creates_an_item_is_linked_to_what_reads_it() -> None:
    paths = prepare_document("notes", None)["paths"]
    assert paths["/items"]["post"]["responses"]["201"]["links"] == {
        "getItem": {
            "operationId": "getItem",
            "parameters": {"id": "$response.body#/id"},
            "x-evidence": "assumed",
        }
    }


@pytest.mark.parametrize(
    ("base", "taken", "expected"),
    [("", [], "/v3"), ("", ["/v3"], "/library/v3"), ("/other", ["/v3"], "/other")],
)
def test_the_base_path_is_the_document_s_unless_it_is_taken(
    library: dict[str, Any], base: str, taken: list[str], expected: str
) -> None:
    contract = prepare_document("library", library, base, taken)
    path = contract["servers"][0]["url"].removeprefix("https://library.example")
    assert path == expected


def test_the_document_itself_is_not_changed(library: dict[str, Any]) -> None:
    prepare_document("library", library)
    assert "operationId" not in library["paths"]["/books"]["get"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("openapi: 3.1.0", "it says openapi '3.1.0'"),
        ("swagger: '2.0'", "it has no 'openapi'"),
        ("a: [", "cannot be read"),
    ],
)
def test_what_is_no_openapi_3_0_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "document.yaml"
    file.write_text(text)
    with pytest.raises(SettingError, match=reason):
        read_document(file)
