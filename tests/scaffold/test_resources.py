"""A resource is found by its paths and its schemas."""

from __future__ import annotations

from typing import Any

from mockserver.scaffold import prepare_document
from mockserver.scaffold.resources import find_resources


def test_a_collection_and_its_item_are_one_resource(library: dict[str, Any]) -> None:
    (book,) = find_resources(prepare_document("library", library))
    assert (book.kind, book.key, book.key_type, book.rows) == ("book", "isbn", "string", "books")
    assert book.operations == {
        "getBook": "get",
        "deleteBook": "delete",
        "getBooks": "list",
        "add a book": "create",
    }


def test_an_item_without_the_property_that_its_path_names_is_none(library: dict[str, Any]) -> None:
    del library["components"]["schemas"]["Book"]["properties"]["isbn"]
    assert find_resources(prepare_document("library", library)) == []


def test_the_property_that_a_path_names_is_required_of_documents(library: dict[str, Any]) -> None:
    library["components"]["schemas"]["Book"]["required"] = ["title"]
    (resource,) = find_resources(prepare_document("library", library))
    assert resource.schema == {
        "allOf": [{"$ref": "#/components/schemas/Book"}],
        "required": ["isbn"],
    }


def test_an_operation_whose_body_may_be_no_json_has_no_role(library: dict[str, Any]) -> None:
    content = library["paths"]["/books"]["post"]["requestBody"]["content"]
    content["application/xml"] = {}
    (resource,) = find_resources(prepare_document("library", library))
    assert set(resource.operations.values()) == {"list", "get", "delete"}


def test_a_parameter_that_python_cannot_name_makes_no_resource(library: dict[str, Any]) -> None:
    library["paths"]["/books/{book-isbn}"] = library["paths"].pop("/books/{isbn}")
    assert find_resources(prepare_document("library", library)) == []
