"""Settings: one frozen dataclass; the environment and the command line come from its fields.

Only this module reads the environment. A field `body_limit` is the variable
`MOCKSERVER_BODY_LIMIT` and the option `--body-limit`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from mockserver.clock import ClockSetting, machine_now
from mockserver.errors import SettingError, end_sentence
from mockserver.moment import resolve_clock_moment

LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
APIS_VARIABLE = "MOCKSERVER_APIS"
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_ORIGIN = re.compile(r"https?://[^/?#\s]+")
_BASE_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+")
_DIGITS = re.compile(r"-?[0-9]{1,1000}")


class Option(Struct, frozen=True):
    """How a setting is written: what it means, what stands for its value, and how that is read."""

    name: str
    help: str
    metavar: str
    default: Any
    read: Callable[[str], Any]

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"MOCKSERVER_{self.name.upper()}"

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return f"--{self.name.replace('_', '-')}"


@dataclass(frozen=True)
class DatabaseUrl:
    """The URL of a database; as a text, it is shown without what may be secret."""

    text: str = field(repr=False)

    @property
    def has_password(self) -> bool:
        """Whether something of it is a secret."""
        return ":" in self.text.partition("://")[2].rpartition("@")[0] or "password=" in self.text

    def __str__(self) -> str:
        try:
            parts = urlsplit(self.text)
            return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
        except ValueError:
            return "a URL"


def _text(text: str) -> str:
    if not text:
        raise SettingError("it is empty; leave it out for the default")
    return text


def _file(text: str) -> Path:
    return Path(_text(text))


def _store(text: str) -> Path | DatabaseUrl:
    scheme, separator, _ = text.partition("://")
    if separator and scheme not in ("postgresql", "postgres"):  # it may have a password
        raise SettingError(
            f"a store is a file, or a URL like postgresql://user@host/database, but not one of "
            f"'{scheme}'"
        )
    return DatabaseUrl(text) if separator else _file(text)


def _folder(text: str) -> Path:
    path = _file(text)
    if not path.is_dir():
        raise SettingError(f"'{text}' is no folder")
    return path


def _integer(least: int, greatest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        # `int` alone would take digits of every script, and underscores between them.
        if not _DIGITS.fullmatch(text):
            raise SettingError(f"'{text}' is not a whole number")
        number = int(text)
        if not least <= number <= greatest:
            raise SettingError(f"{number} is not from {least} to {greatest}")
        return number

    return read


def _flag(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise SettingError(f"'{text}' is neither 'true' nor 'false'")
    return text.lower() in _TRUE


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _origins(text: str) -> tuple[str, ...]:
    origins = _words(text)
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingError(f"'{origin}' is no origin; write one like http://localhost:3000")
    return origins


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingError(f"'{text}' is no URL such as http://localhost:4318")
    return text


def _networks(text: str) -> tuple[str, ...]:
    networks = _words(text)
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            message = f"'{network}' is no address and no network; write one like 10.0.0.0/8"
            raise SettingError(message) from None
    return networks


def _upstreams(text: str) -> tuple[str, ...]:
    upstreams = _words(text)
    for upstream in upstreams:
        if not re.fullmatch(r"[^=]+=.+", upstream):
            raise SettingError(
                f"'{upstream}' is no API and URL; write it like API=https://staging.example"
            )
    return upstreams


def _base_path(text: str) -> str:
    path = text.removesuffix("/")
    if path and not _BASE_PATH.fullmatch(path):
        raise SettingError(f"'{text}' is no path; write one like /mock")
    return path


def _moment(text: str) -> int:
    return resolve_clock_moment(text, machine_now())


def _choice(words: Collection[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise SettingError(f"'{text}' is none of {', '.join(words)}")
        return text.lower()

    return read


def _setting(default: Any, metavar: str, help: str, read: Callable[[str], Any] = _text) -> Any:
    return field(default=default, metadata={"help": help, "metavar": metavar, "read": read})


@dataclass(frozen=True)
class Settings:
    """Everything that a user can choose when the server starts."""

    host: str = _setting("127.0.0.1", "ADDRESS", "The address to listen on.")
    port: int = _setting(
        4010, "PORT", "The port to listen on; 0 picks a free one.", _integer(0, 65_535)
    )
    base_path: str = _setting(
        "", "PATH", "Serve everything below this path, such as /mock.", _base_path
    )
    https: bool = _setting(
        False, "", "Speak HTTPS, with a certificate that is made at the first start.", _flag
    )
    https_cert: Path | None = _setting(
        None, "FILE", "Speak HTTPS with this certificate and its chain, in PEM.", _file
    )
    https_key: Path | None = _setting(
        None,
        "FILE",
        "The private key of that certificate, in PEM; by default it is in the same file.",
        _file,
    )
    store: Path | DatabaseUrl | None = _setting(
        None,
        "PLACE",
        "An SQLite file that stores the sandboxes, or postgresql://USER@HOST/DATABASE, which many "
        "servers can share; by default a temporary file.",
        _store,
    )
    scenario: str = _setting(
        "default", "NAME", "The scenario of new sandboxes: a name, or a YAML file."
    )
    seed: int | None = _setting(
        None,
        "NUMBER",
        "The seed of the generated data; by default the scenario's.",
        _integer(0, 2**63 - 1),
    )
    only: tuple[str, ...] = _setting(
        (), "API", "Serve only this API; can be given several times.", _words
    )
    freeze_at: int | None = _setting(
        None,
        "MOMENT",
        "Freeze the clock at this moment, such as 2025-08-21T14:30:00Z, -1d or 'today 09:00'.",
        _moment,
    )
    upstream: tuple[str, ...] = _setting(
        (),
        "API=URL",
        "Forward the requests of this API to its deployment at this URL; can be given several "
        "times.",
        _upstreams,
    )
    enforce: bool = _setting(
        False,
        "",
        "Refuse requests to an upstream that violate the contract, and such responses of it.",
        _flag,
    )
    mock: tuple[str, ...] = _setting(
        (),
        "OPERATION",
        "Serve this operation from the mock although its API has an upstream; can be given "
        "several times.",
        _words,
    )
    upstream_timeout: int = _setting(
        60,
        "SECONDS",
        "Wait so long for an upstream: for a connection, a response, and each part of it.",
        _integer(1, 3_600),
    )
    upstream_ca: Path | None = _setting(
        None, "FILE", "Trust the authorities in this PEM file for upstreams with TLS.", _file
    )
    upstream_insecure: bool = _setting(
        False, "", "Trust any certificate of an upstream with TLS.", _flag
    )
    documented_only: bool = _setting(
        False, "", "Leave out optional data that no document of a vendor describes.", _flag
    )
    mutate: tuple[str, ...] = _setting(
        (),
        "MUTATION",
        "Turn on this mutation, of those that `mockserver mutations` lists; can be given several "
        "times.",
        _words,
    )
    scenarios: Path | None = _setting(
        None, "FOLDER", "A folder of your own scenarios, which can be loaded by name.", _folder
    )
    targets: Path | None = _setting(
        None,
        "FILE",
        "The targets file, whose targets the server may check; by default 'targets.yaml' in this "
        "folder, if there is one.",
        _file,
    )
    admin_token: str | None = _setting(
        None,
        "TOKEN",
        "Allow the control API for every address, but only for requests with this bearer token.",
    )
    cors_origin: tuple[str, ...] = _setting(
        (),
        "ORIGIN",
        "Allow web pages of this origin only, with cookies, and no longer those of any origin; can "
        "be given several times.",
        _origins,
    )
    control_origin: tuple[str, ...] = _setting(
        (),
        "ORIGIN",
        "Allow web pages of this origin to use the control API; can be given several times.",
        _origins,
    )
    trusted_proxy: tuple[str, ...] = _setting(
        (),
        "ADDRESS",
        "Believe what this address or network says in X-Forwarded-* and Forwarded; can be given "
        "several times.",
        _networks,
    )
    max_sandboxes: int = _setting(
        2_000, "NUMBER", "The largest number of sandboxes.", _integer(1, 1_000_000)
    )
    max_snapshots: int = _setting(
        100, "NUMBER", "The largest number of snapshots of a sandbox.", _integer(0, 1_000_000)
    )
    idle_expiry: int = _setting(
        86_400,
        "SECONDS",
        "Delete a sandbox after so many seconds without a request; 0 for never.",
        _integer(0, 2**31 - 1),
    )
    workers: int = _setting(1, "NUMBER", "The number of server processes.", _integer(1, 64))
    watch: bool = _setting(
        False, "", "Take changed contracts and scenarios in without a restart.", _flag
    )
    body_limit: int = _setting(
        1_048_576, "BYTES", "The largest request body, in bytes.", _integer(1, 2**31 - 1)
    )
    control_body_limit: int = _setting(
        67_108_864,
        "BYTES",
        "The largest scenario or snapshot in a request to the control API, in bytes.",
        _integer(1, 2**31 - 1),
    )
    keep_alive: int = _setting(
        75,
        "SECONDS",
        "Close a connection after so many seconds without a request.",
        _integer(1, 86_400),
    )
    journal: int = _setting(
        1_000,
        "NUMBER",
        "Keep so many of the last exchanges of each sandbox in the journal; 0 for none.",
        _integer(0, 100_000),
    )
    journal_body: int = _setting(
        16_384,
        "BYTES",
        "Keep so much of each body in the journal, in bytes.",
        _integer(0, 2**31 - 1),
    )
    record: Path | None = _setting(
        None,
        "FILE",
        "Record the exchanges, and write the scenario behind them to this file at the end.",
        _file,
    )
    record_sandbox: str = _setting(
        "",
        "NAME",
        "Record the world of this sandbox; by default that of `default`, or the busiest.",
    )
    record_keep: bool = _setting(
        False, "", "Keep personal data in what is recorded; by default it is replaced.", _flag
    )
    log_level: str = _setting(
        "warning",
        "LEVEL",
        f"How much to log: {', '.join(LOG_LEVELS)}; from info on, every exchange.",
        _choice(LOG_LEVELS),
    )
    log_format: str = _setting("text", "FORMAT", "How to log: text or json.", _choice(LOG_FORMATS))

    traces: str | None = _setting(
        None,
        "URL",
        "Send traces to the OpenTelemetry collector at this URL, by OTLP over HTTP.",
        _http_url,
    )

    @property
    def scheme(self) -> str:
        """The scheme of the server's URL."""
        return "https" if self.https or self.https_cert else "http"

    @property
    def clock(self) -> ClockSetting | None:
        """How the clock is set; None is as the scenario says."""
        return None if self.freeze_at is None else ClockSetting(freeze=self.freeze_at)

    @classmethod
    def load(cls, given: Mapping[str, str], environ: Mapping[str, str] | None = None) -> Settings:
        """The settings from texts given by name, else from the environment, else the defaults.

        Raises SettingError, naming the option or the variable.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for option in options():
            if option.name in given:
                source, text = option.flag, given[option.name]
            elif option.variable in environ:
                source, text = option.variable, environ[option.variable]
            else:
                continue
            try:
                values[option.name] = option.read(text)
            except SettingError as error:
                raise SettingError(f"{source}: {end_sentence(error)}") from None
        return cls(**values)


def find_state_folder() -> Path:
    """The folder of files that outlive a server, such as certificates. Raises SettingError."""
    given = os.environ.get("XDG_STATE_HOME" if os.name == "posix" else "LOCALAPPDATA", "")
    try:
        folder = Path(given) if Path(given).is_absolute() else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise SettingError(f"This user has no home folder: {error}.") from error
    return folder / "mockserver"


def move_to_environment(name: str, text: str) -> None:
    """Begin this process again with a setting in the environment, and not on the command line.

    That of a process is shown to every user of the machine, and its environment to its own user.
    """
    option = next(it for it in options() if it.name == name)
    given = list(zip(["", *sys.orig_argv], sys.orig_argv, strict=False))
    kept = [
        argument
        for before, argument in given
        if argument != f"{option.flag}={text}"
        and (before, argument) != (option.flag, text)
        and not (argument == option.flag and (argument, text) in given)
    ]
    if len(kept) < len(given) and os.name == "posix":  # elsewhere, the process would be another one
        os.execve(sys.executable, kept, {**os.environ, option.variable: text})  # noqa: S606


def variable(name: str) -> str | None:
    """An environment variable that a user has named, for what must not stand on a command line."""
    return os.environ.get(name)


def options() -> list[Option]:
    """Every setting, in the order of the dataclass."""
    return [Option(name=it.name, default=it.default, **it.metadata) for it in fields(Settings)]
