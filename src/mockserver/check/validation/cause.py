"""Groups the findings that have one cause, so that a run reports them as one.

A deployment that returns one wrong 401 violates the same rule in each operation and phase. A cause
is written like a finding, with `*` for what it does not depend on:

| what is wrong | one cause is |
| --- | --- |
| the body of a response | the keyword, the rule, the place and the status |
| which properties an object has | the schema of the object, its place and the status |
| a header of a response | the keyword and the header; of a content type, its value too |
| a status that is not documented | the status |
| 429, 502, 503, 504 | the status |
| another server error | the operation and the status |
| a valid request is refused for its form | the operation and the status |
| an invalid request is accepted | the keyword, the rule, and the place in the request |
| a derived status case gets another status | the rule it is derived from, and the status |
| an invariant | the invariant |
| a URL on another host; an id that is taken for another one | the API |

Everything else has a cause of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from mockserver.api import Api
from mockserver.check.derived_cases import list_cases
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.unusual import ALWAYS_ALLOWED
from mockserver.contract import GATEWAY_ERRORS, TOO_MANY_REQUESTS
from mockserver.json_pointer import split_pointer

_ANY, _STATUS, _BODY = "*", "/response/status", "/response/body"
_REDIRECT, _SERVER_ERROR, _CLIENT_ERRORS = 300, 500, range(400, 500)
_UNAVAILABLE = GATEWAY_ERRORS | {TOO_MANY_REQUESTS}
_PROPERTIES = frozenset({"required", "additionalProperties", "minProperties", "maxProperties"})
_REFUSED = frozenset({"refused", "example-refused"})
_OF_THE_API = frozenset({"other-host", "same-id"})
_ABOUT_STATUS = _REFUSED | {
    *("status", "server-error", "not_a_server_error", "sent-again", "not-the-same")
}


def group_by_cause(api: Api, findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings of an API by cause, in their order; each gets its cause."""
    findings = list(findings)
    causes, groups = _Causes(api, findings), dict[int, list[Finding]]()
    by_key: dict[tuple[str, ...], int] = {}
    for number, finding in enumerate(findings):
        finding.cause = causes.find(finding)
        keys = [finding.cause, *causes.find_links(finding)]
        joined = sorted({by_key[key] for key in keys if key in by_key})
        first = joined[0] if joined else number
        groups.setdefault(first, []).append(finding)
        for other in joined[1:]:
            groups[first] += groups.pop(other)
        by_key |= {key: first for key, group in by_key.items() if group in joined}
        by_key |= dict.fromkeys(keys, first)
    return list(groups.values())


class _Causes:
    """The causes of the findings of one API."""

    def __init__(self, api: Api, findings: Iterable[Finding]) -> None:
        self._contract = api.contract
        self._cases = {case.name: case for case in list_cases(api)}
        self._wrong_bodies: Set[tuple[str, int | None]] = {
            (finding.operation, finding.status)
            for finding in findings
            if finding.source.kind == "contract" and finding.location == _BODY
        }

    def find(self, finding: Finding) -> tuple[str, ...]:
        """The cause of a finding, as a key in which `*` stands for what does not matter."""
        api, operation, code, source, place, status = finding.key
        number = finding.exchange.response.status if finding.exchange else finding.status or 0
        is_about_status = code in _ABOUT_STATUS or (code == "case" and place == _STATUS)
        if is_about_status and number in _UNAVAILABLE:
            return (api, _ANY, "unavailable", _ANY, _ANY, status)
        if is_about_status and number >= _SERVER_ERROR:
            return (api, operation, "server-error", _ANY, _ANY, status)
        if is_about_status and self._is_undocumented(finding, number):
            return (api, _ANY, "status", _ANY, _STATUS, status)
        if code in _REFUSED or self._is_refused_success(finding, number):
            return (api, operation, "refused", _ANY, _ANY, status)
        if code in _OF_THE_API:
            return (api, _ANY, code, _ANY, _ANY, _ANY)
        if code == "unsupported_method":
            return (api, _ANY, code, _ANY, _ANY, status)
        if code == "case":
            return self._find_cause_of_case(finding)
        if finding.source.kind == "invariant":
            return (api, _ANY, code, source, _ANY, _ANY)
        if place.startswith("/response/headers/"):
            value = str(finding.value).replace(" ", "-") if code == "content-type" else _ANY
            return (api, _ANY, code, value, place, _ANY)
        if place.startswith("/request/"):
            return (api, _ANY, code, source, place, _ANY)
        if code in _PROPERTIES:
            return (api, _ANY, "properties", source.rpartition("/")[0], place, status)
        is_of_response = place.startswith("/response/")
        return (api, _ANY, code, source, place, status) if is_of_response else finding.key

    def find_links(self, finding: Finding) -> Iterator[tuple[str, ...]]:
        """What a finding has in common with others of the same operation that show the same."""
        operation, status, name = finding.operation, str(finding.status), finding.source.name
        if finding.location == _BODY and (operation, finding.status) in self._wrong_bodies:
            # A documented literal body is not there where the body is not even of its schema.
            yield (operation, status, _BODY)
        if finding.code == "case" and finding.location == _STATUS and status.startswith("2"):
            prefix = f"{operation}-{self._cases[name].status}-" if name in self._cases else name
            yield (operation, "accepted", name.removeprefix(prefix))
        elif finding.location.startswith("/request/"):
            keyword = "missing" if finding.code == "required" else finding.code
            parameter = split_pointer(finding.location)[-1]
            yield (operation, "accepted", f"{parameter}-{keyword}")
        elif finding.location.startswith(_BODY) and finding.code not in _PROPERTIES:
            # A schema and one that it refers to may both say it.
            yield (operation, status, finding.code, finding.location, finding.sentence)

    def _is_undocumented(self, finding: Finding, status: int) -> bool:
        """Whether a finding is that a response has a status which the contract does not have.

        A refusal is compared with the refusal that was expected only: where none was, the request
        is what it is about.
        """
        if not finding.operation or finding.code == "not-the-same":
            return False
        if self._contract.operation(finding.operation).response(status) is not None:
            return False
        case = self._cases.get(finding.source.name) if finding.code == "case" else None
        expects_refusal = case.status in _CLIENT_ERRORS if case else finding.code == "status"
        return status not in _CLIENT_ERRORS or expects_refusal

    def _is_refused_success(self, finding: Finding, status: int) -> bool:
        """Whether a finding is that a case which is to succeed is refused for its form."""
        case = self._cases.get(finding.source.name) if finding.code == "case" else None
        if case is None or case.status >= _REDIRECT or finding.location != _STATUS:
            return False
        return status in _CLIENT_ERRORS and status not in ALWAYS_ALLOWED

    def _find_cause_of_case(self, finding: Finding) -> tuple[str, ...]:
        api, operation, code, _, place, status = finding.key
        case = self._cases.get(finding.source.name)
        if case is None or not case.rule:
            return finding.key
        if place.startswith("/response/headers/"):
            return (api, _ANY, code, _ANY, place, _ANY)
        documented = self._contract.operation(operation).response(case.status)
        is_of_response = documented is not None and documented.pointer == case.rule
        name = case.name.removeprefix(f"{operation}-")
        return (api, _ANY, code, case.rule if is_of_response else name, place, status)
