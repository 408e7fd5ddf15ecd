"""The journal: what clients sent and what they got, and the verification of calls."""

from mockserver.journal.entry import (
    JournalChange,
    JournalEntry,
    JournalFact,
    JournalMessage,
    JournalViolation,
    format_entry,
)
from mockserver.journal.follower import Follower
from mockserver.journal.journal import Journal
from mockserver.journal.pattern import ExchangePattern
from mockserver.journal.redactor import Field, RedactedHead, Redactor, measure_fields
from mockserver.journal.verification import (
    Expectation,
    Verification,
    decode_pattern,
    verify_calls,
    verify_order,
)
from mockserver.journal.waiting import Exchange

__all__ = [
    "Exchange",
    "ExchangePattern",
    "Expectation",
    "Field",
    "Follower",
    "Journal",
    "JournalChange",
    "JournalEntry",
    "JournalFact",
    "JournalMessage",
    "JournalViolation",
    "RedactedHead",
    "Redactor",
    "Verification",
    "decode_pattern",
    "format_entry",
    "measure_fields",
    "verify_calls",
    "verify_order",
]
