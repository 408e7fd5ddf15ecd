"""Redacts secrets in everything that a run prints or writes.

A secret is known by the name beside it, by its form, or because it is a credential of the run.
"""

from __future__ import annotations

import json
import re
import shlex
from base64 import b64decode
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from urllib.parse import unquote, unquote_plus

from mockserver.contract import Contract, Exchange
from mockserver.redaction.secret_names import SecretNames
from mockserver.redaction.spelling import SecretFinder

PLACEHOLDER = "***"
"""What is shown in the place of a secret."""

DEFAULT_CREDENTIAL = "mockserver-check"
"""What is sent to a target without a credential."""

REFUSED_CREDENTIAL = "invalid"
"""What is sent where a refusal is expected."""

_PUBLIC = re.compile(
    f"{re.escape(PLACEHOLDER)}|REDACTED-[0-9]+|{DEFAULT_CREDENTIAL}|{REFUSED_CREDENTIAL}"
    "|true|false|null|undefined|\ue000[A-Za-z0-9_]+\ue001|"
)
"""Values that are no secrets wherever they stand, the empty one among them."""

_WORD = re.compile("[A-Za-z]?[a-z]{0,15}|[A-Z]{1,15}|[0-9]{1,7}|.{1,3}")
"""What could be any word: where it was found, it is redacted only where it stands as a secret."""

_COMMON_WORD = re.compile("[A-Za-z]?[a-z]{0,9}|[A-Z]{1,10}|[0-9]{1,7}|.{1,3}")
"""The same of a credential of the run, of which there are few."""

_NOT_DISTINCTIVE = re.compile(r".{1,7}|[0-9]{4}-[0-9]{2}-[0-9]{2}\b.*|https?://.*", re.DOTALL)
_MOST_SENT = 20
"""Of a recording, so many secrets of its requests are looked for as those of a target are."""

_SCHEMES = frozenset({"basic", "bearer", "digest", "jwt", "token"})
_FORM = "application/x-www-form-urlencoded"

_JWT = re.compile(r"(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{2}))eyJ[\w-]{5,}+(?:\.[\w-]*+){2,4}", re.ASCII)
_CREDENTIAL = re.compile(
    r"\b(Bearer|Basic)((?:\s|%20|\+)+)(?!\w+=[^=\s])([\w.~+/%-]+=*)", re.ASCII | re.IGNORECASE
)
_FORMS = ("bearer", "basic")
"""With a user in a URL, the forms of secrets; in lower case."""

_QUOTED = re.compile(r""":\s*\\?["']""")

