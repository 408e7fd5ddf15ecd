"""Responses made of a contract alone: plausible, conforming, and the same for the same seed."""

from mockserver.synthesis.patterns import make_matching_text
from mockserver.synthesis.responses import (
    Circumstances,
    Synthesizer,
    list_media,
    make_media_response,
)
from mockserver.synthesis.words import find_personal_sort

__all__ = [
    "Circumstances",
    "Synthesizer",
    "find_personal_sort",
    "list_media",
    "make_matching_text",
    "make_media_response",
]
