"""No secret of a recording is shown in a report."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.traffic import secrets
from mockserver.check.traffic.recording import RecordedMessage
from mockserver.check.traffic.secrets import Secrets
from mockserver.contract import Headers

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
AVAAMO = apis.load(["avaamo"])["avaamo"]


def _message(
    request: dict[str, str] | None = None,
    response: dict[str, str] | None = None,
    sent: bytes | None = b"",
    received: bytes | None = b"",
) -> RecordedMessage:
    headers = (Headers((request or {}).items()), Headers((response or {}).items()))
    return RecordedMessage(*headers, sent, received)


@pytest.mark.parametrize(
    ("query", "message", "values"),
    [
        ("", _message({"Authorization": "Bearer token-of-app"}), {"token-of-app"}),
        ("", _message({"Access-Token": "token of app"}), {"token of app"}),
        ("", _message({"X-Api-Key": "key-of-the-app"}), {"key-of-the-app"}),
        (
            "",
            _message({"X-XSRF-TOKEN": "a%3Db-of-the-app"}),
            {"a%3Db-of-the-app", "a=b-of-the-app"},
        ),
        ("", _message({"Cookie": "id=id-of-the-app; theme=dark"}), {"id-of-the-app"}),
        ("", _message(None, {"Set-Cookie": "id=id-of-the-app; HttpOnly"}), {"id-of-the-app"}),
        ("", _message({"X-Anything": f"a {JWT} b"}), {JWT}),
        ("", _message({"Accept": "application/json", "Author": "somebody else"}), set()),
        ("access_token=token-of-app&page=1", _message(), {"token-of-app"}),
        (f"x={JWT}", _message(), {JWT}),
        ("start_time=1577836800.0&author=anybody-else", _message(), set()),
        (
            "",
            _message(received=b'{"token": "token-of-app", "name": "anybody at all"}'),
            {"token-of-app"},
        ),
        (
            "",
            _message(received=b'{"apiKey": "a\\/b-of-the-app"}'),
            {"a\\/b-of-the-app", "a/b-of-the-app"},
        ),
        ("", _message(sent=b'{"password": "secret \\x of app"}'), {"secret \\x of app"}),
        ("", _message(received=f"<p>{JWT}</p>".encode()), {JWT}),
        (
            "",
            _message(
                {"Content-Type": "application/x-www-form-urlencoded"}, sent=b"pwd=a+secret+word"
            ),
            {"a secret word"},
        ),
        ("", _message(sent=None, received=None), set()),
    ],
)
def test_secrets_are_found_by_their_names(
    query: str, message: RecordedMessage, values: set[str]
) -> None:
    found = Secrets(AVAAMO)
    assert found.add(query, message, is_shown=False)
    assert found.values - {f"Bearer {value}" for value in values} == values


def test_headers_are_secret_by_their_names() -> None:
    found = Secrets(AVAAMO)
    names = (
        "X-CSRF-Token",
        "Proxy-Authorization",
        "Sec-WebSocket-Protocol",
        "X-Amz-Security-Token",
    )
    plain = ("Accept", "Origin", "WWW-Authenticate", "X-Request-Id")
    found.add("", _message(dict.fromkeys((*names, *plain), "x")), is_shown=False)
    assert found.headers == {name.lower() for name in names}


def test_too_many_secrets_are_refused_unless_they_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(secrets, "_MOST", 2)
    found = Secrets(AVAAMO)
    added = [
        found.add(f"token=secret-number-{n}", _message(), is_shown=n == 3) for n in (0, 1, 1, 2, 3)
    ]
    assert added == [True, True, True, False, True]
    assert found.values == {f"secret-number-{n}" for n in (0, 1, 3)}
