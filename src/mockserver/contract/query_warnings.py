"""What of a query is probably a mistake, although no contract forbids it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from mockserver.contract.document import Contract
from mockserver.contract.evidence import EVIDENCE
from mockserver.contract.exchange import Violation
from mockserver.contract.operation import Operation, Parameter
from mockserver.errors import suggest_nearest
from mockserver.json_pointer import escape

_MOST = 20
_SHOWN = 100


def find_query_warnings(
    contract: Contract, operation: Operation, query: Sequence[tuple[str, str]]
) -> list[Violation]:
    """Parameters that are not documented, and single ones that were sent several times."""
    parameters = {it.name: it for it in operation.parameters if it.location == "query"}
    counts = Counter(name for name, _ in query)
    warnings = []
    for name, count in counts.items():
        parameter = parameters.get(name)
        if parameter is None:
            if not _is_known(contract, operation, parameters.values(), name):
                nearest = suggest_nearest(name, parameters)
                shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
                message = f"the query parameter '{shown}' is not documented; {nearest}"
                warnings.append(_warn(operation.pointer, name, "unknown-parameter", message))
        elif count > 1 and not (parameter.explode and _can_repeat(parameter)):
            message = f"the query parameter '{name}' was sent {count} times; the last one counts"
            warnings.append(_warn(parameter.pointer, name, "repeated-parameter", message))
        if len(warnings) == _MOST:
            break
    return warnings


def _can_repeat(parameter: Parameter) -> bool:
    return not parameter.shape.types or "array" in parameter.shape.types


def _is_known(
    contract: Contract, operation: Operation, parameters: Iterable[Parameter], name: str
) -> bool:
    """Whether a name is that of a credential, or of a part of a parameter."""
    schemes = (contract.security_schemes[it] for names in operation.security for it in names)
    if any(it.get("in") == "query" and it.get("name") == name for it in schemes):
        return True
    for parameter in parameters:
        if parameter.style == "deepObject" and name.startswith(f"{parameter.name}["):
            return True
        shape = parameter.shape
        # The properties of an exploded object are fields; without any, or with others, all are.
        is_spread = parameter.explode and parameter.style == "form" and "object" in shape.types
        if is_spread and (name in shape.properties or shape.others or not shape.properties):
            return True
    return False


def _warn(rule: str, name: str, code: str, message: str) -> Violation:
    location = f"/request/query/{escape(name[:_SHOWN])}"
    return Violation(location, rule, code, None, message, EVIDENCE[-1], severity="warning")
