"""Faker and ids, each value a function of (seed, kind, n): never a shared random stream.

Only this module uses random numbers. Because every value has a stream of its own, adding a row,
leaving one out, or another order of calls changes no other value.
"""

from __future__ import annotations

import pkgutil
import random
import uuid
from functools import cache
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING

from mockserver.errors import SettingError, suggest_nearest
from mockserver.json_pointer import escape

if TYPE_CHECKING:
    from faker.generator import Generator

Chance = random.Random
"""A stream of random numbers."""

_turn = Lock()
"""Faker's generators are shared, and store the stream that they use: one name at a time."""


def _make_generator() -> Generator:
    # Most commands make no names, and Faker's modules take a tenth of a second.
    from faker.generator import Generator

    return Generator()


def _load_topic(name: str) -> ModuleType:
    return import_module(f"faker.providers.{name}")


@cache
def _people(locale: str) -> Generator:
    """Faker's names for a locale.

    `faker.Faker(locale)` loads every provider there is, a tenth of a second a locale; names need
    one.
    """
    known = [module.name for module in pkgutil.iter_modules(_load_topic("person").__path__)]
    if locale not in known:
        same_language = [name for name in known if name.startswith(f"{locale[:2]}_")]
        raise SettingError(
            f"Faker knows no names of the locale '{locale}'; "
            f"{suggest_nearest(locale, same_language or known)}"
        )
    generator = _make_generator()
    provider = _load_topic(f"person.{locale}").Provider
    generator.add_provider(provider(generator))
    return generator


_TOPICS = ("address", "company", "job", "lorem", "person", "phone_number")


@cache
def _fakers(locale: str) -> Generator:
    """What Faker makes for a locale.

    Where a topic lacks the locale, it is another one of the same language, otherwise English.
    """
    generator = _make_generator()
    for topic in _TOPICS:
        folder = _load_topic(topic).__path__
        known = sorted(module.name for module in pkgutil.iter_modules(folder))
        language = [name for name in known if name.partition("_")[0] == locale.partition("_")[0]]
        chosen = locale if locale in known else next(iter(language), "en_US")
        provider = _load_topic(f"{topic}.{chosen}").Provider
        generator.add_provider(provider(generator))
    return generator


class Factory:
    """Makes plausible values for one world, the same ones for the same seed."""

    def __init__(self, seed: int, branch: int = 0) -> None:
        self.seed = seed
        self._root = (seed, branch) if branch else (seed,)

    def make_branch(self, number: int) -> Factory:
        """A factory with other values for the same kinds and numbers; the same one for 0."""
        return Factory(self.seed, number)

    def random(self, *words: int | str) -> Chance:
        """The stream of random numbers of the n-th thing of a kind: `random(kind, n)`."""
        # Escaped, because a kind or a key may have a slash: two lists of words are never one text.
        return Chance("/".join(escape(word) for word in (*self._root, *words)))

    def name(self, kind: str, n: int | str, locale: str = "en_US") -> str:
        """A person's first and last name. Raises SettingError for a locale without names."""
        people = _people(locale)
        with _turn:
            people.random = self.random("name", kind, locale, n)
            return f"{people.format('first_name')} {people.format('last_name')}"

    def fake(self, method: str, *words: int | str, locale: str = "en_US") -> str:
        """What a method of Faker makes, such as `city`: `fake("city", kind, n)`."""
        fakers = _fakers(locale)
        with _turn:
            fakers.random = self.random("fake", method, locale, *words)
            return str(fakers.format(method))

    def uuid(self, kind: str, n: int | str) -> str:
        """A version 4 UUID in lower case."""
        return str(uuid.UUID(int=self.random("uuid", kind, n).getrandbits(128), version=4))

    def hex(self, kind: str, n: int | str, digits: int) -> str:
        """So many hexadecimal digits in lower case."""
        return f"{self.random('hex', kind, n).getrandbits(4 * digits):0{digits}x}"
