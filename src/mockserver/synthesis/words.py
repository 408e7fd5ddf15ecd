"""What the name of a property says of its value, and the values of formats."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mockserver.clock import SECOND, format_moment
from mockserver.factory import Chance, Factory

_DAY = 24 * 60 * 60

_PERSONS = frozenset(
    {
        "agent",
        "assignee",
        "author",
        "client",
        "coach",
        "contact",
        "creator",
        "customer",
        "doctor",
        "driver",
        "employee",
        "guest",
        "host",
        "manager",
        "member",
        "mentor",
        "owner",
        "patient",
        "people",
        "person",
        "recipient",
        "sender",
        "staff",
        "student",
        "supervisor",
        "teacher",
        "user",
    }
)
"""A property of this name is a person's name, and the `name` of an object of this name is one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the words of its name, and of the names above it.

    `words` are what makes its chance its own. `now` is the moment of the response.
    """

    name: tuple[str, ...]
    above: frozenset[str]
    words: tuple[int | str, ...]
    now: int


def split_name(name: str) -> tuple[str, ...]:
    """The words of a name in camel case, snake case or with hyphens, in lower case."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", name)
    return tuple(spaced.lower().split())


# By the end of the name, the first match counts; `{}` is filled with a method of Faker.
_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"(first|given) name", "first_name"),
    (r"(last|family|sur) ?name", "last_name"),
    (r"(full|display|screen|find) name", "_name"),
    (r"(user|nick) ?name|login|handle", "_handle"),
    (r"e ?mail( address)?", "_email"),
    (r"(tele)?phone( number)?|mobile( number)?|fax|tel", "phone_number"),
    (r"(image|avatar|photo|picture|logo|icon|thumbnail)( (url|uri))?", "_image"),
    (r"url|uri|link|href|website|homepage", "_url"),
    (r"city|town", "city"),
    (r"country code", "_country_code"),
    (r"country", "country"),
    (r"street( address)?", "street_address"),
    (r"address( line)?", "address"),
    (r"(zip|post|postal)( ?code)?", "postcode"),
    (r"company( name)?|organi[sz]ation( name)?|employer", "company"),
    (r"job( title)?|profession|occupation", "job"),
    (r"currency( code)?", "_currency"),
    (r"lang(uage)?|locale", "_language"),
    (r"time ?zone|tz", "_zone"),
    (r"colou?r", "_colour"),
    (r"uuid|guid", "_uuid"),
    (
        r"(description|message|text|body|content|comment|notes?|summary|bio|reason|detail)s?",
        "sentence",
    ),
    (r"title|subject|headline|label", "_title"),
    (r"date|day|birthday|dob", "_date"),
    (
        r"(created|updated|deleted|started|ended|modified|expires|published)|.* at|timestamp"
        r"|date ?time",
        "_moment",
    ),
    (r"time", "_time"),
    (r"id|key|token|code|hash|reference|ref|number|sku", "_code"),
)
_RULES = [(re.compile(rf"(.* )?({ending})"), method) for ending, method in _BY_NAME]


def suggest_text(factory: Factory, place: Place, locale: str) -> str | None:
    """A text for a property, by its name; None where the name says nothing."""
    last = place.name[-1] if place.name else ""
    named = _PERSONS & {*place.name[:-1], *place.above}
    if last in _PERSONS or (last == "name" and named):
        return _name(factory, place, locale)
    name = " ".join(place.name)
    method = next((it for rule, it in _RULES if rule.fullmatch(name)), None)
    if method is None:
        return None
    if own := _OWN.get(method):
        return own(factory, place, locale)
    return factory.fake(method, *place.words, locale=locale).replace("\n", ", ")


_PERSONAL = {
    **dict.fromkeys(("first_name", "last_name", "_name", "_handle"), "name"),
    "_email": "email",
    "phone_number": "phone",
}


def find_personal_sort(names: Sequence[str]) -> str:
    """Which personal data a member has, by its name and those above it; empty where none."""
    words = split_name(names[-1]) if names else ()
    above = {word for name in names[:-1] for word in split_name(name)}
    if words and (words[-1] in _PERSONS or (words[-1] == "name" and _PERSONS & {*words, *above})):
        return "name"
    name = " ".join(words)
    method = next((it for rule, it in _RULES if rule.fullmatch(name)), "")
    return _PERSONAL.get(method, "")


def suggest_words(factory: Factory, place: Place, locale: str) -> str:
    """Two words."""
    return " ".join(factory.fake("word", n, *place.words, locale=locale) for n in range(2))


def _chance(factory: Factory, place: Place) -> Chance:
    return factory.random("text", *place.words)


def _title(factory: Factory, place: Place, locale: str) -> str:
    text = factory.fake("sentence", *place.words, locale=locale)
    return " ".join(text.rstrip(".").split()[:4])


def _name(factory: Factory, place: Place, locale: str) -> str:
    # Faker's own `name` has titles such as `Mr.` too.
    parts = (factory.fake(it, *place.words, locale=locale) for it in ("first_name", "last_name"))
    return " ".join(parts)


def _handle(factory: Factory, place: Place, _: str) -> str:
    first, last = _latin_name(factory, place)
    return f"{first[0]}.{last}"


def _latin_name(factory: Factory, place: Place) -> tuple[str, str]:
    first = factory.fake("first_name", *place.words)
    last = factory.fake("last_name", *place.words)
    return first.lower(), re.sub(r"[^a-z]", "", last.lower())


