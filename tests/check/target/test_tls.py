"""TLS: which certificates are trusted and shown. Those of the tests are made by tls/make.sh."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from mockserver.api import Api
from mockserver.check.context import CheckContext
from mockserver.check.http.connection import Connection, NoResponse
from mockserver.check.phases.generated import run_generated
from mockserver.check.target.target import Target
from mockserver.contract import serialize_request
from mockserver.deployment import Tls
from mockserver.errors import SettingError

FILES = Path(__file__).parent / "tls"
CA, CERTIFICATE, KEY = FILES / "ca.pem", FILES / "client.pem", FILES / "client.key"
KNOWN = Tls(ca=CA)
SHOWN = Tls(ca=CA, certificate=CERTIFICATE, key=KEY)


@pytest.fixture
def encrypted(rogue: Callable[..., str], saying: Callable[..., Any]) -> Callable[..., str]:
    """Starts a server that speaks TLS, and may demand a certificate; its URL."""

    def start(*, demands: bool = False) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(FILES / "server.pem", FILES / "server.key")
        if demands:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(CA)

        def respond(handler: Any) -> None:
            # A client that trusts nobody leaves without a word.
            with suppress(OSError):
                saying()(handler)

        return rogue(respond, context)

    return start


def _status(api: Api, url: str, tls: Tls) -> int:
    outgoing = serialize_request(api.contract.operation("listSessions"), {})
    with closing(Connection(Target("t", url, timeout=5, tls=tls))) as connection:
        return connection.send(api.contract.base, outgoing).status


def test_an_unknown_authority_is_refused(api: Api, encrypted: Callable[..., str]) -> None:
    with pytest.raises(NoResponse, match="CERTIFICATE_VERIFY_FAILED"):
        _status(api, encrypted(), Tls())


@pytest.mark.parametrize("tls", [KNOWN, Tls(verify=False)], ids=["known", "unverified"])
def test_a_known_authority_is_trusted_and_any_without_verification(
    api: Api, encrypted: Callable[..., str], tls: Tls
) -> None:
    assert _status(api, encrypted(), tls) == 200


def test_a_certificate_that_is_demanded_is_shown(api: Api, encrypted: Callable[..., str]) -> None:
    url = encrypted(demands=True)
    assert _status(api, url, SHOWN) == 200
    with pytest.raises(NoResponse):
        _status(api, url, KNOWN)


def test_generated_requests_show_the_certificate_too(
    context: Callable[..., CheckContext], encrypted: Callable[..., str]
) -> None:
    url = encrypted(demands=True)
    good, bad = context(url, tls=SHOWN), context(url, tls=KNOWN)
    run_generated(good)
    with pytest.raises(NoResponse):
        run_generated(bad)
    assert sum(good.results.statuses("listSessions").values()) > 10
    assert bad.results.requests == 0


@pytest.mark.parametrize(
    ("tls", "sentence"),
    [
        (Tls(ca=FILES / "none.pem"), "none.pem' cannot be used: No such file or directory; give"),
        (Tls(ca=KEY), "The authorities for TLS in '"),
        (Tls(certificate=CERTIFICATE), "client.pem' cannot be used: "),
        (Tls(certificate=CERTIFICATE, key=FILES / "server.key"), "server.key' cannot be used: "),
        (Tls(certificate=FILES / "none.pem"), "The certificate for TLS in '"),
    ],
    ids=["no-authority", "key-for-authority", "no-key", "another-key", "no-certificate"],
)
def test_a_file_that_cannot_be_used_is_an_error_with_a_hint(tls: Tls, sentence: str) -> None:
    with pytest.raises(SettingError) as raised:
        tls.context()
    assert sentence in str(raised.value)
    assert str(raised.value).endswith((".", "password."))
