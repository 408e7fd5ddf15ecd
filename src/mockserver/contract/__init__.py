"""Contracts: OpenAPI files, and the judge that holds exchanges against them."""

from mockserver.contract.credentials import is_authenticated, presented
from mockserver.contract.dialect import in_draft_4
from mockserver.contract.document import Contract, Unmatched
from mockserver.contract.evidence import EVIDENCE, weaker
from mockserver.contract.exchange import (
    Exchange,
    Headers,
    Request,
    Response,
    Timing,
    Violation,
)
from mockserver.contract.formats import Format
from mockserver.contract.operation import Operation, Parameter
from mockserver.contract.schema import Breach, Schema, Schemas
from mockserver.contract.validator import Reading, Validator

__all__ = [
    "EVIDENCE",
    "Breach",
    "Contract",
    "Exchange",
    "Format",
    "Headers",
    "Operation",
    "Parameter",
    "Reading",
    "Request",
    "Response",
    "Schema",
    "Schemas",
    "Timing",
    "Unmatched",
    "Validator",
    "Violation",
    "in_draft_4",
    "is_authenticated",
    "presented",
    "weaker",
]
