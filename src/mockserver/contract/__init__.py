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
from mockserver.contract.judge import Judge, Reading
from mockserver.contract.operation import Operation, Parameter
from mockserver.contract.schema import Breach, Schema, Schemas

__all__ = [
    "EVIDENCE",
    "Breach",
    "Contract",
    "Exchange",
    "Format",
    "Headers",
    "Judge",
    "Operation",
    "Parameter",
    "Reading",
    "Request",
    "Response",
    "Schema",
    "Schemas",
    "Timing",
    "Unmatched",
    "Violation",
    "in_draft_4",
    "is_authenticated",
    "presented",
    "weaker",
]
