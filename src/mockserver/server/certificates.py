"""The certificate of `--https`: the user's own, or one that is made here and kept.

A made certificate is signed by an authority that is made with it, and whose key is forgotten: who
trusts that authority trusts this certificate and no other one, ever (ADR 039).
"""

from __future__ import annotations

import re
import shutil
import ssl
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from msgspec import Struct

from mockserver.clock import machine_now, to_datetime
from mockserver.errors import SettingError
from mockserver.settings import Settings, find_state_folder

_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
_LIFETIME = timedelta(days=800)
"""Some clients accept no certificate for more than 825 days."""
_RENEWAL = timedelta(days=30)
"""How long before its end a certificate is replaced."""
_TRIES = 5
_OWN = "give a certificate of your own with --https-cert and --https-key"


class Certificate(Struct, frozen=True):
    """A certificate with its chain, and its key; without `key`, that is in the same file.

    `authority` is what clients have to trust; None for a certificate of the user's own.
    """

    file: Path
    key: Path | None = None
    authority: Path | None = None


def find_certificate(settings: Settings) -> Certificate | None:
    """The certificate of a server, which is made if there is none; None for a server without TLS.

    Raises SettingError.
    """
    if settings.https_key and not settings.https_cert:
        raise SettingError("--https-key: the key has no certificate; give it with --https-cert.")
    if settings.https_cert:
        own = Certificate(settings.https_cert, settings.https_key)
        _check(own)
        return own
    return _find_made(settings.host) if settings.https else None


def _check(certificate: Certificate) -> None:
    """Raises SettingError for files that TLS cannot use."""
    try:
        _load(certificate)
    except (OSError, ValueError) as error:
        files = " and ".join(f"'{it}'" for it in (certificate.file, certificate.key) if it)
        reason = getattr(error, "strerror", None) or error
        raise SettingError(
            f"--https-cert: the certificate in {files} cannot be used: {reason}; give a "
            "certificate and its private key as PEM files, the key without a password."
        ) from error


def _load(certificate: Certificate) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Without this, a locked key would make OpenSSL prompt for its password.
    context.load_cert_chain(certificate.file, certificate.key, password=_refuse_locked_key)


def _refuse_locked_key() -> str:
    raise ValueError("its key is locked by a password")


def _find_made(host: str) -> Certificate:
    """The certificate for this machine and for the host, which is kept for later."""
    host = host.removeprefix("[").removesuffix("]").lower()
    is_local = host in (*_LOCAL_NAMES, *_EVERYWHERE)
    names = _LOCAL_NAMES if is_local else (*_LOCAL_NAMES, host)
    label = "localhost" if is_local else re.sub(r"[^a-z0-9.-]", "-", host)
    folder = find_state_folder() / "https" / label
    certificate = Certificate(folder / "server.pem", authority=folder / "ca.pem")
    try:
        for _ in range(_TRIES):
            if _is_usable(certificate, names):
                return certificate
            _replace(certificate, names)
        _load(certificate)
    except ImportError as error:
        raise SettingError(
            f"--https: '{error.name}' is not installed; pip install 'mockserver-kit[https]' "
            f"installs it. Or {_OWN}."
        ) from error
    except OSError as error:
        raise SettingError(
            f"--https: the certificate cannot be kept in '{folder}': {error.strerror}. Let "
            f"XDG_STATE_HOME name a folder that can be written to, or {_OWN}."
        ) from error
    except ValueError as error:
        raise SettingError(
            f"--https: '{host}' cannot stand in a certificate: {error}. Choose another --host, or "
            f"{_OWN}."
        ) from error
    return certificate


def _is_usable(certificate: Certificate, names: Iterable[str]) -> bool:
    """Whether a certificate is there, whole, for these names, and for a while."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    assert certificate.authority  # noqa: S101 - it is one that was made
    try:
        made = x509.load_pem_x509_certificate(certificate.file.read_bytes())
        authority = x509.load_pem_x509_certificate(certificate.authority.read_bytes())
        made.verify_directly_issued_by(authority)
        extension = made.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        _load(certificate)
    except (OSError, ValueError, InvalidSignature, x509.ExtensionNotFound):
        return False
    named = {str(name.value) for name in extension.value}
    is_lasting = made.not_valid_after_utc > to_datetime(machine_now()) + _RENEWAL
    return is_lasting and named >= {_normalize(name) for name in names}


def _replace(certificate: Certificate, names: Iterable[str]) -> None:
    """Make a new certificate in the place of one that is not usable.

    Another server may do the same: the folder is there as a whole, and one that is usable stays.
    """
    import trustme

    now = to_datetime(machine_now())
    authority = trustme.CA(organization_name="Mockserver")
    made = authority.issue_cert(
        *map(_normalize, names),
        organization_name="Mockserver",
        not_before=now - timedelta(days=1),
        not_after=now + _LIFETIME,
    )
    folder = certificate.file.parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=folder.parent))  # no other user may read it
    try:
        (new / "ca.pem").write_bytes(authority.cert_pem.bytes())
        (new / "server.pem").touch(mode=0o600)
        (new / "server.pem").write_bytes(made.private_key_and_cert_chain_pem.bytes())
        if folder.exists() and not _is_usable(certificate, names):
            with suppress(FileNotFoundError):
                folder.rename(new / "old")
        with suppress(OSError):  # the other server was faster
            new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(folder / "old", ignore_errors=True)


def _normalize(name: str) -> str:
    """A name as a certificate has it. Raises ValueError."""
    with suppress(ValueError):
        return str(ip_address(name))
    return name.encode("idna").decode()
