"""HTTPS: the certificate that is made and kept, one of the user's own, and what is the same."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from cryptography import x509
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.cli import main
from mockserver.client import Client
from mockserver.clock import machine_now
from mockserver.errors import ClientError, SettingError, UnreachableError
from mockserver.server import certificates, http1
from mockserver.server.certificates import Certificate, find_certificate
from mockserver.server.http1 import Http1Protocol
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
GIVEN = Path(__file__).parents[1] / "check" / "target" / "tls"
DAY = 86_400 * 1_000_000


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which certificates are kept, which does not exist yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "mockserver" / "https"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL of a server with a certificate that was made, and the file to trust."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        with run_in_thread(Settings(port=0, scenario="documented", https=True)) as url:
            yield url, folder / "mockserver" / "https" / "localhost" / "ca.pem"


def make(**settings: Any) -> Certificate:
    certificate = find_certificate(Settings(https=True, **settings))
    assert certificate and certificate.authority
    return certificate


def trust(authority: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as newer Pythons do
    return context


def connect(url: str, context: ssl.SSLContext, name: str = "127.0.0.1") -> ssl.SSLSocket:
    place = httpx.URL(url)
    connection = socket.create_connection((place.host, place.port or 0), timeout=60)
    return context.wrap_socket(connection, server_hostname=name)


# The certificate that is made


def test_a_server_without_https_has_no_certificate(state: Path) -> None:
    assert find_certificate(Settings()) is None
    assert not state.exists()


def test_a_certificate_is_kept_for_the_next_start(state: Path) -> None:
    first = make()
    before = [path.read_bytes() for path in (first.file, first.authority or first.file)]

    assert make() == first
    assert [path.read_bytes() for path in (first.file, first.authority or first.file)] == before
    assert first.authority == state / "localhost" / "ca.pem"
    assert [path.name for path in state.iterdir()] == ["localhost"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX has modes")
def test_nobody_else_reads_the_key(state: Path) -> None:
    certificate = make()

    assert certificate.file.stat().st_mode & 0o777 == 0o600
    assert (state / "localhost").stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE KEY" in certificate.file.read_bytes()
    assert certificate.authority and b"PRIVATE" not in certificate.authority.read_bytes()


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    ("host", "folder", "more"),
    [
        ("127.0.0.1", "localhost", []),
        ("LOCALHOST", "localhost", []),
        ("[::1]", "localhost", []),
        ("0.0.0.0", "localhost", []),
        ("::", "localhost", []),
        ("Mock.Internal", "mock.internal", ["mock.internal"]),
        ("10.0.0.5", "10.0.0.5", ["10.0.0.5"]),
        ("[2001:DB8::1]", "2001-db8--1", ["2001:db8::1"]),
        ("مثال.test", "----.test", ["xn--mgbh0fb.test"]),
    ],
)
def test_a_certificate_is_for_this_machine_and_for_the_host(
    host: str, folder: str, more: list[str]
) -> None:
    certificate = make(host=host)
    parsed = x509.load_pem_x509_certificate(certificate.file.read_bytes())
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert [str(name.value) for name in names] == ["localhost", "127.0.0.1", "::1", *more]
    assert certificate.file.parent.name == folder
    kept = certificate.file.read_bytes()
    assert make(host=host).file.read_bytes() == kept


@pytest.mark.usefixtures("state")
def test_a_certificate_lasts_for_as_long_as_clients_accept_and_is_renewed_before_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate = make()
    kept = certificate.file.read_bytes()
    parsed = x509.load_pem_x509_certificate(kept)
    assert (parsed.not_valid_after_utc - parsed.not_valid_before_utc).days == 801

    for days, is_kept in ((769, True), (771, False)):
        later = machine_now() + days * DAY
        monkeypatch.setattr(certificates, "machine_now", lambda later=later: later)
        assert (make().file.read_bytes() == kept) is is_kept
        monkeypatch.undo()
        monkeypatch.setenv("XDG_STATE_HOME", str(certificate.file.parents[3]))


def damage(name: str) -> Callable[[Path], object]:
    return {
        "no key": lambda folder: (folder / "server.pem").write_bytes(
            (folder / "server.pem").read_bytes().split(b"-----BEGIN CERTIFICATE")[0]
        ),
        "no certificate": lambda folder: (folder / "server.pem").unlink(),
        "no authority": lambda folder: (folder / "ca.pem").unlink(),
        "another authority": lambda folder: shutil.copy(GIVEN / "ca.pem", folder / "ca.pem"),
        "another certificate": lambda folder: shutil.copy(
            GIVEN / "server.pem", folder / "server.pem"
        ),
        "no PEM": lambda folder: (folder / "server.pem").write_bytes(b"\xff"),
        "empty": lambda folder: (folder / "ca.pem").write_bytes(b""),
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        *("no key", "no certificate", "no authority", "another authority"),
        *("another certificate", "no PEM", "empty"),
    ],
)
def test_what_is_damaged_is_made_again(state: Path, name: str) -> None:
    make()
    damage(name)(state / "localhost")
    certificate = make()

    assert certificate.authority
    trust(certificate.authority)
    assert sorted(path.name for path in (state / "localhost").iterdir()) == ["ca.pem", "server.pem"]
    kept = certificate.file.read_bytes()
    assert make().file.read_bytes() == kept


def test_servers_that_start_together_agree_on_one_certificate(state: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda _: make(), range(8))]

    kept = found[0].file.read_bytes()
    assert make().file.read_bytes() == kept
    assert [path.name for path in state.iterdir()] == ["localhost"]


def test_a_folder_that_cannot_be_used_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(SettingError) as caught:
        make()

    folder = tmp_path / "file" / "mockserver" / "https" / "localhost"
    assert str(caught.value) == (
        f"--https: the certificate cannot be kept in '{folder}': Not a directory. Let "
        "XDG_STATE_HOME name a folder that can be written to, or give a certificate of your own "
        "with --https-cert and --https-key."
    )


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("package", ["trustme", "cryptography"])
def test_a_package_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SettingError) as caught:
        make()

    assert "pip install 'mockserver-kit[https]' installs it" in str(caught.value)
    assert package in str(caught.value)


def test_a_relative_state_folder_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert make().file.is_relative_to(tmp_path / ".local" / "state" / "mockserver" / "https")


# A certificate of the user's own


def test_a_certificate_of_ones_own_is_used(state: Path) -> None:
    settings = Settings(
        port=0, only=("ekran",), https_cert=GIVEN / "server.pem", https_key=GIVEN / "server.key"
    )
    with run_in_thread(settings) as url:
        assert url.startswith("https://127.0.0.1:")
        health = httpx.get(f"{url}/__mock__/health", verify=trust(GIVEN / "ca.pem"))
        assert health.status_code == 200
    assert not state.exists()


def test_its_key_may_be_in_the_same_file(tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes((GIVEN / "server.key").read_bytes() + (GIVEN / "server.pem").read_bytes())

    assert find_certificate(Settings(https_cert=both)) == Certificate(both)


@pytest.mark.parametrize(
    ("cert", "key", "reason"),
    [
        ("no-such.pem", None, "No such file or directory"),
        (GIVEN / "server.pem", None, "PEM"),
        (GIVEN / "server.pem", GIVEN / "client.key", "(?i)mismatch"),
        (GIVEN / "server.key", GIVEN / "server.pem", "PEM"),
        (GIVEN / "make.sh", None, "PEM"),
    ],
)
def test_files_that_cannot_be_used_are_an_error(cert: Any, key: Any, reason: str) -> None:
    with pytest.raises(SettingError, match=reason) as caught:
        find_certificate(Settings(https_cert=Path(cert), https_key=key))

    files = f"'{cert}' and '{key}'" if key else f"'{cert}'"
    assert str(caught.value).startswith(f"--https-cert: the certificate in {files} cannot be used:")
    assert str(caught.value).endswith(
        "; give a certificate and its private key as PEM files, the key without a password."
    )


def test_a_locked_key_is_an_error_and_no_prompt(tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    command = ["openssl", "ec", "-aes256", "-passout", "pass:secret", "-out", locked]
    subprocess.run([*command, "-in", GIVEN / "server.key"], check=True, capture_output=True)

    with pytest.raises(SettingError, match="its key is locked by a password"):
        find_certificate(Settings(https_cert=GIVEN / "server.pem", https_key=locked))


def test_a_key_without_a_certificate_is_an_error() -> None:
    with pytest.raises(SettingError) as caught:
        find_certificate(Settings(https=True, https_key=GIVEN / "server.key"))

    assert str(caught.value) == (
        "--https-key: the key has no certificate; give it with --https-cert."
    )


# On the socket


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_authority_knows_the_server_by_each_name(
    made: tuple[str, Path], name: str
) -> None:
    url, authority = made
    with connect(url, trust(authority), name) as connection:
        connection.sendall(b"GET /__mock__/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK\r\n")
    with pytest.raises(ssl.SSLCertVerificationError), connect(url, trust(authority), "other"):
        pass
    with pytest.raises(ssl.SSLCertVerificationError), connect(url, trust(GIVEN / "ca.pem"), name):
        pass


def test_links_say_https(made: tuple[str, Path]) -> None:
    url, authority = made
    page = httpx.get(url + LOG, headers=BEARER, verify=trust(authority)).json()["data"]

    assert page["path"] == url + LOG
    assert httpx.URL(url).scheme == "https"


def test_the_refusal_of_a_body_that_is_too_large_can_be_read(made: tuple[str, Path]) -> None:
    url, authority = made
    place = httpx.URL(url)
    connection = http.client.HTTPSConnection(
        place.host, place.port, timeout=60, context=trust(authority)
    )
    with closing(connection):
        connection.request("POST", LOG, b"a" * 1_500_000, BEARER)
        assert connection.getresponse().status == 413


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux has it")
def test_a_client_that_does_not_read_is_disconnected(
    made: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http1, "HEAD_SECONDS", 0.05)
    monkeypatch.setattr(http1, "SEND_SECONDS", 0.05)
    lost = threading.Event()
    lose = Http1Protocol.connection_lost
    monkeypatch.setattr(
        Http1Protocol, "connection_lost", lambda self, error: (lose(self, error), lost.set())
    )

    async def respond(_: Request) -> Response:
        return Response(b"a" * 50_000_000)

    monkeypatch.setenv("XDG_STATE_HOME", str(made[1].parents[3]))
    app = Starlette(routes=[Route("/{path:path}", respond)])
    with (
        run_in_thread(Settings(port=0, https=True), app) as url,
        connect(url, trust(made[1])) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert lost.wait(60)


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"\x00" * 500]
)
def test_a_client_that_does_not_speak_tls_stops_nobody(made: tuple[str, Path], sent: bytes) -> None:
    url, authority = made
    place = httpx.URL(url)
    strangers = [
        socket.create_connection((place.host, place.port or 0), timeout=60) for _ in range(20)
    ]
    for stranger in strangers:
        stranger.sendall(sent)
    with httpx.Client(verify=trust(authority)) as client:
        for _ in range(3):
            assert client.get(f"{url}/__mock__/health").status_code == 200
    for stranger in strangers:
        stranger.close()


# Clients


def test_the_client_trusts_a_file(
    made: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url, authority = made
    with Client(url, ca_file=authority) as client:
        assert client.clock.read().mode == "frozen"
    with Client(url) as client:
        with pytest.raises(UnreachableError) as untrusted:
            client.get_info()
        assert str(untrusted.value) == (
            f"The certificate of {url} is not trusted: unable to get local issuer certificate. "
            "Name the file with the certificate that signed it: by --ca-file, ca_file or "
            "SSL_CERT_FILE."
        )
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with Client(url) as client:
        assert client.clock.read().mode == "frozen"
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with Client(url) as client, pytest.raises(ClientError, match="SSL_CERT_FILE names cannot be"):
        client.get_info()
    with Client(url, ca_file=tmp_path / "none.pem") as client:
        with pytest.raises(ClientError) as missing:
            client.get_info()
        assert str(missing.value) == (
            f"The certificates in '{tmp_path / 'none.pem'}' cannot be used: No such file or "
            "directory; give them in PEM."
        )


def test_the_client_says_which_scheme_is_the_other_one(
    made: tuple[str, Path], documented_server: str
) -> None:
    with Client(made[0].replace("https", "http")) as client, pytest.raises(UnreachableError) as it:
        client.get_info()
    assert "; if it speaks HTTPS, its URL begins with https." in str(it.value)
    client = Client(documented_server.replace("http", "https"))
    with client, pytest.raises(UnreachableError) as it:
        client.get_info()
    assert "it does not speak HTTPS as this client does (" in str(it.value)
    assert "; if it speaks HTTP, its URL begins with http." in str(it.value)


def test_commands_trust_a_file(made: tuple[str, Path], tmp_path: Path) -> None:
    url, authority = made

    def run(*words: str, **variables: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, [*words], env={"MOCKSERVER_URL": url, **variables})
        return done.exit_code, done.output

    frozen = (0, "2025-08-21T14:30:00Z, frozen\n")
    assert run("clock", "--ca-file", str(authority)) == frozen
    assert run("clock", MOCKSERVER_CA_FILE=str(authority)) == frozen
    assert run("clock", SSL_CERT_FILE=str(authority)) == frozen
    code, output = run("clock")
    assert (code, output.partition(":")[0]) == (2, "mockserver")
    assert "is not trusted" in output
    targets = tmp_path / "targets.yaml"
    targets.write_text(f"targets:\n  here:\n    url: {url}\n    tls: {{ca: {authority}}}\n")
    arguments = ("--api", "calwe", "--phase", "workflows", "--plain", "--targets", str(targets))
    code, output = run("check", "here", *arguments)
    assert (code, "calwe: pass" in output) == (0, True), output
    code, output = run("check", url, *arguments[:-2], SSL_CERT_FILE=str(authority))
    assert (code, "calwe: pass" in output) == (0, True), output
    code, output = run("check", url, *arguments[:-2], SSL_CERT_FILE=str(tmp_path / "none.pem"))
    assert code == 2
    assert "The authorities for TLS in the file that SSL_CERT_FILE names cannot be used" in output


def test_several_workers_speak_https(spawn: Callable[..., Any], tmp_path: Path) -> None:
    server = spawn(
        *("--scenario", "documented", "--https", "--workers", "2", "--base-path", "/mock"),
        XDG_STATE_HOME=str(tmp_path),
    )
    url = str(server.client.base_url).rstrip("/")
    authority = tmp_path / "mockserver" / "https" / "localhost" / "ca.pem"
    lines = server.announcement.splitlines()
    assert url.startswith("https://127.0.0.1:")
    assert url.endswith("/mock")
    assert f"  calwe    {url}/__mock__/docs/calwe" in lines
    assert f"Clients must trust '{authority}', for example by SSL_CERT_FILE." in lines
    context = trust(authority)
    for _ in range(10):  # each with a connection of its own, so some to either process
        page = httpx.get(url + LOG, headers=BEARER, verify=context).json()["data"]
        assert page["path"] == url + LOG
    assert server.stop(signal.SIGTERM) == (0, "", "Stopped.\n")
