"""Examples: every documented request, asked as the contract shows it, and what it is answered.

An example of an answer says in `x-answers` which request gets it in the documents' own world, by
parameter (`body` is the request's body), and in `x-varies` which of its places depend on when and
where one asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.check.context import CheckContext
from mockserver.check.http.request import ABSENT
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.json_diff import differences
from mockserver.contract import Operation
from mockserver.invariant import Interaction
from mockserver.json_pointer import escape

__all__ = ["run_examples"]

_WORLD = "documented"
"""The scenario in which the documents' own requests get the documents' own answers."""


def run_examples(context: CheckContext) -> None:
    """Send each example once: what is required, and every other parameter's example beside it.

    A request that the contract shows must not be refused; an id in it may be unknown to a
    deployment, so that a 404 is borne where the target is no mock. A mock has the documents' own
    world, and there a documented request is answered literally as the document shows.
    """
    for operation in context.api.contract.operations:
        if not context.allows(operation):
            context.results.leave_out(f"{operation.method} {operation.path}: it writes")
            continue
        for arguments, body in _requests(context, operation):
            with context.sequence(_WORLD) as ask:
                seen = ask.send(operation.id, arguments, body=body)
                _expect_success(context, seen)
        for pointer in _answers(context, operation) if context.mock else ():
            _expect_answer(context, operation, pointer)


def _requests(context: CheckContext, operation: Operation) -> Iterator[tuple[dict[str, Any], Any]]:
    shown = {
        spec.name: _examples(context, spec.pointer, spec.schema) for spec in operation.parameters
    }
    required = {
        spec.name: shown[spec.name][0]
        for spec in operation.parameters
        if spec.required and shown[spec.name]
    }
    bodies = [example for media in operation.body.values() for example in media.examples.values()]
    first = bodies[0] if bodies else ABSENT
    yield required, first
    for spec in operation.parameters:
        for value in shown[spec.name][1 if spec.required else 0 :]:
            yield {**required, spec.name: value}, first
    for body in bodies[1:]:
        yield required, body


def _examples(context: CheckContext, pointer: str, schema: Mapping[str, Any]) -> list[Any]:
    """The examples of a parameter: its own, else its schema's."""
    node = context.api.contract.resolve(pointer)
    named = [item["value"] for item in node.get("examples", {}).values() if "value" in item]
    single = [owner["example"] for owner in (node, schema) if "example" in owner]
    return named or single[:1]


def _answers(context: CheckContext, operation: Operation) -> Iterator[str]:
    """Where the examples of success stand that say which request they answer."""
    success = operation.response(operation.success)
    for media in success.content.values() if success else ():
        below = f"{success.pointer}/content/{escape(media.name)}/examples" if success else ""
        for name in media.examples:
            pointer = f"{below}/{escape(name)}"
            if "x-answers" in context.api.contract.resolve(pointer):
                yield pointer


def _expect_answer(context: CheckContext, operation: Operation, pointer: str) -> None:
    example = context.api.contract.resolve(pointer)
    arguments = dict(example["x-answers"])
    body = arguments.pop("body", ABSENT)
    with context.sequence(_WORLD) as ask:
        seen = ask.send(operation.id, arguments, body=body)
    varying = set(example.get("x-varies", ()))
    places = [place for place in differences(example["value"], seen.answer) if place not in varying]
    if seen.is_success and places:
        sentence = "In the documents' own world the answer is not the example's"
        _find(context, seen, "example-answer", pointer, f"{sentence}: other are {_listed(places)}")


def _listed(places: list[str]) -> str:
    return ", ".join(place or "the whole" for place in places[:10])


def _expect_success(context: CheckContext, seen: Interaction) -> None:
    bearable = {404} if context.mock is None else set()
    if not seen.is_valid or seen.is_success or seen.status in bearable:
        return
    sentence = f"A request that the contract shows as an example is answered {seen.status}"
    _find(context, seen, "example-refused", seen.operation.pointer, sentence)


def _find(context: CheckContext, seen: Interaction, code: str, rule: str, sentence: str) -> None:
    context.results.find(
        Finding(
            api=context.api.name,
            operation=seen.operation.id,
            code=code,
            rule=rule,
            evidence=seen.operation.evidence,
            sentence=sentence,
            status=seen.status,
            exchange=seen.exchange,
        )
    )
