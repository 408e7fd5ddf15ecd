"""Where a response comes from, if not from a handler: an example, the schema, or the API's refusal.

So a response that a client prefers (`Prefer: code=404`) is made. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from http import HTTPStatus
from typing import Any

from mockserver.api import Api
from mockserver.contract import MediaType, Operation, Response
from mockserver.errors import HttpError, PreferenceError, SynthesisError, suggest_nearest
from mockserver.sandbox import World
from mockserver.server.preference import Preference, get_preference
from mockserver.server.responses import make_refusal_response
from mockserver.server.services import Call
from mockserver.synthesis import Circumstances, Synthesizer, list_media

_WITHOUT_BODY = (204, 205, 304)
"""The statuses whose response has no body, so that `2XX` with a body does not document them."""


class Sources:
    """Makes the responses of an API that no handler makes."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @cached_property
    def _synthesizer(self) -> Synthesizer:
        return Synthesizer(self._api)

    def make_preferred(self, call: Call) -> Response | None:
        """The response that the client prefers; None where it leaves the choice to the handler.

        Raises PreferenceError for one that cannot be had.
        """
        preference = get_preference(call.scope)
        return self._choose(call, preference) if preference.of_response else None

    def make_of_contract(self, call: Call) -> Response:
        """The response of an operation without a handler."""
        return self._make_documented(call, _find_success(call.operation))

    def find_refusal(self, call: Call, *statuses: int) -> Response | None:
        """The response of the contract to a request that the server refuses.

        It is that of the first of these statuses that is documented, else that of the first one as
        `4XX` or `default` describes it. None where the API has refusals of its own.
        """
        if self._api.refuse_invalid:
            return None
        status = next((it for it in statuses if str(it) in call.operation.responses), None)
        if status is None:
            spec = call.operation.response(statuses[0])
            if spec is None or not spec.content:
                return None
            status = statuses[0]
        response = self._make_documented(call, status)
        call.source = "refusal"
        return response

    def _choose(self, call: Call, preference: Preference) -> Response:
        operation = call.operation
        if preference.example is not None:
            status, media, value = self._find_example(operation, preference)
            return self._make_example(call, status, media, value)
        status = preference.code or _find_success(operation)
        spec = operation.response(status)
        if spec is None or (status in _WITHOUT_BODY and spec.content):
            return self._make_refusal(call, status)
        return self._make_documented(call, status, fresh=preference.dynamic)

    def _make_documented(self, call: Call, status: int, *, fresh: bool = False) -> Response:
        """The first example of a status, or a response that is made of the schema."""
        spec = call.operation.response(status)
        content = spec.content if spec and not fresh else {}
        for media in list_media(content, _get_accept(call)):
            for value in media.examples.values():
                return self._make_example(call, status, media, value)
        return self._synthesise(call, status, fresh=fresh)

    def _find_example(
        self, operation: Operation, preference: Preference
    ) -> tuple[int, MediaType, Any]:
        """The example of a name, of the preferred status or else of any, success first."""
        examples = [*_list_examples(operation, preference.code or operation.success)]
        known: dict[str, list[str]] = {}
        for status, name, media in examples:
            if name == preference.example and preference.code in (None, status):
                return status, media, media.examples[name]
            known.setdefault(str(status), []).append(name)
        names = {name for _, name, _ in examples}
        where = "" if preference.code is None else f" of status {preference.code}"
        raise PreferenceError(
            404,
            f"example: {operation.id} has no example '{preference.example}'{where}; "
            f"{suggest_nearest(preference.example or '', names)}",
            preference="example",
            value=preference.example,
            alternatives=known,
        )

    def _make_refusal(self, call: Call, status: int) -> Response:
        """An error that is not documented, in the shape of the API."""
        if status < HTTPStatus.BAD_REQUEST:
            known = [*call.operation.responses, "4XX", "5XX"]
            raise PreferenceError(
                422,
                f"code: {call.operation.id} has no response of status {status}; "
                f"what can be had: {', '.join(known)}",
                preference="code",
                value=str(status),
                alternatives=known,
            )
        call.source = "refusal"
        refusal = self._api.refuse(HttpError(status))
        refusal.status = status
        return make_refusal_response(refusal)

    def _make_example(self, call: Call, status: int, media: MediaType, value: Any) -> Response:
        call.source = "example"
        return self._synthesizer.make_example(
            call.operation, status, media, value, self._get_circumstances(call)
        )

    def _synthesise(self, call: Call, status: int, *, fresh: bool) -> Response:
        call.source = "synthesised"
        circumstances = self._get_circumstances(call, fresh=fresh)
        try:
            return self._synthesizer.make_response(call.operation, status, circumstances)
        except SynthesisError as error:
            raise HttpError(500, f"The response cannot be made of the contract: {error}") from error

    def _get_circumstances(self, call: Call, *, fresh: bool = False) -> Circumstances:
        world: World = call.context
        key = f"{self._api.name}.{call.operation.id}"
        return Circumstances(
            factory=world.factory,
            now=world.now,
            url=call.url,
            arguments=call.arguments,
            variant=world.count_variant(key) if fresh else 0,
            fresh=fresh,
            accept=_get_accept(call),
        )


def _list_examples(operation: Operation, first: int) -> Iterator[tuple[int, str, MediaType]]:
    """Each named example with its status, those of one status first."""
    documented = [int(key) for key in operation.responses if key.isdecimal()]
    for status in dict.fromkeys([first, *documented]):
        spec = operation.response(status)
        for media in spec.content.values() if spec else ():
            yield from ((status, name, media) for name in media.examples if name)


def _find_success(operation: Operation) -> int:
    """The status of success, or the first one where none is documented."""
    if operation.response(operation.success):
        return operation.success
    return next((int(key) for key in operation.responses if key.isdecimal()), operation.success)


def _get_accept(call: Call) -> str:
    return call.request.headers.get("accept") or ""
