"""The journal: what clients sent and what they got, and the verification of calls."""

from mockserver.journal.entry import (
    JournalChange,
    JournalEntry,
    JournalFact,
    JournalMessage,
    JournalViolation,
    format_entry,
)
from mockserver.journal.journal import Journal
from mockserver.journal.pattern import ExchangePattern
from mockserver.journal.redactor import Field, Redactor, measure_fields
from mockserver.journal.verification import (
    Expectation,
    Verification,
    decode_pattern,
    verify_calls,
    verify_order,
)

__all__ = [
    "ExchangePattern",
    "Expectation",
    "Field",
    "Journal",
    "JournalChange",
    "JournalEntry",
    "JournalFact",
    "JournalMessage",
    "JournalViolation",
    "Redactor",
    "Verification",
    "decode_pattern",
    "format_entry",
    "measure_fields",
    "verify_calls",
    "verify_order",
]