_BRACKET = re.compile(r"\s*[{\[]")
_USER = re.compile(r"""(://)([^/\s@"'<>?#]+)(?=@)""")
_FIELD = re.compile(r"""(?<![\w%.-])([\w%.\[\]-]{1,100}+)=((?:[^&#\s"'<>;,)\\]++|\\/)++)""")
_MEMBER = re.compile(
    r"""(?<![\w-])([\w-]{1,100}+)(?:\\?["'])?\s*+:\s*(?:"((?:[^"\\]++|\\.)++)(?=")"""
    r"""|\\"((?:[^"\\]++|\\[^"])++)(?=\\")|'((?:[^'"\\]++|\\.)++)(?='))""",
    re.DOTALL,
)
_ELEMENT = re.compile(
    r"""(\bname=["'])([^"'<>]{1,100})(["'][^<>]{0,300}?\b(?:value|content)=["'])([^"'<>]+)"""
)
_PART = re.compile(
    r"""(\bname=")([^"\r\n]{1,100})("[^\r\n]*\r?\n(?:[\w-]+:[^\r\n]*\r?\n)*\r?\n)([^\r\n]+)"""
)
_JSON = re.compile(r'"((?:[^"\\]++|\\.)*+)(?:"(\s*+:)?|\\?\Z)|[{}\[\]]|[^\s{}\[\],:"]++', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_VARIABLE = "\ue000{}\ue001"
"""The place of an environment variable in a word of a shell; private characters stand around it."""

Replace = Callable[[str, str], str]
"""Gets a secret and how it is spelt where it stands, and returns what takes its place.

That needs no encoding, neither in a URL nor in JSON.
"""


def hide(secret: str, _spelling: str) -> str:
    """The placeholder of a secret."""
    return secret if _PUBLIC.fullmatch(secret) else PLACEHOLDER


def is_distinctive(value: str) -> bool:
    """Whether a value is a secret wherever it stands: no word, no number, no date, no URL."""
    return not any(pattern.fullmatch(value) for pattern in (_PUBLIC, _WORD, _NOT_DISTINCTIVE))


@dataclass(frozen=True)
class Mask:
    """Puts placeholders in the place of secrets.

    `secrets` are the credentials of a run; one that could be a common word is redacted only where
    it stands as a credential. `found` are secrets that its exchanges have. `headers` are those
    whose values are secret, besides those of `names`. `variables` has the environment variable of
    a secret. With `keeps_types` a number is replaced by a number.
    """

    secrets: Collection[str] = field(default=(), repr=False)
    headers: Collection[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    names: SecretNames = field(default_factory=SecretNames)
    found: Collection[str] = field(default=(), repr=False)
    replace: Replace = hide
    keeps_types: bool = False

    def extended(self, found: FoundSecrets) -> Mask:
        """The mask for an API, with the secrets that were found in its exchanges.

        The credentials of a recording are those of its requests.
        """
        secrets = self.secrets or [*found.sent][:_MOST_SENT]
        return replace(self, secrets=secrets, names=found.names, found=frozenset(found.values))

    @cached_property
    def for_shell(self) -> Mask:
        """The mask that names the variable of a secret, which a shell expands (`format_word`)."""
        return replace(self, replace=self._name_variable)

    def _name_variable(self, secret: str, spelling: str) -> str:
        # A shell would put the secret there as it is, and not encoded.
        name = self.variables.get(secret, "") if secret == spelling else ""
        return _VARIABLE.format(name) if name else hide(secret, spelling)

    def text(self, text: str) -> str:
        """A text, such as a sentence, without the secrets."""
        return self._redact_by_name(self.known(text))

    def may_have_secret(self, content: bytes) -> bool:
        """Whether JSON with the contract's own names may have a secret that is not encoded.

        It is fast, since most have none: letters beyond ASCII are not looked at.
        """
        # The first of the two signs is rare, and so is looked for fast.
        if self.names.has_secret_members or (b"@" in content and b"://" in content):
            return True
        lowered = content.lower()
        if b"bearer" in lowered or b"basic" in lowered:
            return True
        for secret in self._long_secrets_in_utf8:  # noqa: SIM110 - twice as fast as `any`
            if secret in content:
                return True
        return False

    def _redact_by_name(self, text: str) -> str:
        """A text without what is a secret by the name beside it, or by its form."""
        if _may_have_form(text):
            text = _CREDENTIAL.sub(self._replace_credential, text)
            text = _USER.sub(lambda found: found[1] + self._respell(found[2], unquote), text)
        has_fields, has_members = "=" in text, _QUOTED.search(text)
        if (has_fields or has_members) and self.names.may_be_in(text):
            text = _FIELD.sub(self._replace_field, text) if has_fields else text
            text = _MEMBER.sub(self._replace_member, text) if has_members else text
            if "name=" in text:
                text = _ELEMENT.sub(self._replace_named, text)
                text = _PART.sub(self._replace_named, text)
        return text

    def known(self, text: str) -> str:
        """A text without the secrets that are known, however they are encoded, and without JWTs.

        What looks for names afterwards may take the part of such a secret for the whole.
        """
        if "eyJ" in text:
            text = _JWT.sub(lambda found: self.replace(found[0], found[0]), text)
        parts, end = list[str](), 0
        for span in self._finder.find(text):
            new = self.replace(span.secret, text[span.start : span.end])
            parts += [text[end : span.start], new]
            end = span.end
        return "".join([*parts, text[end:]]) if parts else text

    def header(self, name: str, value: str) -> str:
        """A header's value; the scheme of a credential and the names of cookies stay."""
        name = name.lower()
        if name in ("cookie", "set-cookie"):
            pairs = value.split(";") if name == "cookie" else [value.partition(";")[0]]
            rest = "" if name == "cookie" else value[len(pairs[0]) :]
            return ";".join(map(self._replace_cookie, pairs)) + self.text(rest)
        if name not in self._headers and not self.names.is_secret("header", name):
            return self.text(value)
        scheme, space, credential = value.strip().partition(" ")
        if space and scheme.lower() in _SCHEMES:
            return f"{scheme} {self.replace(credential, credential)}"
        return self.replace(value, value)

    def value(self, place: str, name: str, value: str) -> str:
        """The value of a parameter or a field."""
        if self.names.is_secret(place, name):
            return self.replace(value, value)
        return self.text(value)

    def query(self, query: str) -> str:
        """A query, or the body of a form, as it is spelt."""
        pairs = map(self._replace_pair, self.known(query).split("&"))
        return self._redact_by_name("&".join(pairs))

    def body(self, text: str, media_type: str = "") -> str:
        """The text of a body: JSON, whole or cut off, stays JSON."""
        return self.query(text) if media_type == _FORM else self._redact_value(self.known(text))

    def _redact_value(self, text: str) -> str:
        return self._json(text) if _BRACKET.match(text) else self._redact_by_name(text)

    def _json(self, text: str) -> str:
        if not (self.names.may_be_in(text) or _may_have_form(text)):
            return text
        parts, end, is_named, levels = list[str](), 0, False, [False]
        for token in _JSON.finditer(text):
            string, colon = token.groups()
            if colon:
                is_named = self.names.is_secret("body", _decode_string(string))
                continue
            is_secret = is_named or levels[-1]
            if token[0] in ("{", "["):
                levels.append(is_secret)
            elif token[0] in ("}", "]"):
                if len(levels) > 1:
                    levels.pop()
            else:
                new = self._replace_scalar(token[0], string, is_secret=is_secret)
                parts += [text[end : token.start()], new]
                end = token.end()
            is_named = False
        return "".join([*parts, text[end:]])

    def _replace_scalar(self, token: str, string: str | None, *, is_secret: bool) -> str:
        """A string or another scalar of JSON; a string may have JSON in it."""
        value = token if string is None else _decode_string(string)
        if is_secret:
            new = self.replace(value, token if string is None else string)
        elif string is not None:
            new = self._redact_value(value)
        else:
            return token
        if new == value:
            return token
        if string is None and self.keeps_types:
            return re.sub("[^0-9]", "", new) or "0"
        # Half of a surrogate pair has to stay escaped: no encoding has it.
        encoded = json.dumps(new, ensure_ascii=bool(_SURROGATE.search(new)))
        return encoded if string is None or token.endswith('"') else encoded[:-1]

    def _respell(self, spelling: str, decode: Callable[[str], str]) -> str:
        """What takes the place of a secret in a URL, as it is spelt there."""
        secret = decode(spelling)
        new = self.replace(secret, spelling)
        return spelling if new == secret else new

    def _replace_pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if not equals or not self.names.is_secret("query", unquote_plus(name)):
            return pair
        return f"{name}={self._respell(value, unquote_plus)}"

    def _replace_cookie(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        return self.known(name) + (f"={self.replace(value, value)}" if equals else "")

    def _replace_credential(self, match: re.Match[str]) -> str:
        secret = match[3].rstrip(".")
        # "Bearer authentication" is prose.
        if _WORD.fullmatch(secret) and secret not in self.secrets:
            return match[0]
        return f"{match[1]}{match[2]}{self.replace(secret, secret)}{match[3][len(secret) :]}"

    def _replace_field(self, match: re.Match[str]) -> str:
        return self._replace_pair(match[0])

    def _replace_member(self, match: re.Match[str]) -> str:
        name, value = match[1], match[match.lastindex or 0]
        if not self.names.is_secret("body", name) and name.lower() not in self._headers:
            return match[0]
        secret = _decode_string(value)
        new = self.replace(secret, value)
        return match[0] if new == secret else match[0][: -len(value)] + new

    def _replace_named(self, match: re.Match[str]) -> str:
        before, name, between, value = match.groups()
        return f"{before}{name}{between}{self._replace_if_secret(name, value)}"

    def _replace_if_secret(self, name: str, value: str) -> str:
        return self.replace(value, value) if self.names.is_secret("body", name) else value

    @cached_property
    def _headers(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self.headers)

    @cached_property
    def _finder(self) -> SecretFinder:
        """Finds the credentials that are redacted wherever they stand, and what was found."""
        return SecretFinder(self._long_secrets, {*self.found} - self._long_secrets)

    @cached_property
    def _long_secrets_in_utf8(self) -> list[bytes]:
        return [secret.encode("utf-8", "surrogatepass") for secret in self._long_secrets]

    @cached_property
    def _long_secrets(self) -> frozenset[str]:
        """The credentials that are no common words, and their parts."""
        secrets = {*self.secrets, *(part for it in self.secrets for part in _list_parts(it))}
        common = (_COMMON_WORD, _PUBLIC)
        return frozenset(it for it in secrets if not any(word.fullmatch(it) for word in common))


class FoundSecrets:
    """Collects the secrets in the exchanges of an API, so that other texts do not show them.

    `sent` are those in the header fields and the queries of requests.
    """

    def __init__(self, contract: Contract) -> None:
        self.names = SecretNames.of(contract)
        self.values: set[str] = set()
        self.sent: dict[str, None] = {}
        self._mask = Mask(names=SecretNames.of(contract, is_narrow=True), replace=self._add)
        self._sent_mask = replace(self._mask, replace=self._add_sent)
        self._add_header = lru_cache(maxsize=1_000)(self._mask.header)
        self._add_sent_header = lru_cache(maxsize=1_000)(self._sent_mask.header)
        self._bodies: set[int] = set()  # hashes of those that were read: most come again

    def add(self, exchange: Exchange) -> None:
        """Add the secrets of an exchange."""
        self._sent_mask.query(exchange.request.query)
        for message, add_header in (
            (exchange.request, self._add_sent_header),
            (exchange.response, self._add_header),
        ):
            for name, value in message.headers.fields:
                add_header(name, value)
            content = message.body, message.headers.media_type
            if hash(content) not in self._bodies:
                self._bodies.add(hash(content))
                self._mask.body(message.body.decode("utf-8", "replace"), content[1])

    def _add(self, secret: str, _spelling: str) -> str:
        self.values |= {value for value in (secret, unquote(secret)) if is_distinctive(value)}
        return secret

    def _add_sent(self, secret: str, spelling: str) -> str:
        if is_distinctive(secret):
            self.sent[secret] = None
        return self._add(secret, spelling)


def format_word(text: str) -> str:
    """Quote a word of `for_shell` for a shell, which expands the variables in it."""
    parts = re.split("\ue000([A-Za-z_][A-Za-z0-9_]*)\ue001", text)
    if len(parts) == 1:
        return shlex.quote(text)
    if any(sign in part for part in parts[::2] for sign in '"\\$`!'):
        words = [
            f'"${part}"' if n % 2 else part and shlex.quote(part) for n, part in enumerate(parts)
        ]
        return "".join(words)
    word = "".join(f"${{{part}}}" if n % 2 else part for n, part in enumerate(parts))
    return '"' + re.sub(r"\$\{(\w+)\}(?![A-Za-z0-9_])", r"$\1", word) + '"'


def _may_have_form(text: str) -> bool:
    """Whether a text may have a secret that is known by its form; fast, since most have none."""
    lowered = text.lower()
    return any(form in lowered for form in _FORMS) or ("://" in text and "@" in text)


def _decode_string(string: str) -> str:
    """The text of a string of JSON without its quotation marks; itself where it is none."""
    if "\\" in string:
        with suppress(ValueError):
            return str(json.loads(f'"{string}"', strict=False))
    return string


def _list_parts(credential: str) -> Iterator[str]:
    """A user with a password, and the password, of a credential as `Basic` writes it."""
    with suppress(ValueError):
        decoded = b64decode(credential, validate=True).decode()
        if ":" in decoded and decoded.isprintable():
            yield from (decoded, decoded.partition(":")[2])
