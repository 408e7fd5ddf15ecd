"""What is redacted once is remembered, in bounded memory, and each credential by itself."""

from __future__ import annotations

import sys

from mockserver.journal import Redactor
from mockserver.redaction import SecretNames

TOKEN, OTHER = "Zq8-secret-token-41", "Zq8-secret-token-42"


def test_the_same_head_is_redacted_once() -> None:
    redactor = Redactor(SecretNames())
    fields = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"x-note", TOKEN.encode())]
    head = redactor.begin(fields, b"a=1")
    assert head.fields == [("authorization", "Bearer ***"), ("x-note", "***")]
    assert head.query == "a=1"
    assert redactor.begin(list(fields), b"a=1") is head


def test_what_is_remembered_of_one_credential_is_not_taken_for_another() -> None:
    redactor = Redactor(SecretNames())
    for token, other in ((TOKEN, OTHER), (OTHER, TOKEN)):
        head = redactor.begin([(b"authorization", f"Bearer {token}".encode())], b"")
        path = f"/{token}/{other}".encode()
        assert head.redaction.path(path) == f"/***/{other}"
        response = head.redaction.fields(((b"x-note", f"{token} {other}".encode()),))
        assert response == [("x-note", f"*** {other}")]


def test_the_memory_of_what_is_remembered_is_bounded() -> None:
    redactor = Redactor(SecretNames())
    before = sys.getallocatedblocks()
    for n in range(20_000):
        head = redactor.begin([(b"x-request-id", f"id {n}".encode())], f"n={n}".encode())
        assert head.redaction.path(f"/v1/{n}".encode()) == f"/v1/{n}"
        assert head.redaction.text(f"{n} is wrong") == f"{n} is wrong"
    assert sys.getallocatedblocks() - before < 20_000
