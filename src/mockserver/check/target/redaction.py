"""Redacts secrets in everything that a run prints or writes.

A secret is known by the name beside it, by its form, or because it is a credential of the run.
"""

from __future__ import annotations

import json
import re
import shlex
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from html import escape
from urllib.parse import unquote, unquote_plus

from mockserver.api import Api
from mockserver.check.target.secret_names import SecretNames
from mockserver.contract import Exchange

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
"""What could be any word: as a secret, it is redacted only where it stands as one."""

_NOT_DISTINCTIVE = re.compile(r".{1,7}|[0-9]{4}-[0-9]{2}-[0-9]{2}\b.*|https?://.*", re.DOTALL)
_SCHEMES = frozenset({"basic", "bearer", "digest", "jwt", "token"})
_FORM = "application/x-www-form-urlencoded"
_LEAST_BASE64 = 8
_URLSAFE = str.maketrans("+/", "-_")

_JWT = re.compile(r"(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{2}))eyJ[\w-]{5,}+(?:\.[\w-]*+){2,4}", re.ASCII)
_CREDENTIAL = re.compile(
    r"\b(Bearer|Basic)((?:\s|%20|\+)+)(?!\w+=[^=\s])([\w.~+/%-]+=*)", re.ASCII | re.IGNORECASE
)
_FORMS = re.compile(r"eyJ|bearer|basic|://[^/\s]+@", re.IGNORECASE)
"""A text without these has no secret that is known by its form."""

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
_RUN = re.compile(r"%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\.|([A-Za-z0-9]{3,})", re.DOTALL)
"""A run of letters and digits, which most encodings leave as it is."""

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

    `secrets` are the credentials of a run; one that could be any word is redacted only where it
    stands as a credential. `found` are secrets that its exchanges have. `headers` are those whose
    values are secret, besides those of `names`. `variables` has the environment variable of a
    secret. With `keeps_types` a number is replaced by a number.
    """

    secrets: Collection[str] = field(default=(), repr=False)
    headers: Collection[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    names: SecretNames = field(default_factory=SecretNames)
    found: Collection[str] = field(default=(), repr=False)
    replace: Replace = hide
    keeps_types: bool = False

    def extended(self, found: FoundSecrets) -> Mask:
        """The mask for an API, with the secrets that were found in its exchanges."""
        return replace(self, names=found.names, found=frozenset(found.values))

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
        if _FORMS.search(text):
            text = _JWT.sub(lambda found: self.replace(found[0], found[0]), text)
            text = _CREDENTIAL.sub(self._replace_credential, text)
            text = _USER.sub(lambda found: found[1] + self._respell(found[2], unquote), text)
        has_fields, has_members = "=" in text, _QUOTED.search(text)
        if (has_fields or has_members) and self.names.may_be_in(text):
            text = _FIELD.sub(self._replace_field, text) if has_fields else text
            text = _MEMBER.sub(self._replace_member, text) if has_members else text
            if "name=" in text:
                text = _ELEMENT.sub(self._replace_named, text)
                text = _PART.sub(self._replace_named, text)
        return self.known(text)

    def known(self, text: str) -> str:
        """A text without the secrets that are known, however they are encoded."""
        if self._plain:
            text = self._plain.sub(lambda match: self.replace(match[0], match[0]), text)
        if self._spelt and any(mark in text for mark in "%\\&+"):
            text = self._spelt.sub(lambda match: self.replace("", match[0]) or PLACEHOLDER, text)
        if self.found:
            runs = {"", *_RUN.findall(text)} & self._by_run.keys()
            values = {value for run in runs for value in self._by_run[run]}
            for value in sorted(values, key=len, reverse=True):
                text = _compile(value).sub(_Replacement(self.replace, value), text)
        return text

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
        return self.text("&".join(map(self._replace_pair, query.split("&"))))

    def body(self, text: str, media_type: str = "") -> str:
        """The text of a body: JSON, whole or cut off, stays JSON."""
        if media_type == _FORM:
            return self.query(text)
        return self.known(self._json(text)) if _BRACKET.match(text) else self.text(text)

    def _json(self, text: str) -> str:
        if not (self.names.may_be_in(text) or _FORMS.search(text)):
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
            new = self.body(value)
        else:
            return token
        if new == value:
            return token
        if string is None and self.keeps_types:
            return re.sub("[^0-9]", "", new) or "0"
        encoded = json.dumps(new, ensure_ascii=False)
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
        return f"{name}={self.replace(value, value)}" if equals else pair

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
    def _everywhere(self) -> list[str]:
        """The credentials that are redacted wherever they stand, the longest first."""
        secrets = {*self.secrets, *(part for it in self.secrets for part in _list_parts(it))}
        long = {it for it in secrets if not _WORD.fullmatch(it) and not _PUBLIC.fullmatch(it)}
        return sorted(long, key=lambda secret: (-len(secret), secret))

    @cached_property
    def _plain(self) -> re.Pattern[str] | None:
        encoded = [form for it in self._everywhere for form in _list_base64(it)]
        patterns = [*map(re.escape, self._everywhere), *encoded]
        return re.compile("|".join(patterns)) if patterns else None

    @cached_property
    def _spelt(self) -> re.Pattern[str] | None:
        patterns = ["".join(map(_make_pattern, secret)) for secret in self._everywhere]
        return re.compile("|".join(patterns)) if patterns else None

    @cached_property
    def _by_run(self) -> dict[str, list[str]]:
        """What was found, by its longest run of letters and digits."""
        values: dict[str, list[str]] = {}
        for value in sorted(self.found):
            runs = re.findall("[A-Za-z0-9]{3,}", value)
            values.setdefault(max(runs, key=len, default=""), []).append(value)
        return values


@dataclass(frozen=True)
class _Replacement:
    """Replaces the spellings of one secret."""

    replace: Replace
    secret: str

    def __call__(self, match: re.Match[str]) -> str:
        return self.replace(self.secret, match[0])


class FoundSecrets:
    """Collects the secrets in the exchanges of an API, so that other texts do not show them."""

    def __init__(self, api: Api) -> None:
        self.names = SecretNames.of(api.contract)
        self.values: set[str] = set()
        self._mask = Mask(names=SecretNames.of(api.contract, is_narrow=True), replace=self._add)
        self._add_header = lru_cache(maxsize=1_000)(self._mask.header)

    def add(self, exchange: Exchange) -> None:
        """Add the secrets of an exchange."""
        self._mask.query(exchange.request.query)
        for message in (exchange.request, exchange.response):
            for name, value in message.headers.fields:
                self._add_header(name, value)
            self._mask.body(message.body.decode("utf-8", "replace"), message.headers.media_type)

    def _add(self, secret: str, _spelling: str) -> str:
        self.values |= {value for value in (secret, unquote(secret)) if is_distinctive(value)}
        return secret


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


def _list_base64(secret: str) -> Iterator[str]:
    """Patterns of a secret in base64, alone or anywhere in a longer text."""
    content = secret.encode()
    for before in range(3):
        encoded = b64encode(bytes(before) + content).decode()
        # The characters at the borders depend on what is beside it too.
        inner = encoded[-(-8 * before // 6) : 8 * (before + len(content)) // 6]
        if len(inner) >= _LEAST_BASE64:
            urlsafe = inner.translate(_URLSAFE)
            forms = "|".join(map(re.escape, dict.fromkeys((inner, urlsafe))))
            yield f"(?:{forms})(?:[A-Za-z0-9+/_-]?={{1,2}})?"


def _make_pattern(character: str) -> str:
    """A pattern of a character of a secret in every encoding of a URL, JSON or HTML."""
    percent = "".join(f"%{byte:02x}" for byte in character.encode())
    units = character.encode("utf-16-be").hex()
    unicode = "".join(f"\\\\u{units[n : n + 4]}" for n in range(0, len(units), 4))
    entities = {f"&#{ord(character)};", f"&#x{ord(character):x};", escape(character)}
    encodings = [f"(?i:{percent})", f"(?i:{unicode})", *map(re.escape, sorted(entities))]
    encodings += ["\\\\" + re.escape(character)] if character in '"\\/' else []
    encodings += [r"\+"] if character == " " else []
    return f"(?:{'|'.join([*encodings, re.escape(character)])})"


@lru_cache(maxsize=4_096)
def _compile(secret: str) -> re.Pattern[str]:
    return re.compile("".join(map(_make_pattern, secret)))
