"""No secret is shown."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.contract import Contract, Exchange, Headers, Request, Response
from mockserver.redaction import FoundSecrets, Mask, SecretNames, format_word, list_secret_headers

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
AVAAMO = apis.load(["avaamo"])["avaamo"]
FORM = "application/x-www-form-urlencoded"
LOGIN = """
openapi: 3.0.3
info: {title: Login, version: "1"}
paths:
  /login:
    get:
      parameters:
        - {name: session_token, in: query, schema: {type: string}}
      security: [{key: []}]
      responses:
        "200":
          description: Logged in
          headers:
            x-token-count: {schema: {type: integer}}
          content:
            application/json:
              schema:
                type: object
                properties:
                  session_id: {type: integer}
                  time_token: {type: number}
                  pin: {type: string, format: password}
                  password: {type: string, writeOnly: true}
components:
  securitySchemes:
    key: {type: apiKey, in: query, name: key}
"""
MASK = Mask(["top-secret", "top", "x", "top-secret-longer"])


def test_a_secret_is_masked_everywhere_the_longest_first() -> None:
    assert MASK.text("a top-secret-longer b top-secret c") == "a *** b *** c"


@pytest.mark.parametrize(
    "text",
    [
        'a="b/c d+é"',
        "?q=a%3D%22b%2Fc%20d%2B%C3%A9%22&x",
        "?q=a%3D%22b/c%20d%2B%C3%A9%22",
        "?q=a%3D%22b%2Fc+d%2B%C3%A9%22",
        "/a=%22b/c%20d+%C3%A9%22/x",
        '{"k": "a=\\"b/c d+é\\""}',
        '{"k": "a=\\"b\\/c d\\u002Bé\\""}',
        "?q=a%3d%22b%2fc%20d%2b%c3%a9%22",
        "<b>a=&quot;b/c d+é&quot;</b>",
        "<b>a=&#34;b/c d+&#xe9;&#34;</b>",
        '{"k": "a=\\"b/c d+\\u00e9\\""}',
    ],
)
def test_a_secret_is_masked_in_every_encoding(text: str) -> None:
    shown = Mask(['a="b/c d+é"']).text(text)
    assert "***" in shown
    assert "b/c" not in shown and "b%2Fc" not in shown


def test_a_short_secret_is_masked_in_headers_only() -> None:
    assert MASK.text("the top of x") == "the top of x"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer x", "Bearer ***"),
        ("authorization", "Basic dXNlcg==", "Basic ***"),
        ("Authorization", "x", "***"),
        ("Authorization", "Odd one", "***"),
        ("access-token", "x", "***"),
        ("ApiKey", "a b", "***"),
        ("Cookie", "a=1; b=2", "a=***; b=***"),
        ("Set-Cookie", "a=1; Path=/; HttpOnly", "a=***; Path=/; HttpOnly"),
        ("Authorization", "Bearer invalid", "Bearer invalid"),
        ("X-CSRF-Token", "x", "***"),
        ("XSRF-TOKEN", "x", "***"),
        ("X-Auth-Token", "x", "***"),
        ("X-Session-Id", "x", "***"),
        ("Sec-WebSocket-Protocol", "token.x", "***"),
        ("X-Amz-Security-Token", "x", "***"),
        (
            "Referer",
            "http://a:b@h/p?access_token=x&q=1#id",
            "http://***@h/p?access_token=***&q=1#id",
        ),
        ("WWW-Authenticate", 'Bearer realm="x"', 'Bearer realm="x"'),
        ("Access-Control-Allow-Credentials", "true", "true"),
        ("X-Author", "x", "x"),
        ("Accept", "text/top-secret", "text/***"),
        ("Accept", "text/html", "text/html"),
    ],
)
def test_the_value_of_a_credential_header_is_masked(name: str, value: str, shown: str) -> None:
    mask = Mask(["top-secret"], list_secret_headers(api.contract for api in apis.load().values()))
    assert mask.header(name, value) == shown


def test_without_secrets_nothing_is_masked() -> None:
    assert Mask([""]).text("text") == "text"


def test_a_header_that_is_declared_secret_is_masked() -> None:
    mask = Mask(["x"], ["X-Gateway-Key"])
    assert mask.header("x-gateway-key", "x") == "***"
    assert mask.header("Authorization", "Bearer y") == "Bearer ***"
    assert mask.header("X-Other", "x") == "x"


def test_a_secret_in_base64_is_masked() -> None:
    text = "x QWxhZGRpbjpvcGVuIHNlc2FtZQ== y"
    assert Mask(["Aladdin:open sesame"]).text(text) == "x *** y"
    # The password alone is known, or the whole as `Basic` writes it.
    assert "c2VzYW1l" not in Mask(["open sesame"]).text(text)
    assert Mask(["QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]).text("open sesame") == "***"


@pytest.mark.parametrize("token", ["wrong", "test", "1", "staging"])
def test_a_secret_that_is_a_word_is_masked_where_it_stands_as_a_credential(token: str) -> None:
    mask = Mask([token])
    prose = f"the {token} bearer token is {token}; test 1 of staging was wrong"
    assert mask.text(prose) == prose
    assert mask.header("Authorization", f"Bearer {token}") == "Bearer ***"
    assert mask.text(f"sent Bearer {token} there") == "sent Bearer *** there"
    assert mask.query(f"token={token}&page={token}") == f"token=***&page={token}"
    assert mask.body(f'{{"token": "{token}", "a": "{token}"}}') == (
        f'{{"token": "***", "a": "{token}"}}'
    )


def test_a_long_word_that_is_the_credential_is_masked_everywhere() -> None:
    assert Mask(["letmeinplease"]).text("letmeinplease opens it, and Letmeinplease") == (
        "*** opens it, and ***"
    )
    assert Mask(found=["letmeinplease"]).text("it is letmeinplease") == "it is ***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"a {JWT} b", "a *** b"),
        (f"Bearer%20{JWT}", "Bearer%20***"),
        (
            "got Bearer abc.123-x, Basic YTpi, bearer token",
            "got Bearer ***, Basic ***, bearer token",
        ),
        ("GET http://h/p?access_token=a%20b&page=1 got no response", None),
        ('/response/body/token: "s3cret" is not of type "integer"', None),
        ("password='a b'", "password='a b'"),
        ("postgres://me:pass@h/x", "postgres://***@h/x"),
        ('<meta name="csrf-token" content="abc">', '<meta name="csrf-token" content="***">'),
        ('<input name="_token" type="hidden" value="abc">', None),
        ("https://h/?page=1&per_page=2", "https://h/?page=1&per_page=2"),
        (
            "the token expires, and the session is over",
            "the token expires, and the session is over",
        ),
        ('{"url": "http:\\/\\/h?api_key=a\\/b"}', '{"url": "http:\\/\\/h?api_key=***"}'),
    ],
)
def test_secrets_are_found_by_name_and_form_in_texts(text: str, shown: str | None) -> None:
    redacted = Mask().text(text)
    if shown is None:
        assert "***" in redacted
        assert not any(part in redacted for part in ("a%20b", "s3cret", '"abc"'))
    else:
        assert redacted == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{ "token":"a\\"b", "n": 1.0 }', '{ "token":"***", "n": 1.0 }'),
        (
            '{"a": [{"API-Key": "x"}, {"apiKey": 17}]}',
            '{"a": [{"API-Key": "***"}, {"apiKey": "***"}]}',
        ),
        (
            '{"tokens": ["x", {"value": "y"}], "z": "y"}',
            '{"tokens": ["***", {"value": "***"}], "z": "y"}',
        ),
        ('{"password": null, "authorized": true}', '{"password": null, "authorized": true}'),
        (
            '{"token_type": "bearer", "tokenExpiresIn": 60}',
            '{"token_type": "bearer", "tokenExpiresIn": 60}',
        ),
        ('{"message": "{\\"secret\\": \\"x\\"}"}', '{"message": "{\\"secret\\": \\"***\\"}"}'),
        ('{"a": 1, "client_secret": "cut of', '{"a": 1, "client_secret": "***'),
        ('[{"\\u0074oken": "x"}]', '[{"\\u0074oken": "***"}]'),
        ('{"author": "x", "تم": "x"}', '{"author": "x", "تم": "x"}'),
    ],
)
def test_json_is_redacted_by_names_at_any_depth_and_stays_as_it_is(body: str, shown: str) -> None:
    assert Mask().body(body, "application/json") == shown


@pytest.mark.parametrize(
    "text", ["eyJ", "token:'", 'token:\\"', "[token", "bearer ", "://", "token;", '{"token":', "[["]
)
def test_a_long_text_takes_no_long_time(text: str) -> None:
    """With a pattern that begins again at each place, this would not come to an end."""
    whole = 50_000 * text
    assert Mask(["top-secret"]).text(f"{whole} top-secret").endswith("***")
    assert "top-secret" not in Mask(["top-secret"]).body(
        f'{{"a": {whole + 100_000 * "]"} top-secret'
    )


def test_forms_are_redacted_by_names() -> None:
    assert Mask().body("user=a&pwd=a+b&x=1", FORM) == "user=a&pwd=***&x=1"
    assert Mask().query("user[password]=a%26b&x=%2F&token") == "user[password]=***&x=%2F&token"
    part = 'Content-Disposition: form-data; name="password"\r\n\r\nabc def\r\n--x'
    assert Mask().body(part, "multipart/form-data").endswith("\r\n\r\n***\r\n--x")


def test_what_a_contract_declares_is_data_unless_it_says_otherwise() -> None:
    names = SecretNames.of(Contract.parse(LOGIN))
    is_secret = {
        (place, name): names.is_secret(place, name)
        for place, name in (
            *(("body", "session_id"), ("body", "time_token"), ("query", "session_token")),
            *(("header", "X-Token-Count"), ("body", "pin"), ("body", "password")),
            *(("query", "key"), ("body", "key"), ("header", "session_id"), ("body", "token")),
        )
    }
    assert [key for key, value in is_secret.items() if value] == [
        *(("body", "pin"), ("body", "password"), ("query", "key")),
        *(("header", "session_id"), ("body", "token")),
    ]


def test_secrets_that_exchanges_have_are_redacted_elsewhere_too() -> None:
    found = FoundSecrets(AVAAMO.contract)
    fields = [("X-XSRF-TOKEN", "a%3Db-of-the-app"), ("Cookie", "id=id-of-the-app; theme=dark")]
    body = (
        b'{"password": "pass \\u00e9 word", "time_token": "1699347493.7744", '
        b'"csrf": "2025-08-21 12:00"}'
    )
    found.add(
        Exchange(
            Request("GET", "/", "token=token-of-app", Headers(fields)),
            Response(200, Headers([("Content-Type", "application/json")]), body),
        )
    )
    assert found.values == {
        *("a%3Db-of-the-app", "a=b-of-the-app", "id-of-the-app", "token-of-app"),
        "pass é word",
    }
    mask = Mask().extended(found)
    said = "got a=b-of-the-app, token%2Dof%2Dapp, pass \\u00e9 word, dark"
    assert mask.text(said) == "got ***, ***, ***, dark"


def test_a_word_of_a_shell_names_the_variables_of_secrets() -> None:
    mask = Mask(
        ["a b+c", "wrong"], variables={"a b+c": "STAGING_TOKEN", "wrong": "WRONG"}
    ).for_shell
    assert [
        format_word(word)
        for word in (
            "authorization: " + mask.header("Authorization", "Bearer a b+c"),
            "x-token: " + mask.header("X-Token", "wrong"),
            mask.text("it's a b+c!"),
            "http://h/?" + mask.query("token=a+b%2Bc&key=wrong&session=wrong"),
            mask.text("a b+c_x"),
            mask.text("it's"),
            "x: " + mask.header("X-Token", "other"),
        )
    ] == [
        '"authorization: Bearer $STAGING_TOKEN"',
        '"x-token: $WRONG"',
        """'it'"'"'s '"$STAGING_TOKEN"'!'""",
        '"http://h/?token=***&key=wrong&session=$WRONG"',
        '"${STAGING_TOKEN}_x"',
        """'it'"'"'s'""",
        "'x: ***'",
    ]


def test_half_of_a_surrogate_pair_stays_escaped() -> None:
    half, secret = "\\ud800", "Zq8-secret-token-41"
    mask = Mask([secret])
    assert mask.body(f'{{"a": "{half} {secret}"}}') == f'{{"a": "{half} ***"}}'
    assert mask.header("X-A", f'{{"token": "{half}"}}') == '{"token": "***"}'
    assert Mask(["\ud800-secret-token"]).text("text") == "text"


def test_a_look_finds_what_a_body_has() -> None:
    mask = Mask(["Zq8-رمز-41"])
    for text, may_have in (
        ('{"a": "b"}', False),
        ('{"a": "Zq8-رمز-41"}', True),
        ('{"a": "BEARER x"}', True),
        ('{"a": "الجلسة"}', False),
        ('{"a": "https://me:word@host/"}', True),
        ('{"a": "https://host/"}', False),
    ):
        assert mask.may_have_secret(text.encode()) == may_have, text
