"""The socket: had at once, or refused in a sentence that says what to do."""

from __future__ import annotations

import errno
import socket

import pytest

from mockserver.errors import SettingError
from mockserver.server.socket import listen, make_url
from mockserver.settings import Settings


def test_port_0_picks_a_free_one() -> None:
    with listen(Settings(port=0)) as one, listen(Settings(port=0)) as two:
        ports = {one.getsockname()[1], two.getsockname()[1]}

    assert len(ports) == 2
    assert 0 not in ports


def test_it_listens_at_once_and_only_on_its_address() -> None:
    with listen(Settings(port=0)) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        socket.create_connection(listener.getsockname(), timeout=5).close()


def test_a_port_that_was_just_let_go_can_be_had_again() -> None:
    with listen(Settings(port=0)) as listener:
        port = listener.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        accepted, _ = listener.accept()
        accepted.close()  # the server's side closes first, which is what keeps a port busy
    client.close()

    with listen(Settings(port=port)) as again:
        assert again.getsockname()[1] == port


def test_a_taken_port_is_refused_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingError) as caught:
            listen(Settings(port=port))

    assert str(caught.value) == (
        f"Port {port} on 127.0.0.1 is taken. Choose another with --port, or 0 for a free one."
    )


def test_two_servers_cannot_share_a_port() -> None:
    with listen(Settings(port=0)) as one, pytest.raises(SettingError, match="is taken"):
        listen(Settings(port=one.getsockname()[1]))


@pytest.mark.parametrize("host", ["nowhere.invalid", "999.1.1.1", "a b"])
def test_a_host_that_is_none_is_refused_by_name(host: str) -> None:
    with pytest.raises(SettingError, match=f"'{host}' is no address to listen on"):
        listen(Settings(host=host, port=0))


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(SettingError, match=r"192\.0\.2\.1:0 cannot be listened on"):
        listen(Settings(host="192.0.2.1", port=0))


def test_a_port_for_the_mighty_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever runs the tests may be allowed to have it, so the machine's refusal is made up.
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "listen", refuse)
    with pytest.raises(SettingError) as caught:
        listen(Settings(port=0))

    assert str(caught.value) == (
        "Port 0 is not yours to listen on. Choose one above 1023 with --port."
    )


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")],
)
def test_the_url_can_be_clicked(host: str, shown: str) -> None:
    with listen(Settings(host=host, port=0)) as listener:
        if ":" in listener.getsockname()[0]:
            pytest.skip("localhost is an IPv6 address here")
        assert make_url(listener) == f"http://{shown}:{listener.getsockname()[1]}"


@pytest.mark.parametrize("host", ["::1", "::"])
def test_an_ipv6_address_stands_in_brackets(host: str) -> None:
    try:
        listener = listen(Settings(host=host, port=0))
    except SettingError:
        pytest.skip("no IPv6 here")
    with listener:
        assert make_url(listener) == f"http://[::1]:{listener.getsockname()[1]}"
        port = listener.getsockname()[1]
        socket.create_connection(("::1", port), timeout=5).close()


@pytest.mark.parametrize("host", ["ab..cd", "a" * 64 + ".test"])
def test_an_invalid_host_name_is_refused_in_a_sentence(host: str) -> None:
    with pytest.raises(SettingError, match="is no address to listen on"):
        listen(Settings(host=host, port=0))
