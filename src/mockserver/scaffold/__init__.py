"""Writes a new API, with or without an OpenAPI document: contract, package, world, tests."""

from mockserver.scaffold.document import prepare_document, read_document
from mockserver.scaffold.files import write_api

__all__ = ["prepare_document", "read_document", "write_api"]
