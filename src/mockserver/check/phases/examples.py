"""The phase `examples`: every request that the contract shows, and its documented response.

An example of a response says in `x-answers` which request gets it in the documents' own world, by
parameter (`body` is the request's body), and in `x-varies` which of its places depend on time and
URL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.check.context import CheckContext
from mockserver.check.http.caller import Call
from mockserver.check.validation.finding import ContractRule, make_finding
from mockserver.check.validation.json_diff import list_differences
from mockserver.contract import Operation
from mockserver.invariant import Interaction
from mockserver.json_pointer import ABSENT, escape

_WORLD = "documented"
"""The scenario in which the documents' requests get the documents' responses."""


def run_examples(context: CheckContext) -> None:
    """Send each example once: what is required, and every other parameter's example beside it.

    A request that the contract shows must not be refused; an id in it may be unknown to a
    deployment, so that a 404 is allowed where the target is no mock. A mock has the documents'
    world, where a documented request gets the document's response literally.
    """
    for operation in context.api.contract.operations:
        if not context.allows(operation):
            context.results.skip(f"{operation.method} {operation.path}: it writes")
            continue
        for call in _make_calls(context, operation):
            with context.sequence(_WORLD) as caller:
                _expect_success(context, caller.send(call))
        for pointer in _find_answering_examples(context, operation) if context.mock else ():
            _expect_example(context, operation, pointer)


def _make_calls(context: CheckContext, operation: Operation) -> Iterator[Call]:
    examples = {
        spec.name: _list_examples(context, spec.pointer, spec.schema)
        for spec in operation.parameters
    }
    required = {
        spec.name: examples[spec.name][0]
        for spec in operation.parameters
        if spec.required and examples[spec.name]
    }
    bodies = [example for media in operation.body.values() for example in media.examples.values()]
    first = bodies[0] if bodies else ABSENT
    yield Call(operation.id, required, first)
    for spec in operation.parameters:
        for value in examples[spec.name][1 if spec.required else 0 :]:
            yield Call(operation.id, {**required, spec.name: value}, first)
    for body in bodies[1:]:
        yield Call(operation.id, required, body)


def _list_examples(context: CheckContext, pointer: str, schema: Mapping[str, Any]) -> list[Any]:
    """The examples of a parameter: its own, else its schema's."""
    node = context.api.contract.resolve(pointer)
    named = [item["value"] for item in node.get("examples", {}).values() if "value" in item]
    single = [owner["example"] for owner in (node, schema) if "example" in owner]
    return named or single[:1]


def _find_answering_examples(context: CheckContext, operation: Operation) -> Iterator[str]:
    """The pointers of the success examples that say which request they answer."""
    success = operation.response(operation.success)
    for media in success.content.values() if success else ():
        below = f"{success.pointer}/content/{escape(media.name)}/examples" if success else ""
        for name in media.examples:
            pointer = f"{below}/{escape(name)}"
            if "x-answers" in context.api.contract.resolve(pointer):
                yield pointer


def _expect_example(context: CheckContext, operation: Operation, pointer: str) -> None:
    example = context.api.contract.resolve(pointer)
    arguments = dict(example["x-answers"])
    body = arguments.pop("body", ABSENT)
    with context.sequence(_WORLD) as caller:
        interaction = caller.send(Call(operation.id, arguments, body))
    varying = set(example.get("x-varies", ()))
    differing = [
        place
        for place in list_differences(example["value"], interaction.response_body)
        if place not in varying
    ]
    if interaction.is_success and differing:
        places = ", ".join(place or "the whole body" for place in differing[:10])
        finding = make_finding(
            context.api.name,
            interaction,
            "example-answer",
            f"In the documents' world the response is not the example's: it differs in {places}",
            source=ContractRule(pointer),
        )
        finding.location = f"/response/body{differing[0]}"
        context.results.add_finding(finding)


def _expect_success(context: CheckContext, interaction: Interaction) -> None:
    allowed = {404} if context.mock is None else set()
    if not interaction.is_valid or interaction.is_success or interaction.status in allowed:
        return
    sentence = f"A request that the contract shows as an example is answered {interaction.status}"
    finding = make_finding(context.api.name, interaction, "example-refused", sentence)
    context.results.add_finding(finding)
