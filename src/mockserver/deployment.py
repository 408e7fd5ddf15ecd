"""Where a deployment is, and how it is reached over TLS: for the contract kit and the proxy."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from urllib.parse import quote, urlsplit

from msgspec import Struct

from mockserver.errors import SettingError

_IN_PATHS = "%/:@!$&'()*+,;=~"
"""The characters of a path that need no percent-encoding, and those that have it already."""


class Tls(Struct, frozen=True):
    """Which certificates of a deployment are trusted, and which one is shown to it.

    Without `verify` any is trusted. `ca` is a file of the authorities to trust, instead of those
    that SSL_CERT_FILE names, or the usual ones. `certificate` is shown to a deployment that
    requests one; its private key is in `key`, or in the same file. All are PEM.
    """

    verify: bool = True
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """The context for Python's own TLS. Raises SettingError for a bad file."""
        try:
            if self.verify and self.ca:
                context = ssl.create_default_context(cafile=self.ca)
            else:
                import httpx  # takes a tenth of a server's start, which needs it for an upstream

                context = httpx.create_ssl_context(verify=self.verify)
        except (OSError, ValueError) as error:
            named = f"'{self.ca}'" if self.ca else "the file that SSL_CERT_FILE names"
            raise SettingError(
                f"The authorities for TLS in {named} cannot be used: {_explain(error)}; give "
                "certificates as a PEM file."
            ) from error
        if self.certificate is not None:
            files = " and ".join(f"'{file}'" for file in (self.certificate, self.key) if file)
            try:
                # Without this, a locked key would make OpenSSL prompt for its password.
                context.load_cert_chain(self.certificate, self.key, password=_refuse_locked_key)
            except (OSError, ValueError) as error:
                raise SettingError(
                    f"The certificate for TLS in {files} cannot be used: {_explain(error)}; give a "
                    "certificate and its private key as PEM files, the key without a password."
                ) from error
        return context


def _refuse_locked_key() -> str:
    raise ValueError("its key is locked by a password")


def _explain(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def find_url_fault(url: str) -> str:
    """What is wrong with the URL of a target, without its secrets; nothing where all is right."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "it is no URL; write one like https://staging.example"
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s\\]", url):
        return "it is no URL of http or https with a host; write one like https://staging.example"
    if "@" in parts.netloc:
        return "a URL carries no user or password; name an environment variable that has them"
    if "?" in url or "#" in url:
        return "a query and a fragment have no place in it; end it where the path ends"
    try:
        if parts.port == 0:
            raise ValueError
    except ValueError:
        return "its port is not a number from 1 to 65535"
    import httpx

    try:
        httpx.URL(scheme="http", host=parts.hostname)
    except httpx.InvalidURL:
        return f"'{parts.hostname}' cannot be the name of a host"
    return ""


def normalize_url(url: str) -> str:
    """A URL without a fault, in ASCII: its host as DNS has it, its path percent-encoded."""
    import httpx

    parts = urlsplit(url)
    host = httpx.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port)
    return f"{parts.scheme}://{host.netloc.decode()}{quote(parts.path, safe=_IN_PATHS)}"
