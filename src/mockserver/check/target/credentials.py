"""Where credentials come from: environment variables, commands, and OAuth token endpoints.

What expires is fetched again. Every error says what to do, and none has a secret.
"""

from __future__ import annotations

import re
import ssl
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, Protocol
from urllib.parse import quote, quote_plus

import httpx
from msgspec import Struct

from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import SettingError
from mockserver.redaction import Mask
from mockserver.settings import variable

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 500
_COMMAND_TIMEOUT = 60.0
_EARLIER, _SHARE = 30, 0.2
"""How many seconds before its end a credential is fetched again; of a short life, this share."""


class Issued(Struct, frozen=True):
    """A credential, and how many seconds it lives; None where that was not said."""

    value: str
    expires_in: float | None = None


class CredentialSource(Protocol):
    """Fetches credentials."""

    def fetch(self, purpose: str, verify: Callable[[], ssl.SSLContext], timeout: float) -> Issued:
        """Fetch a credential; a purpose says for what. Raises SettingError."""

    def list_secrets(self) -> tuple[str, ...]:
        """The secrets with which it is fetched."""


class TokenCommand(Struct, frozen=True):
    """A command that prints a credential, run in a folder; as one text, by a shell."""

    command: str | tuple[str, ...]
    folder: Path
    timeout: float = _COMMAND_TIMEOUT

    def fetch(self, purpose: str, _verify: Callable[[], ssl.SSLContext], _timeout: float) -> Issued:
        """What the command prints. Raises SettingError, with what it says of its failure."""
        # A pipe would be open for as long as a process that the command has started.
        with TemporaryFile() as output, TemporaryFile() as errors:
            try:
                done = subprocess.run(  # noqa: S603 - the user's own command
                    self.command,
                    shell=isinstance(self.command, str),
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    timeout=self.timeout,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise SettingError(
                    f"The command for {purpose} took longer than {self.timeout:g} seconds; give "
                    "it a longer 'timeout', or see what it waits for."
                ) from error
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or "it has a character that none can have"
                program = "sh" if isinstance(self.command, str) else self.command[0]
                raise SettingError(
                    f"The command for {purpose} cannot be run: '{program}': {reason}; it is looked "
                    f"for in PATH, or from '{self.folder.resolve()}'."
                ) from error
            output.seek(0)
            errors.seek(0)
            printed = output.read().decode("utf-8", "replace").strip()
            said = errors.read().decode("utf-8", "replace").strip()
        if done.returncode:
            said = Mask(printed.split()).text(said)[-_LONGEST:] or "it says nothing on stderr"
            raise SettingError(
                f"The command for {purpose} failed with the exit code {done.returncode}: {said}"
            )
        _check_value(printed, f"What the command for {purpose} prints")
        return Issued(printed)

    def list_secrets(self) -> tuple[str, ...]:
        """None of its own."""
        return ()


class OAuthClient(Struct, frozen=True):
    """A client that gets access tokens for its own credentials (RFC 6749, section 4.4).

    `client_secret_variable` is the environment variable that has its secret; so is
    `client_id_variable` where there is no `client_id`.
    """

    token_url: str
    client_secret_variable: str
    client_id: str = ""
    client_id_variable: str = ""
    scope: str = ""

    def fetch(self, purpose: str, verify: Callable[[], ssl.SSLContext], timeout: float) -> Issued:
        """Get an access token. Raises SettingError."""
        client_id = self.client_id or read_secret(
            self.client_id_variable, f"the client of {purpose}"
        )
        secret = read_secret(self.client_secret_variable, f"the client's secret of {purpose}")
        what = f"The token endpoint '{self.token_url}' for {purpose}"
        form = {"grant_type": "client_credentials", **({"scope": self.scope} if self.scope else {})}
        mask = Mask([secret])
        try:
            with httpx.Client(
                verify=verify() if self.token_url.lower().startswith("https:") else False,
                timeout=timeout or None,
                trust_env=False,
            ) as http:
                response = http.post(
                    self.token_url,
                    data=form,
                    auth=(quote_plus(client_id), quote_plus(secret)),  # RFC 6749, section 2.3.1
                    headers={"accept": "application/json"},
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = mask.text(str(error)) or type(error).__name__
            raise SettingError(f"{what} gives no response: {reason}") from error
        answer = _read_object(response)
        if response.status_code != 200:
            words = [str(answer[name]) for name in ("error", "error_description") if name in answer]
            said = mask.text(": ".join(words) or response.reason_phrase)[:_LONGEST]
            raise SettingError(f"{what} refuses the client with {response.status_code}: {said}")
        token = answer.get("access_token")
        if not isinstance(token, str):
            raise SettingError(f"{what} responds without an 'access_token'; is its URL right?")
        _check_value(token, f"The 'access_token' of the token endpoint for {purpose}")
        return Issued(token, _read_seconds(answer.get("expires_in")))

    def list_secrets(self) -> tuple[str, ...]:
        """The client's secret."""
        secret = variable(self.client_secret_variable)
        return (secret,) if secret else ()


def _read_object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _read_seconds(value: Any) -> float | None:
    try:
        return max(float(value), 0)
    except (TypeError, ValueError):
        return None


class Token:
    """A credential that is fetched, and fetched again when it expires; safe for several threads.

    `values` are all that there were. Requests are made with the `first`, and sent with the present
    one in its place.
    """

    def __init__(self, fetch: Callable[[], Issued]) -> None:
        self.values: list[str] = []
        self._fetch = fetch
        self._lock = Lock()
        self._accepted: set[str] = set()
        self._ends: float | None = None
        self._renew()

    @property
    def first(self) -> str:
        """What requests are made with."""
        return self.values[0]

    def get(self) -> str:
        """The present value; fetched shortly before it would expire. Raises SettingError."""
        with self._lock:
            if self._ends is not None and read_monotonic() >= self._ends:
                self._renew()
            return self.values[-1]

    def accept(self, field: str) -> None:
        """Keep in mind that it was accepted in a field."""
        with self._lock:
            self._accepted.add(field)

    def replace(self, refused: str, field: str) -> bool:
        """Fetch another where this one was accepted in a field and is refused there now.

        False where there is no other one. Raises SettingError.
        """
        with self._lock:
            if self.values[-1] == refused:
                if field not in self._accepted:
                    return False
                self._renew()
            return self.values[-1] != refused

    def _renew(self) -> None:
        began, issued = read_monotonic(), self._fetch()
        self.values.append(issued.value)
        self._accepted.clear()
        self._ends = None
        if issued.expires_in is not None:
            early = min(_EARLIER, issued.expires_in * _SHARE)
            self._ends = began + (issued.expires_in - early) * SECOND


def read_secret(name: str, purpose: str) -> str:
    """What an environment variable has; it is never shown. Raises SettingError."""
    value = variable(name)
    if not value:
        # An invalid name may be the secret itself.
        shown = f" '{name}'" if _NAME.fullmatch(name) else " of the name given"
        raise SettingError(
            f"The environment has no variable{shown}, which has {purpose}; set it, or name "
            "another one."
        )
    _check_value(value, f"The variable '{name}', which has {purpose},")
    return value


def _check_value(value: str, what: str) -> None:
    if not value:
        raise SettingError(f"{what} is empty; a credential is one line.")
    if value != value.strip() or not value.isascii() or not value.isprintable():
        raise SettingError(
            f"{what} cannot be sent: it has a line break, a space at an end, or a character that "
            "is not ASCII."
        )


def insert_tokens(
    url: str, fields: list[tuple[str, str]], tokens: Mapping[str, str]
) -> tuple[str, list[tuple[str, str]]]:
    """A request with the present tokens in the place of others, by which they are named."""
    for old, new in tokens.items():
        url = url.replace(quote(old, safe=""), quote(new, safe="")).replace(old, new)
        fields = [(name, value.replace(old, new)) for name, value in fields]
    return url, fields
