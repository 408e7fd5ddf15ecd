"""The phase `examples`: every request that the contract shows, and its documented response.

An example of a response says in `x-request` which request gets it in the documents' own world, by
parameter (`body` is the request's body), and in `x-varies` which of its places depend on time and
URL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from mockserver.check.context import CheckContext
from mockserver.check.http.caller import Call, HttpCaller
from mockserver.check.validation.finding import Source
from mockserver.contract import SAFE_METHODS, Operation, list_shown_examples, weaker
from mockserver.json_pointer import ABSENT, escape, list_differences

_WORLD = "documented"
"""The scenario in which the documents' requests get the documents' responses."""


def run_examples(context: CheckContext) -> None:
    """Send each example once: what is required, and every other parameter's example beside it.

    A request that the contract shows must not be refused; an id in it may be unknown to a
    deployment, so that a 404 is allowed where the target is no mock. That something may be left out
    which has an example is as certain as the contract says it of that parameter. A mock has the
    documents' world, where a documented request gets the document's response literally.
    """
    with context.read_ahead() as ahead:
        for operation in context.results.operations:
            writes = operation.method not in SAFE_METHODS
            for run in _list_sequences(context, operation):
                context.run_sequence(ahead, _WORLD, run, writes=writes)


def _list_sequences(
    context: CheckContext, operation: Operation
) -> Iterator[Callable[[HttpCaller], None]]:
    """What sends the examples of an operation; else it is skipped."""
    name = f"{operation.method} {operation.path}"
    if not context.can_call(name, operation):
        return
    path = context.find_path_arguments(operation) or {}
    examples = {
        spec.name: _list_examples(context, spec.pointer, spec.schema)
        for spec in operation.parameters
    } | {name: [value] for name, value in path.items()}
    required = [spec.name for spec in operation.parameters if spec.required]
    without = [f"'{parameter}'" for parameter in required if not examples[parameter]]
    without += ["body"] * (operation.is_body_required and not operation.body_examples)
    if without:
        names = ", ".join(without)
        context.results.skip(f"{name}: the contract has no example of the required {names}")
        return
    for call in _make_calls(operation, required, examples):
        left_out = [
            spec.pointer
            for spec in operation.parameters
            if examples[spec.name] and spec.name not in call.arguments
        ]
        yield partial(_expect_acceptance, context, call, left_out)
    for pointer in _list_response_examples(context, operation) if context.mock else ():
        yield partial(_expect_example, context, operation, pointer)


def _expect_acceptance(
    context: CheckContext, call: Call, left_out: Iterable[str], caller: HttpCaller
) -> None:
    interaction = caller.send(call)
    is_unknown_id = context.mock is None and interaction.status == 404
    if interaction.is_valid and not interaction.is_success and not is_unknown_id:
        sentence = f"A request that the contract shows as an example gets {interaction.status}"
        evidence = interaction.operation.evidence
        for pointer in left_out:
            evidence = weaker(evidence, context.api.contract.evidence(pointer))
        caller.report(interaction, "example-refused", sentence, evidence=evidence)


def _list_examples(context: CheckContext, pointer: str, schema: Mapping[str, Any]) -> list[Any]:
    """The examples of a parameter: its own, else its schema's."""
    node = context.api.contract.resolve(pointer)
    named = list_shown_examples(node)
    single = [owner["example"] for owner in (node, schema) if "example" in owner]
    return named or single[:1]


def _make_calls(
    operation: Operation, required: list[str], examples: Mapping[str, list[Any]]
) -> Iterator[Call]:
    bodies = operation.body_examples
    arguments, body = {name: examples[name][0] for name in required}, next(iter(bodies), ABSENT)
    yield Call(operation.id, arguments, body)
    for name, values in examples.items():
        for value in values[1 if name in required else 0 :]:
            yield Call(operation.id, {**arguments, name: value}, body)
    for other in bodies[1:]:
        yield Call(operation.id, arguments, other)


def _list_response_examples(context: CheckContext, operation: Operation) -> Iterator[str]:
    """The pointers of the examples of success that say which request gets them."""
    success = operation.response(operation.success)
    for media in success.content.values() if success else ():
        below = f"{success.pointer}/content/{escape(media.name)}/examples" if success else ""
        for name in filter(None, media.examples):
            pointer = f"{below}/{escape(name)}"
            if "x-request" in context.api.contract.resolve(pointer):
                yield pointer


def _expect_example(
    context: CheckContext, operation: Operation, pointer: str, caller: HttpCaller
) -> None:
    example = context.api.contract.resolve(pointer)
    arguments = dict(example["x-request"])
    body = arguments.pop("body", ABSENT)
    interaction = caller.send(Call(operation.id, arguments, body))
    varying = set(example.get("x-varies", ()))
    differing = [
        place
        for place in list_differences(example["value"], interaction.response_body)
        if place not in varying
    ]
    if interaction.is_success and differing:
        places = ", ".join(place or "the whole body" for place in differing[:10])
        caller.report(
            interaction,
            "example-response",
            f"In the documents' world the response is not the example's: it differs in {places}",
            source=Source("contract", pointer),
            location=f"/response/body{differing[0]}",
        )
