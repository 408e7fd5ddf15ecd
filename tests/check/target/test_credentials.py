"""Credentials are fetched from commands and token endpoints, again when they expire."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import httpx
import pytest

from mockserver.check.http.connection import Connection
from mockserver.check.target.credentials import Issued, OAuthClient, Token, TokenCommand
from mockserver.check.target.target import Target
from mockserver.errors import SettingError

PURPOSE = "the credential of 'calwe' for 'staging'"
Fetch = Callable[..., Issued]


def _run(command: str | tuple[str, ...], folder: Path, timeout: float = 60) -> str:
    target = Target("staging", "http://h", ("calwe",))
    source = TokenCommand(command, folder, timeout)
    with_source = Target(target.name, target.url, target.apis, sources={"calwe": source})
    return with_source.with_secrets().credentials["calwe"]


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_command_prints_the_credential(tmp_path: Path) -> None:
    script = tmp_path / "token.sh"
    script.write_text("#!/bin/sh\necho token-of-script\n")
    script.chmod(0o700)
    assert _run(("./token.sh",), tmp_path) == "token-of-script"
    # A list is run without a shell, a text by one.
    assert _run(("echo", "$HOME;x"), tmp_path) == "$HOME;x"
    assert _run("echo a.b | tr a c", tmp_path) == "c.b"


@pytest.mark.parametrize(
    ("command", "timeout", "message"),
    [
        (
            _python("import sys; print('t0ken-x'); sys.exit('no t0ken-x; password=abc')"),
            60,
            f"The command for {PURPOSE} failed with the exit code 1: no ***; password=***",
        ),
        (
            _python("raise SystemExit(3)"),
            60,
            f"The command for {PURPOSE} failed with the exit code 3: it says nothing on stderr",
        ),
        (
            _python("import time; time.sleep(30)"),
            0.1,
            f"The command for {PURPOSE} took longer than 0.1 seconds; give it a longer 'timeout', "
            "or see what it waits for.",
        ),
        (
            ("true",),
            60,
            f"What the command for {PURPOSE} prints is empty; a credential is one line.",
        ),
        (
            _python("print('s3cret'); print('x')"),
            60,
            f"What the command for {PURPOSE} prints cannot be sent: it has a line break, a space "
            "at an end, or a character that is not ASCII.",
        ),
    ],
)
def test_a_command_that_fails_is_an_error_without_secrets(
    tmp_path: Path, command: tuple[str, ...], timeout: float, message: str
) -> None:
    with pytest.raises(SettingError) as raised:
        _run(command, tmp_path, timeout)
    assert str(raised.value) == message


def test_a_command_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        SettingError,
        match="cannot be run: 'no-such-command': No such file or directory; it is looked",
    ):
        _run(("no-such-command", "read"), tmp_path)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Fetch]]:
    """Fetches a token by OAuth from an endpoint that responds in a certain way."""
    monkeypatch.setenv("CLIENT_SECRET", "s3cret /+")
    monkeypatch.setenv("CLIENT_ID", "id of env")
    send = httpx.Client.send

    def make(respond: Callable[[httpx.Request], httpx.Response], **fields: str) -> Fetch:
        def replace_network(http: httpx.Client, request: httpx.Request, **options: Any) -> object:
            http._transport = httpx.MockTransport(respond)
            return send(http, request, **options)

        monkeypatch.setattr(httpx.Client, "send", replace_network)
        client = OAuthClient("https://id.example/token", "CLIENT_SECRET", **fields)
        target = Target("staging", "http://h", ("calwe",))
        return lambda: client.fetch(PURPOSE, target.tls.context, 5)

    yield make


def test_a_token_is_requested_with_the_credentials_of_the_client(
    endpoint: Callable[..., Fetch],
) -> None:
    sent: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"access_token": "abc", "expires_in": "60"})

    assert endpoint(respond, client_id="a:b", scope="x y")() == Issued("abc", 60)
    assert endpoint(respond, client_id_variable="CLIENT_ID")() == Issued("abc", 60)
    assert sent[0].method == "POST"
    assert str(sent[0].url) == "https://id.example/token"
    assert sent[0].content == b"grant_type=client_credentials&scope=x+y"
    # "a%3Ab:s3cret+%2F%2B", and "id+of+env:s3cret+%2F%2B"
    assert sent[0].headers["authorization"] == "Basic YSUzQWI6czNjcmV0KyUyRiUyQg=="
    assert sent[1].content == b"grant_type=client_credentials"
    assert sent[1].headers["authorization"] == "Basic aWQrb2YrZW52OnMzY3JldCslMkYlMkI="


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (
            httpx.Response(401, json={"error": "invalid_client", "error_description": "s3cret /+"}),
            " refuses the client with 401: invalid_client: ***",
        ),
        (httpx.Response(503, text="<p>"), " refuses the client with 503: Service Unavailable"),
        (
            httpx.Response(200, text="[1]"),
            " responds without an 'access_token'; is its URL right?",
        ),
        (httpx.Response(200, json={"access_token": 1}), " responds without an 'access_token'; is"),
        (httpx.Response(302, headers={"location": "/x"}), " refuses the client with 302: Found"),
    ],
)
def test_an_endpoint_that_refuses_is_an_error_without_secrets(
    endpoint: Callable[..., Fetch], response: httpx.Response, message: str
) -> None:
    with pytest.raises(SettingError) as raised:
        endpoint(lambda _: response, client_id="check")()
    beginning = f"The token endpoint 'https://id.example/token' for {PURPOSE}"
    assert str(raised.value).startswith(beginning + message)


def test_an_endpoint_without_a_response_is_an_error(endpoint: Callable[..., Fetch]) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("all down")

    with pytest.raises(SettingError, match="gives no response: all down"):
        endpoint(fail, client_id="check")()


def _counted(expires_in: float | None = None) -> tuple[Token, list[str]]:
    """A token, and all values that it has had."""
    values: list[str] = []

    def fetch() -> Issued:
        values.append(f"token-number-{len(values) + 1}")
        return Issued(values[-1], expires_in)

    return Token(fetch), values


@pytest.mark.parametrize(("expires_in", "count"), [(None, 1), (3600, 1), (0, 4)])
def test_a_token_is_fetched_again_before_it_expires(expires_in: float | None, count: int) -> None:
    token, values = _counted(expires_in)
    assert [token.get() for _ in range(3)][-1] == f"token-number-{count}"
    assert len(values) == count
    assert token.first == "token-number-1"


def test_threads_whose_token_is_refused_fetch_one_other() -> None:
    token, values = _counted()
    token.accept("authorization")
    barrier, outcomes = Barrier(8), list[bool]()

    def be_refused() -> None:
        used = token.get()
        barrier.wait()
        outcomes.append(token.replace(used, "authorization"))

    threads = [Thread(target=be_refused) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 8
    assert values == ["token-number-1", "token-number-2"]


def _connect(accepts: Callable[[str], bool]) -> tuple[Connection, Token, list[str]]:
    """A connection with a token to a deployment that accepts some values of a header."""
    token, _ = _counted()
    seen: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization", request.url.query.decode()))
        return httpx.Response(200 if accepts(seen[-1]) else 401, stream=httpx.ByteStream(b""))

    target = Target(
        "staging", "http://h", tokens={"calwe": token}, transport=httpx.MockTransport(respond)
    )
    return Connection(target), token, seen


def test_a_request_is_sent_again_with_another_token_where_one_is_refused_that_was_accepted() -> (
    None
):
    alive = ["Bearer token-number-1"]
    connection, _, seen = _connect(lambda value: value in alive)
    fields = [("authorization", "Bearer token-number-1")]
    assert connection.exchange("GET", "http://h/", fields, b"").status == 200
    alive[:] = ["Bearer token-number-2"]
    assert connection.exchange("GET", "http://h/", fields, b"").status == 200
    assert connection.exchange("GET", "http://h/", fields, b"").status == 200
    alive[:] = []
    assert connection.exchange("GET", "http://h/", fields, b"").status == 401
    assert connection.exchange("GET", "http://h/", fields, b"").status == 401
    numbers = [value[-1] for value in seen]
    assert numbers == ["1", "1", "2", "2", "2", "3", "3"]


def test_a_token_that_was_never_accepted_in_a_field_is_not_fetched_again() -> None:
    connection, token, seen = _connect(lambda value: value.startswith("Bearer"))
    for scheme in ("Bearer", "Basic", "Bearer"):
        fields = [("authorization", f"{scheme} token-number-1")]
        connection.exchange("GET", "http://h/", fields, b"")
    connection.exchange("GET", "http://h/", [("authorization", "Bearer invalid")], b"")
    assert token.values == ["token-number-1"]
    assert len(seen) == 4


def test_a_token_in_a_query_is_replaced_too() -> None:
    alive = ["key=token-number-1"]
    connection, _, seen = _connect(lambda value: value in alive)
    assert connection.exchange("GET", "http://h/?key=token-number-1", [], b"").status == 200
    alive[:] = ["key=token-number-2"]
    assert connection.exchange("GET", "http://h/?key=token-number-1", [], b"").status == 200
    assert seen == ["key=token-number-1", "key=token-number-1", "key=token-number-2"]


def test_all_tokens_are_redacted_and_the_secret_of_the_client_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CLIENT_SECRET", "s3cret-of-client")
    token, _ = _counted(0)
    client = OAuthClient("https://id", "CLIENT_SECRET", "check")
    target = Target("t", "http://h", tokens={"calwe": token}, sources={"calwe": client})
    token.get()
    said = "token-number-1, token-number-2, s3cret-of-client"
    assert target.mask.text(said) == "***, ***, ***"
