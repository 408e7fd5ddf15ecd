"""Redaction: placeholders in the place of secrets, in all that is printed, written or kept."""

from mockserver.redaction.mask import (
    DEFAULT_CREDENTIAL,
    PLACEHOLDER,
    REFUSED_CREDENTIAL,
    FoundSecrets,
    Mask,
    format_word,
    hide,
    is_distinctive,
)
from mockserver.redaction.secret_names import SecretNames, list_secret_headers

__all__ = [
    "DEFAULT_CREDENTIAL",
    "PLACEHOLDER",
    "REFUSED_CREDENTIAL",
    "FoundSecrets",
    "Mask",
    "SecretNames",
    "format_word",
    "hide",
    "is_distinctive",
    "list_secret_headers",
]
