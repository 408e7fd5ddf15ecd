"""A new API: a contract, a package, a world and tests, written from an OpenAPI document or from none."""

from mockserver.scaffold.document import prepare_document, read_document
from mockserver.scaffold.files import write_api

__all__ = ["prepare_document", "read_document", "write_api"]
