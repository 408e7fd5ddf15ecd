"""How a deployment proves over TLS who it is, and how this side does."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx

from mockserver.errors import SettingError


@dataclass(frozen=True)
class Tls:
    """What is trusted, and what is shown.

    Without `verify` any certificate is taken. `ca` is a file of the authorities to trust, in the
    place of the usual ones. `certificate` is shown to a deployment that asks for one; its private
    key is in `key`, or in the same file. All are PEM.
    """

    verify: bool = True
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """These choices as Python's own TLS has them. Raises SettingError for a bad file."""
        context = self._trusting()
        if self.certificate is not None:
            files = " and ".join(f"'{file}'" for file in (self.certificate, self.key) if file)
            try:
                # A key that is locked would else ask for its password on the terminal.
                context.load_cert_chain(self.certificate, self.key, password=_no_password)
            except (OSError, ValueError) as error:
                raise SettingError(
                    f"The certificate for TLS in {files} cannot be used: {_reason(error)}; give a "
                    "certificate and its private key as PEM files, the key without a password."
                ) from error
        return context

    def _trusting(self) -> ssl.SSLContext:
        if not self.verify or self.ca is None:
            return httpx.create_ssl_context(verify=self.verify, trust_env=False)
        try:
            return ssl.create_default_context(cafile=self.ca)
        except (OSError, ValueError) as error:
            raise SettingError(
                f"The authorities for TLS in '{self.ca}' cannot be used: {_reason(error)}; give "
                "certificates as a PEM file."
            ) from error


def _no_password() -> str:
    raise ValueError("its key is locked by a password")


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
