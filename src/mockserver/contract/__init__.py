"""Contracts: OpenAPI documents, and the validator of exchanges by them."""

from mockserver.contract.bodies import is_json
from mockserver.contract.client_profile import (
    make_client_profile,
    prepend_server,
    write_client_profile,
    write_contract,
)
from mockserver.contract.credentials import (
    is_authenticated,
    place_credential,
    read_credentials,
    write_credential,
)
from mockserver.contract.dialect import in_draft_4
from mockserver.contract.document import Contract, Unmatched
from mockserver.contract.evidence import BINDING, EVIDENCE, list_shown_examples, weaker
from mockserver.contract.exchange import (
    GATEWAY_ERRORS,
    SAFE_METHODS,
    TOO_MANY_REQUESTS,
    Exchange,
    Headers,
    Request,
    Response,
    Timing,
    Violation,
)
from mockserver.contract.flatten import flatten_schema, resolve_node
from mockserver.contract.formats import Format
from mockserver.contract.loader import derive_operation_id
from mockserver.contract.operation import Encoding, MediaType, Operation, Parameter, ResponseSpec
from mockserver.contract.parameters import RawParameters, read_header
from mockserver.contract.schema import Schema, Schemas, SchemaViolation
from mockserver.contract.serializer import (
    Outgoing,
    choose_content_type,
    serialize_request,
    serialize_single,
)
from mockserver.contract.validator import ValidatedRequest, Validator
from mockserver.json_pointer import ABSENT

__all__ = [
    "ABSENT",
    "BINDING",
    "EVIDENCE",
    "GATEWAY_ERRORS",
    "SAFE_METHODS",
    "TOO_MANY_REQUESTS",
    "Contract",
    "Encoding",
    "Exchange",
    "Format",
    "Headers",
    "MediaType",
    "Operation",
    "Outgoing",
    "Parameter",
    "RawParameters",
    "Request",
    "Response",
    "ResponseSpec",
    "Schema",
    "SchemaViolation",
    "Schemas",
    "Timing",
    "Unmatched",
    "ValidatedRequest",
    "Validator",
    "Violation",
    "choose_content_type",
    "derive_operation_id",
    "flatten_schema",
    "in_draft_4",
    "is_authenticated",
    "is_json",
    "list_shown_examples",
    "make_client_profile",
    "place_credential",
    "prepend_server",
    "read_credentials",
    "read_header",
    "resolve_node",
    "serialize_request",
    "serialize_single",
    "weaker",
    "write_client_profile",
    "write_contract",
    "write_credential",
]
