"""Which names stand for secrets: by their words, by HTTP, and by an API's contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mockserver.contract import Contract

_WORDS = (
    "token|jwt|bearer|secret|passw|passphrase|pwd|csrf|xsrf|cookie|credential|signature"
    # Neither an author nor the challenge of a server is a secret.
    "|auth(?!enticat|or(?!i[sz]ation))"
    "|(?:api|access|private|client)[-_. ]?key"
    "|(?<![A-Za-z])(?:sid|sig|otp)(?![A-Za-z])|sec-websocket-protocol"
)
_MOST_KNOWN = 10_000
_NARROW = re.compile(_WORDS, re.IGNORECASE)
_WIDE = re.compile(f"{_WORDS}|session", re.IGNORECASE)
_PARTS = (
    *("token", "jwt", "bearer", "secret", "pass", "pwd", "csrf", "xsrf", "cookie", "credential"),
    *("signature", "auth", "key", "sid", "sig", "otp", "websocket", "\\u00"),
)
"""Some of these is in every text that has a narrow name; JSON may escape any letter."""

_ABOUT = re.compile(
    "^access-control-|[-_. ]?(?:type|expir(?:y|es|ed|ation)?[-_. ]?(?:at|in|on)?|count|limit)$",
    re.IGNORECASE,
)
"""Names of what is known about a secret, such as when it expires."""


@dataclass(frozen=True)
class SecretNames:
    """Recognises the names of secrets; a place is `header`, `query`, `cookie` or `body`.

    `secret` and `declared` are places with names of a contract. What it declares is data, whatever
    its name is, unless it is a credential of a security scheme, a `format: password` or
    `writeOnly`. Narrow names leave out those of sessions, which many an id has.
    """

    secret: frozenset[tuple[str, str]] = frozenset()
    declared: frozenset[tuple[str, str]] = frozenset()
    is_narrow: bool = False
    _known: dict[tuple[str, str], bool] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, contract: Contract, *, is_narrow: bool = False) -> SecretNames:
        """The names of a contract."""
        declared = list(_list_declared(contract.document))
        schemes = contract.security_schemes.values()
        keys = [(scheme["in"], scheme["name"]) for scheme in schemes if scheme["type"] == "apiKey"]
        secret = [(place, name) for place, name, is_secret in declared if is_secret]
        return cls(
            frozenset((place, _fold(place, name)) for place, name in [*keys, *secret]),
            frozenset((place, _fold(place, name)) for place, name, _ in declared),
            is_narrow,
        )

    @cached_property
    def has_secret_members(self) -> bool:
        """Whether the contract declares members of bodies that are secret."""
        return any(place == "body" for place, _ in self.secret)

    def is_secret(self, place: str, name: str) -> bool:
        """Whether the value of a name is a secret."""
        key = (place, _fold(place, name))
        if key not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            is_credential = place == "cookie" or key in self.secret
            self._known[key] = is_credential or self._is_like_a_secret(place, name)
        return self._known[key]

    def _is_like_a_secret(self, place: str, name: str) -> bool:
        if (place, _fold(place, name)) in self.declared:
            return False
        pattern = _NARROW if self.is_narrow else _WIDE
        return bool(pattern.search(name)) and not _ABOUT.search(name)

    def may_be_in(self, text: str) -> bool:
        """Whether a text may have such a name; fast, since most have none."""
        lowered = text.lower()
        return (
            any(part in lowered for part in _PARTS)
            or (not self.is_narrow and "session" in lowered)
            or any(name in text for _, name in self.secret)
        )


def list_secret_headers(contracts: Iterable[Contract]) -> frozenset[str]:
    """The names of the headers that carry credentials by the contracts' security schemes."""
    schemes = (scheme for contract in contracts for scheme in contract.security_schemes.values())
    keys = (scheme for scheme in schemes if scheme["type"] == "apiKey")
    return frozenset(scheme["name"].lower() for scheme in keys if scheme["in"] == "header")


def _fold(place: str, name: str) -> str:
    return name.lower() if place == "header" else name


def _list_declared(node: Any) -> Iterator[tuple[str, str, bool]]:
    """The place and the name of each parameter, header and property, and whether it is secret."""
    if isinstance(node, list):
        for item in node:
            yield from _list_declared(item)
    if not isinstance(node, Mapping):
        return
    if isinstance(node.get("in"), str) and isinstance(node.get("name"), str) and "type" not in node:
        yield node["in"], node["name"], _is_secret_schema(node.get("schema"))
    for keyword, place in (("headers", "header"), ("properties", "body")):
        members = node.get(keyword)
        for name, member in members.items() if isinstance(members, Mapping) else ():
            schema = member.get("schema") if place == "header" and member else member
            yield place, str(name), _is_secret_schema(schema)
    for keyword, value in node.items():
        if keyword not in ("example", "examples", "enum", "default"):
            yield from _list_declared(value)


def _is_secret_schema(schema: Any) -> bool:
    return isinstance(schema, Mapping) and (
        schema.get("format") == "password" or schema.get("writeOnly") is True
    )
