"""Replaces personal data in documents: a value by the same made-up one wherever it stands.

A contract declares its personal members by `x-personal`; e-mail addresses and telephone numbers
are found by their form in every text, and members by their names where nothing is declared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from unicodedata import category

from mockserver.api import Api
from mockserver.contract import Schemas, flatten_schema
from mockserver.factory import Factory
from mockserver.inference import Draft
from mockserver.synthesis import find_personal_sort

_EMAIL = re.compile(r"[\w.+'%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\w+])\+[0-9](?:[ ().-]{0,2}[0-9]){7,14}(?![\w])")
_FORMS = {"email": _EMAIL, "phone": _PHONE}
_WORD = re.compile(r"\w+")
_ARABIC = re.compile("[\u0600-\u06ff]")
_ARABIC_LETTERS = [chr(code) for code in (*range(0x0627, 0x063B), *range(0x0641, 0x0649))]
_TRIES, _SCRAMBLED = 20, 10
_KEPT_DIGITS = 4
"""So many characters at the beginning of a telephone number stay: those of its country."""

Accepts = Callable[[Any], bool]


class Pseudonyms:
    """The made-up values of personal ones; no two people get the same."""

    def __init__(self, factory: Factory, locale: str) -> None:
        self._factory = factory
        self._locale = locale
        self._new: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()
        self._whole: dict[str, str] = {}
        self._index: dict[str, list[tuple[str, str]]] = {}

    def __len__(self) -> int:
        return len(self._new)

    def add(self, sort: str, value: str, accepts: Accepts = lambda _: True) -> str:
        """What takes the place of a personal value; the same one for the same value."""
        key = sort, value.casefold()
        if key not in self._new:
            new = self._new[key] = self._make(sort, value, accepts)
            self._taken.add(new.casefold())
            self._whole[value.casefold()] = new
            if sort != "text" and (word := _WORD.search(value)):
                mentions = self._index.setdefault(word[0].casefold(), [])
                before = value[: word.start()]  # such as the plus of a telephone number
                mentions.append((value[word.start() :].casefold(), new.removeprefix(before)))
                mentions.sort(key=lambda it: -len(it[0]))
        return self._new[key]

    def replace(self, text: str) -> str:
        """A text with the values that were added replaced wherever it mentions them."""
        if whole := self._whole.get(text.casefold()):
            return whole
        parts, end = list[str](), 0
        for word in _WORD.finditer(text):
            start = word.start()
            if start < end:
                continue
            for value, new in self._index.get(word[0].casefold(), ()):
                stop = start + len(value)
                is_whole = not (text[stop : stop + 1] and _WORD.match(text[stop]))
                if is_whole and text[start:stop].casefold() == value:
                    parts += [text[end:start], new]
                    end = stop
                    break
        return "".join([*parts, text[end:]]) if parts else text

    def _make(self, sort: str, value: str, accepts: Accepts) -> str:
        number = len(self._new)
        make = _MAKERS[sort]
        for attempt in range(_TRIES + _SCRAMBLED):
            words = ("recorded", sort, number, attempt)
            fits = make if attempt < _TRIES else _scramble
            new = fits(self._factory, value, self._find_locale(value), words)
            is_free = new.casefold() not in self._taken and new != value
            if accepts(new) and (is_free or sort == "text"):
                return new
        return _scramble(self._factory, value, self._locale, ("recorded", sort, number))

    def _find_locale(self, value: str) -> str:
        """The locale of a value by its letters: that of the contract where they fit."""
        is_arabic = bool(_ARABIC.search(value))
        if is_arabic:
            return self._locale if self._locale.startswith("ar") else "ar_SA"
        return "en_US" if self._locale.startswith("ar") else self._locale


Words = tuple[int | str, ...]


def _make_name(factory: Factory, value: str, locale: str, words: Words) -> str:
    first, last = (factory.fake(it, *words, locale=locale) for it in ("first_name", "last_name"))
    return f"{first} {last}" if len(value.split()) > 1 else first


def _make_email(factory: Factory, _value: str, _locale: str, words: Words) -> str:
    first, last = (factory.fake(it, *words) for it in ("first_name", "last_name"))
    return re.sub(r"[^a-z.]", "", f"{first}.{last}".lower()) + "@example.com"


def _make_phone(factory: Factory, value: str, locale: str, words: Words) -> str:
    kept = _KEPT_DIGITS if value.startswith("+") else 0
    return value[:kept] + _scramble(factory, value[kept:], locale, words)


def _make_text(factory: Factory, value: str, locale: str, words: Words) -> str:
    """Sentences that are about as long."""
    text = ""
    for n in range(200):
        text = f"{text} {factory.fake('sentence', n, *words, locale=locale)}".strip()
        if len(text) >= len(value):
            break
    return text if len(text) <= 2 * len(value) else text[: len(value)]


def _scramble(factory: Factory, value: str, _locale: str, words: Words) -> str:
    """Other letters and digits of the same sorts."""
    chance = factory.random("scramble", *words)

    def change(char: str) -> str:
        if char.isascii() and char.isdigit():
            return str(chance.randrange(10))
        if char.isascii() and char.isalpha():
            new = chance.choice("abcdefghijklmnopqrstuvwxyz")
            return new.upper() if char.isupper() else new
        if _ARABIC.match(char) and category(char) == "Lo":
            return chance.choice(_ARABIC_LETTERS)
        return char

    return "".join(map(change, value))


_MAKERS: Mapping[str, Callable[[Factory, str, str, Words], str]] = {
    "name": _make_name,
    "email": _make_email,
    "phone": _make_phone,
    "text": _make_text,
}
PERSONAL = frozenset(_MAKERS)


def replace_personal_data(api: Api, draft: Draft, pseudonyms: Pseudonyms) -> None:
    """Replace the personal data in the documents of an API; that of all was collected before."""
    for kind in api.kinds:
        documents = draft.documents.pop(kind.name, {})
        for document in documents.values():
            draft.put(kind.name, _replace(document.body, pseudonyms), document.note)


def collect_personal_data(api: Api, draft: Draft, pseudonyms: Pseudonyms) -> None:
    """Find the personal data in the documents of an API, and make up others for them."""
    collector = _Collector(api, pseudonyms, draft.made_up)
    for kind in api.kinds:
        for document in draft.documents.get(kind.name, {}).values():
            collector.collect(kind.schema, document.body, ())


class _Collector:
    def __init__(self, api: Api, pseudonyms: Pseudonyms, made_up: Collection[str]) -> None:
        self._document = api.contract.document
        self._schemas = Schemas(self._document, api.formats)
        self._pseudonyms = pseudonyms
        self._made_up = made_up
        self._known: dict[int, tuple[Any, Mapping[str, Any], Accepts]] = {}

    def collect(self, schema: Any, value: Any, names: tuple[str, ...]) -> None:
        """Collect the values of a document; `names` are those of the members around a value."""
        _, flat, accepts = self._compile(schema)
        if isinstance(value, Mapping):
            properties = flat.get("properties", {})
            for name, member in value.items():
                self.collect(properties.get(name, {}), member, (*names, name))
        elif isinstance(value, list):
            for item in value:
                self.collect(flat.get("items", {}), item, names)
        elif isinstance(value, str) and value.strip() and value not in self._made_up:
            sort = flat.get("x-personal") or find_personal_sort(names)
            if sort in PERSONAL and "enum" not in flat:
                self._pseudonyms.add(sort, value, accepts)
                return
            for form, pattern in _FORMS.items():
                for found in pattern.finditer(value):
                    self._pseudonyms.add(form, found[0])

    def _compile(self, schema: Any) -> tuple[Any, Mapping[str, Any], Accepts]:
        """A schema with its references followed, and what accepts its values; by identity."""
        if id(schema) not in self._known:
            flat = flatten_schema(self._document, schema)
            accepts: Accepts = lambda _: True  # noqa: E731 - most schemas are not personal
            if flat.get("type") == "string":
                accepts = self._schemas.compile_inline(schema).accepts
            self._known[id(schema)] = schema, flat, accepts
        return self._known[id(schema)]


def _replace(value: Any, pseudonyms: Pseudonyms) -> Any:
    if isinstance(value, Mapping):
        return {name: _replace(member, pseudonyms) for name, member in value.items()}
    if isinstance(value, list):
        return [_replace(item, pseudonyms) for item in value]
    return pseudonyms.replace(value) if isinstance(value, str) else value
