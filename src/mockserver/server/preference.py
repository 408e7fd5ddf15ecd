"""What a client prefers of one response: `Prefer: code=404, delay=800`, or `?__code=404`.

The header has the grammar of RFC 7240, in which a semicolon separates like a comma. Of each
preference the header goes first, then the query, then the first of several. Other preferences, such
as `return=minimal`, belong to the app and are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from msgspec import Struct
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.contract import Headers
from mockserver.errors import PreferenceError
from mockserver.fault import CONNECTION_FAULTS
from mockserver.sandbox import VALIDATIONS
from mockserver.server.responses import ErrorResponses

MAX_DELAY = 60_000
"""The longest delay, in milliseconds."""

SCOPE_KEY = "mockserver.preference"
"""The key of the preference in an ASGI scope."""

QUERY_PREFIX = "__"
"""It makes a parameter of the query one for the mock."""


class Preference(Struct, frozen=True):
    """What a client prefers of one response; nothing by default.

    `delay` is in milliseconds, `rate` in percent of the requests that the rest applies to.
    `header` are the names that came in the header `Prefer`.
    """

    code: int | None = None
    example: str | None = None
    dynamic: bool = False
    delay: int = 0
    fault: str | None = None
    rate: float = 100
    validation: str | None = None
    header: frozenset[str] = frozenset()

    @property
    def of_response(self) -> tuple[str, ...]:
        """The names of those that say which response it shall be."""
        if self is NO_PREFERENCE:
            return ()  # as nearly always
        wanted = {"code": self.code, "example": self.example, "dynamic": self.dynamic}
        return tuple(name for name, value in wanted.items() if value)

    def format_applied(self, *names: str) -> str:
        """Preferences of these names, as `Preference-Applied` says them (RFC 7240, section 3)."""
        return ", ".join(_format(name, getattr(self, name)) for name in names)


NO_PREFERENCE = Preference()


class ReadPreference:
    """Reads the preference of requests to the vendors, and removes its parameters from the query.

    What comes afterwards sees the query as the contract has it.
    """

    def __init__(self, app: ASGIApp, problems: ErrorResponses) -> None:
        self._app = app
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises PreferenceError."""
        if self._problems.find_api(scope["path"]):
            query: bytes = scope["query_string"]
            if (
                b"prefer" in [name for name, _ in scope["headers"]]
                or b"__" in query
                or b"%5f" in query.lower()
            ):
                headers = Headers.decode(scope["headers"])
                preference, rest = read_preference(headers, query.decode("latin-1"))
                query = rest.encode("latin-1")
                scope = {**scope, "query_string": query, SCOPE_KEY: preference}
        await self._app(scope, receive, send)


def get_preference(scope: Scope) -> Preference:
    """The preference of a request that `ReadPreference` has read."""
    preference: Preference = scope.get(SCOPE_KEY, NO_PREFERENCE)
    return preference


def read_preference(headers: Headers, query: str) -> tuple[Preference, str]:
    """The preference of a request, and the query without its parameters. Raises PreferenceError."""
    own, rest = _split_query(query)
    in_header = {name: text for name, text in _split_header(headers) if name in _READERS}
    texts = {**own, **in_header}
    values = {name: _READERS[name](texts[name]) for name in _READERS if name in texts}
    return Preference(**values, header=frozenset(in_header)), rest


def remove_preferences(value: bytes) -> bytes:
    """A field `Prefer` without the preferences that are for the mock."""
    elements = _ELEMENT.findall(value.decode("latin-1"))
    others = [it.strip() for it in elements if it.partition("=")[0].strip().lower() not in _READERS]
    return value if len(others) == len(elements) else ", ".join(others).encode("latin-1")


def _split_query(query: str) -> tuple[dict[str, str], str]:
    own: dict[str, str] = {}
    rest = []
    for field in query.split("&"):
        name, _, value = field.partition("=")
        name = unquote_plus(name).removeprefix(QUERY_PREFIX) if _is_own(name) else ""
        if name in _READERS:
            own.setdefault(name, unquote_plus(value))
        else:
            rest.append(field)
    return own, "&".join(rest)


def _is_own(name: str) -> bool:
    return unquote_plus(name).startswith(QUERY_PREFIX)


_WORD = r'"(?:[^"\\]|\\.)*"?|[^",;]+'
_ELEMENT = re.compile(rf"(?:{_WORD})+")


def _split_header(headers: Headers) -> Iterator[tuple[str, str]]:
    """The preferences in the header, the last first, so that the first of a name counts."""
    text = headers.get("prefer") or ""
    for element in reversed(_ELEMENT.findall(text)):
        name, _, value = element.partition("=")
        yield name.strip().lower(), _unquote(value.strip())


def _unquote(word: str) -> str:
    if len(word) > 1 and word[0] == word[-1] == '"':
        word = re.sub(r"\\(.)", r"\1", word[1:-1])
    try:
        return word.encode("latin-1").decode()  # clients send the name of an example as UTF-8
    except UnicodeError:
        return word


def _format(name: str, value: Any) -> str:
    if value is True:
        return f"{name}=true"
    text = str(value)
    if re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", text):
        return f"{name}={text}"
    if re.fullmatch(r"[ -~]*", text):
        quoted = re.sub(r'(["\\])', r"\\\1", text)
        return f'{name}="{quoted}"'
    return name  # a header carries no other letters


def _refuse(name: str, text: str, sentence: str, alternatives: Any) -> PreferenceError:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return PreferenceError(400, f"{name}: '{shown}' {sentence}", name, shown, alternatives)


_SHOWN = 100
"""So many characters of a wrong value are shown."""


def _read_code(text: str) -> int:
    if not re.fullmatch(r"[2-5][0-9][0-9]", text, re.ASCII):
        raise _refuse("code", text, "is no status from 200 to 599", {"from": 200, "to": 599})
    return int(text)


def _read_example(text: str) -> str:
    if not text or len(text) > _SHOWN:
        raise _refuse("example", text, "is no name of an example", None)
    return text


def _read_dynamic(text: str) -> bool:
    # RFC 7240, section 2: an empty value is none.
    if text.lower() not in ("", "true", "false"):
        raise _refuse("dynamic", text, "is neither 'true' nor 'false'", ["true", "false"])
    return text.lower() != "false"


def _read_delay(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or int(text) > MAX_DELAY:
        sentence = f"is no whole number of milliseconds from 0 to {MAX_DELAY}"
        raise _refuse("delay", text, sentence, {"from": 0, "to": MAX_DELAY})
    return int(text)


def _read_rate(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?", text, re.ASCII) or float(text) > 100:
        raise _refuse("rate", text, "is no percentage from 0 to 100", {"from": 0, "to": 100})
    return float(text)


def _read_word(name: str, known: Mapping[str, str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise _refuse(name, text, f"is none of {', '.join(known)}", list(known))
        return known[text]

    return read


_READERS: Mapping[str, Callable[[str], Any]] = {
    "code": _read_code,
    "example": _read_example,
    "dynamic": _read_dynamic,
    "delay": _read_delay,
    "fault": _read_word("fault", CONNECTION_FAULTS),
    "rate": _read_rate,
    "validation": _read_word("validation", {word: word for word in VALIDATIONS}),
}
