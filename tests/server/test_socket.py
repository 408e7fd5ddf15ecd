"""The socket: had at once, or refused in a sentence that says what to do."""

from __future__ import annotations

import errno
import socket

import pytest

from mockserver.errors import SettingError
from mockserver.server.socket import describe_reach, listen, make_url
from mockserver.settings import Settings


def test_port_0_picks_a_free_one() -> None:
    with listen(Settings(port=0)) as (one,), listen(Settings(port=0)) as (two,):
        ports = {one.getsockname()[1], two.getsockname()[1]}

    assert len(ports) == 2
    assert 0 not in ports


def test_it_listens_at_once_and_only_on_its_address() -> None:
    with listen(Settings(port=0)) as (listener,):
        assert listener.getsockname()[0] == "127.0.0.1"
        socket.create_connection(listener.getsockname(), timeout=5).close()


def test_a_port_that_was_just_let_go_can_be_had_again() -> None:
    with listen(Settings(port=0)) as (listener,):
        port = listener.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        accepted, _ = listener.accept()
        accepted.close()  # the server's side closes first, which is what keeps a port busy
    client.close()

    with listen(Settings(port=port)) as (again,):
        assert again.getsockname()[1] == port


def test_a_taken_port_is_refused_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingError) as caught, listen(Settings(port=port)):
            pass

    assert str(caught.value) == (
        f"Port {port} on 127.0.0.1 is taken. Choose another with --port, or 0 for a free one."
    )


def test_two_servers_cannot_share_a_port() -> None:
    with listen(Settings(port=0)) as (one,):
        port = one.getsockname()[1]
        with pytest.raises(SettingError, match="is taken"), listen(Settings(port=port)):
            pass


@pytest.mark.parametrize("host", ["nowhere.invalid", "999.1.1.1", "a b"])
def test_a_host_that_is_none_is_refused_by_name(host: str) -> None:
    refused = pytest.raises(SettingError, match=f"'{host}' is no address to listen on")
    with refused, listen(Settings(host=host, port=0)):
        pass


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(SettingError) as caught, listen(Settings(host="203.0.113.5", port=0)):
        pass
    assert str(caught.value) == (
        "'203.0.113.5' is no address of this machine; give one that is, such as 127.0.0.1."
    )


def test_a_port_for_the_mighty_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever runs the tests may be allowed to have it, so the machine's refusal is made up.
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "listen", refuse)
    with pytest.raises(SettingError) as caught, listen(Settings(port=0)):
        pass

    assert str(caught.value) == (
        "Port 0 is not allowed for this user. Choose one above 1023 with --port."
    )


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")],
)
def test_the_url_can_be_clicked(host: str, shown: str) -> None:
    with listen(Settings(host=host, port=0)) as (listener, *_):
        assert make_url(listener, Settings()) == f"http://{shown}:{listener.getsockname()[1]}"


@pytest.fixture
def _ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")


@pytest.mark.usefixtures("_ipv6")
@pytest.mark.parametrize("host", ["::1", "::", "[::1]"])
def test_an_ipv6_address_stands_in_brackets(host: str) -> None:
    with listen(Settings(host=host, port=0)) as (listener,):
        assert make_url(listener, Settings()) == f"http://[::1]:{listener.getsockname()[1]}"
        port = listener.getsockname()[1]
        socket.create_connection(("::1", port), timeout=5).close()


@pytest.mark.parametrize("host", ["ab..cd", "a" * 64 + ".test"])
def test_an_invalid_host_name_is_refused_in_a_sentence(host: str) -> None:
    refused = pytest.raises(SettingError, match="is no address to listen on")
    with refused, listen(Settings(host=host, port=0)):
        pass


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name be that of these addresses."""
    families = [socket.AF_INET6 if ":" in it else socket.AF_INET for it in addresses]
    found = [(family, 0, 0, "", (it, 0)) for family, it in zip(families, addresses, strict=True)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@pytest.mark.usefixtures("_ipv6")
def test_localhost_listens_on_both_of_its_addresses_with_one_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, "::1", "127.0.0.1")
    with listen(Settings(host="localhost", port=0)) as listeners:
        names = [listener.getsockname()[:2] for listener in listeners]
        port = names[0][1]
        assert names == [("127.0.0.1", port), ("::1", port)]
        assert make_url(listeners[0], Settings()) == f"http://127.0.0.1:{port}"


def test_an_address_of_a_name_that_this_machine_does_not_have_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, "2001:db8::1", "127.0.0.1")
    with listen(Settings(host="localhost", port=0)) as listeners:
        assert [listener.getsockname()[0] for listener in listeners] == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        ("127.0.0.1", ""),
        ("127.0.0.2", ""),
        ("localhost", ""),
        ("0.0.0.0", "every address of this machine (0.0.0.0:{port})"),
    ],
)
def test_it_is_known_whether_other_machines_reach_it(host: str, reach: str) -> None:
    with listen(Settings(host=host, port=0)) as listeners:
        port = listeners[0].getsockname()[1]
        assert describe_reach(listeners) == reach.format(port=port)