def _email(factory: Factory, place: Place, _: str) -> str:
    return "{}.{}@example.com".format(*_latin_name(factory, place))


def _slug(factory: Factory, place: Place) -> str:
    return "-".join(factory.fake("word", n, *place.words) for n in range(2))


def _url(factory: Factory, place: Place, _: str) -> str:
    return f"https://example.com/{_slug(factory, place)}"


def _image(factory: Factory, place: Place, locale: str) -> str:
    return f"{_url(factory, place, locale)}.png"


def _choose(*texts: str) -> Callable[[Factory, Place, str], str]:
    return lambda factory, place, _: _chance(factory, place).choice(texts)


def _by_locale(part: int, fallback: str) -> Callable[[Factory, Place, str], str]:
    return lambda _, __, locale: [*locale.split("_"), fallback, fallback][part]


def _hexadecimal(prefix: str, digits: int) -> Callable[[Factory, Place, str], str]:
    def make(factory: Factory, place: Place, _: str) -> str:
        return f"{prefix}{_chance(factory, place).getrandbits(4 * digits):0{digits}x}"

    return make


def _uuid(factory: Factory, place: Place, _: str) -> str:
    return factory.uuid("text", "/".join(map(str, place.words)))


def _past(factory: Factory, place: Place) -> int:
    """A moment in the last thirty days, in whole seconds."""
    moment = place.now - _chance(factory, place).randrange(30 * _DAY) * SECOND
    return max(moment - moment % SECOND, 0)


def _moment(factory: Factory, place: Place, _: str) -> str:
    return format_moment(_past(factory, place))


def _date(factory: Factory, place: Place, locale: str) -> str:
    return _moment(factory, place, locale)[:10]


def _time(factory: Factory, place: Place, locale: str) -> str:
    return _moment(factory, place, locale)[11:16]


_OWN: dict[str, Callable[[Factory, Place, str], str]] = {
    "_title": _title,
    "_name": _name,
    "_handle": _handle,
    "_email": _email,
    "_url": _url,
    "_image": _image,
    "_country_code": _by_locale(1, "US"),
    "_language": _by_locale(0, "en"),
    "_currency": _choose("USD", "EUR", "SAR", "AED", "EGP"),
    "_zone": _choose("UTC", "Asia/Riyadh", "Africa/Cairo", "Europe/Berlin"),
    "_colour": _hexadecimal("#", 6),
    "_code": _hexadecimal("", 12),
    "_uuid": _uuid,
    "_date": _date,
    "_moment": _moment,
    "_time": _time,
}

# Formats


def suggest_format(factory: Factory, name: str, place: Place) -> Iterator[str]:
    """Texts of a format, the likeliest spelling first; none of a format that is not known."""
    chance = _chance(factory, place)
    moment = _moment(factory, place, "")[:19]
    match name:
        case "date-time":
            for zone in ("Z", ".000Z", "+00:00", ".000+00:00", ".000000Z", ".000000+00:00"):
                yield moment + zone
            yield moment
            yield moment.replace("T", " ")
        case "date" | "full-date":
            yield moment[:10]
        case "time" | "full-time" | "partial-time":
            yield from (f"{moment[11:]}Z", moment[11:], moment[11:16])
        case "duration":
            yield from (f"PT{chance.randint(1, 90)}M", f"P{chance.randint(1, 30)}D")
        case "email" | "idn-email":
            yield _email(factory, place, "")
        case "uuid" | "guid":
            yield _uuid(factory, place, "")
            yield _uuid(factory, place, "").upper()
        case "uri" | "url" | "iri":
            yield from (_url(factory, place, ""), _url(factory, place, "").replace("https", "http"))
        case "uri-reference" | "iri-reference" | "path":
            yield f"/{_slug(factory, place)}"
        case "uri-template":
            yield f"https://example.com/{_slug(factory, place)}/{{id}}"
        case "hostname" | "idn-hostname" | "domain":
            yield f"{_slug(factory, place)}.example.com"
        case "ipv4" | "ip":
            yield f"192.0.2.{chance.randint(1, 254)}"
        case "ipv6":
            yield f"2001:db8::{chance.randint(1, 0xFFFF):x}"
        case "byte" | "base64":
            yield base64.b64encode(_slug(factory, place).encode()).decode()
        case "json-pointer":
            yield f"/{_slug(factory, place)}"
        case "relative-json-pointer":
            yield "0"
        case "regex":
            yield "^[a-z]+$"
        case "phone":
            yield factory.fake("phone_number", *place.words)
        case "color":
            yield _hexadecimal("#", 6)(factory, place, "")


def suggest_integer(factory: Factory, place: Place) -> Iterator[int]:
    """Whole numbers that the name of a property suggests; none where it says nothing."""
    chance = _chance(factory, place)
    last = place.name[-1] if place.name else ""
    if last in ("at", "timestamp", "epoch"):
        seconds = _past(factory, place) // SECOND
        yield from (seconds, seconds * 1000)
    elif last == "year":
        yield int(format_moment(place.now)[:4])
    elif last in ("age",):
        yield chance.randint(18, 70)
    elif last in ("page", "status", "version"):
        yield 1
    elif last in ("id", "number", "code"):
        yield chance.randint(1, 9_999)
