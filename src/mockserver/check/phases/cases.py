"""The phases `cases`, requests for each status of each operation, and `workflows` of an API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from mockserver.check.cases import StatusCase
from mockserver.check.context import CheckContext
from mockserver.check.derived_cases import list_cases
from mockserver.check.http.caller import Call, ExcludedOperation, HttpCaller
from mockserver.check.validation.finding import Source
from mockserver.contract import EVIDENCE, SAFE_METHODS, Operation, weaker
from mockserver.invariant import Interaction, Workflow
from mockserver.json_pointer import ABSENT
from mockserver.kit import load_kit
from mockserver.redaction import REFUSED_CREDENTIAL

_NOT_IMPLEMENTED = 501
_CREDENTIALS = {"good": "", "none": None, "invalid": REFUSED_CREDENTIAL, "basic": None}


def run_cases(context: CheckContext) -> None:
    """Run each case that the target allows; the reasons to skip the others are in the results."""
    with context.read_ahead() as ahead:
        for case in list_cases(context.api):
            name = f"case '{case.name}'"
            if case.operation in context.results.excluded:
                continue
            operation = context.api.contract.operation(case.operation)
            method = case.request.get("method", operation.method)
            if case.cannot:
                context.results.skip(f"{name}: {case.cannot}")
                continue
            writes = case.writes or method not in SAFE_METHODS
            if context.can_run(name, case.required_ids, writes=writes):
                run = partial(_run_case, context, operation, case)
                context.run_sequence(ahead, case.world, run, writes=writes)


def run_workflows(context: CheckContext) -> None:
    """Run each workflow that the target allows, in a world of its own where it is a mock."""
    with context.read_ahead() as ahead:
        for workflow in load_kit(context.api).workflows:
            name = f"workflow '{workflow.name}'"
            left_out = [it for it in workflow.operations if it in context.results.excluded]
            if left_out:
                context.results.skip(f"{name}: it needs {left_out[0]}, which is excluded")
            elif context.can_run(name, workflow.needs, writes=workflow.writes):
                run, writes = partial(_run_workflow, context, workflow), workflow.writes
                context.run_sequence(ahead, workflow.world, run, writes=writes, is_alone=True)


def _run_workflow(context: CheckContext, workflow: Workflow, call: HttpCaller) -> None:
    name = f"workflow '{workflow.name}'"
    try:
        workflow.run(call, context.ids)
    except ExcludedOperation as error:
        call.skip(f"{name}: {error}")
        return
    for required in _list_useless_ids(context, workflow, call) if workflow.writes else ():
        call.skip(
            f"{name}: no write to '{context.ids[required]}' succeeds, as after an earlier run; "
            f"give another {required}"
        )


def _list_useless_ids(context: CheckContext, workflow: Workflow, call: HttpCaller) -> Iterator[str]:
    """The ids that a workflow uses up, where it could write nothing."""
    writes = [it for it in call.before if it.operation.method not in SAFE_METHODS]
    if not any(interaction.is_success for interaction in writes):
        yield from (name for name in workflow.needs if name in context.results.used_up)


def _run_case(
    context: CheckContext, operation: Operation, case: StatusCase, caller: HttpCaller
) -> None:
    call = make_call(case, context)
    evidence = case.evidence or operation.evidence_of(case.status)
    if case.is_beyond_contract:
        interaction = Interaction(operation, caller.send_unrecorded(call))
    else:
        interaction = caller.send(call)
        if case.rule and interaction.request_violations:
            # A refusal has no better evidence than the rule that the request violates.
            rules = [violation.evidence for violation in interaction.request_violations]
            evidence = weaker(evidence, min(rules, key=EVIDENCE.index))
    for location, reason in list_unexpected(case, interaction):
        caller.report(
            interaction,
            "case",
            f"'{case.name}' should get {case.status}, but {reason}",
            source=Source("case", case.name),
            evidence=evidence,
            location=location,
        )


def make_call(case: StatusCase, context: CheckContext) -> Call:
    """The call of a case, with the ids of the target."""
    request = case.fill(context.ids)
    headers = dict(request.get("headers", {}))
    if request.get("credential") == "basic":  # the token of the target, by the wrong scheme
        headers["Authorization"] = f"Basic {context.credential}"
    if "content_type" in request:
        headers["Content-Type"] = request["content_type"]
    body = request.get("body", ABSENT)
    if "body_bytes" in request:
        body = b" " * request["body_bytes"]
    elif "raw_body" in request:
        body = request["raw_body"].encode()
    return Call(
        operation=case.operation,
        arguments=request.get("parameters", {}),
        body=body,
        credential=_CREDENTIALS[request.get("credential", "good")],
        headers=headers,
        method=request.get("method"),
        suffix=request.get("append", ""),
    )


def list_unexpected(case: StatusCase, interaction: Interaction) -> Iterator[tuple[str, str]]:
    """Why a response is not as the case expects, each with its location."""
    body, expect = interaction.response_body, case.expect
    if interaction.status not in expect.get("statuses", [case.status]):
        yield "/response/status", f"it gets {interaction.status}"
        return
    if "body" in expect and body != expect["body"]:
        yield "/response/body", f"its body is {body!r}, and not {expect['body']!r}"
    if "contains" in expect and not _contains(body, expect["contains"]):
        yield "/response/body", f"its body is {body!r}, which has not {expect['contains']!r}"
    if "allow" in expect and interaction.status != _NOT_IMPLEMENTED:
        allow = interaction.exchange.response.headers.get("allow") or ""
        allowed = {method.strip() for method in allow.split(",")}
        refused = interaction.exchange.request.method if interaction.status == 405 else ""
        if not allowed >= {*expect["allow"]} or refused in allowed - {""}:
            methods = ", ".join(expect["allow"])
            yield "/response/headers/allow", f"its header Allow is '{allow}', not {methods}"


def _contains(value: Any, part: Any) -> bool:
    """Whether a value has a part, in nested objects too."""
    if not isinstance(part, Mapping):
        return bool(value == part)
    return isinstance(value, Mapping) and all(
        name in value and _contains(value[name], wanted) for name, wanted in part.items()
    )
