"""Status cases that a contract implies, without knowledge of a deployment.

They are refused credentials, other methods, too large bodies and other content types, each invalid
parameter, an unknown path, HEAD and OPTIONS. A case changes one thing of a request that succeeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from msgspec import Struct

from mockserver.api import Api
from mockserver.check.cases import StatusCase, read_cases
from mockserver.contract import Format, Operation, Unmatched

_TOO_LARGE = 2**20 + 1
"""One byte more than a mock reads by default; a deployment that reads more does not refuse it."""

_LONGEST = 4_000
_UNKNOWN = "mockserver-unknown"
_MISMATCHES = ("?", "-", "x", "0")
"""Strings of which at least one should not match a pattern."""


@cache
def list_cases(api: Api) -> tuple[StatusCase, ...]:
    """Every status case of an API: those of its file, and those that its contract implies."""
    written, derived = read_cases(api.name), list[StatusCase]()
    for operation in api.contract.operations:
        successes = written.list_successes(operation)
        needs_nothing = not operation.body and not any(
            spec.required for spec in operation.parameters
        )
        if successes or needs_nothing:
            base = successes[0] if successes else StatusCase("", operation.id, operation.success)
            derived += _Deriver(api, operation, base).derive()
    return (*written.cases, *derived)


class _Deriver(Struct, frozen=True):
    """Derives the cases of one operation from a case in which it succeeds."""

    api: Api
    operation: Operation
    base: StatusCase

    def derive(self) -> Iterator[StatusCase]:
        yield from self._derive_credentials()
        yield from self._derive_method()
        yield from self._derive_bodies()
        yield from self._derive_parameters()
        yield from self._derive_beyond_contract()

    def _make(
        self, status: int, name: str, rule: str, *, without: str = "", **changes: Any
    ) -> StatusCase:
        """A case with the request of the success, with changes."""
        kept = {
            key: value
            for key, value in self.base.request.items()
            if key in ("parameters", "body") and key != without
        }
        return replace(
            self.base,
            name=f"{self.operation.id}-{status}-{name}",
            status=status,
            evidence="",
            request={**kept, **changes},
            expect={},
            rule=rule,
        )

    def _derive_credentials(self) -> Iterator[StatusCase]:
        documented, security = self.operation.responses.get("401"), self.operation.security
        if documented is None or not any(security):
            return
        if frozenset() not in security:
            yield self._make(401, "missing-credential", documented.pointer, credential="none")
        yield self._make(401, "refused-credential", documented.pointer, credential="invalid")
        schemes = self.api.contract.security_schemes
        if any(schemes[name].get("scheme") == "bearer" for names in security for name in names):
            yield self._make(401, "other-scheme", documented.pointer, credential="basic")

    def _derive_method(self) -> Iterator[StatusCase]:
        documented, methods = self.operation.responses.get("405"), self._path_methods
        unused = [name for name in ("PATCH", "PUT", "DELETE", "POST") if name not in methods]
        if documented is None or not unused:
            return
        # If the deployment has the method after all, it finds nothing to change.
        given = self.base.request.get("parameters", {})
        parameters = {
            spec.name: _UNKNOWN if spec.schema.get("type") == "string" else given.get(spec.name)
            for spec in self.operation.parameters
            if spec.location == "path"
        }
        rule, name, method = documented.pointer, f"method-{unused[0].lower()}", unused[0]
        case = self._make(405, name, rule, without="body", method=method, parameters=parameters)
        has_allow = any(header.name.lower() == "allow" for header in documented.headers)
        # A server refuses a method that it does not know with 501 (RFC 9110, section 15.6.2).
        expect = {"statuses": [405, 501], **({"allow": methods} if has_allow else {})}
        yield replace(case, writes=True, expect=expect)

    def _derive_bodies(self) -> Iterator[StatusCase]:
        too_large = self.operation.responses.get("413")
        if too_large is not None:
            rule = too_large.pointer
            yield self._make(413, "body-too-large", rule, without="body", body_bytes=_TOO_LARGE)
        unsupported = self.operation.responses.get("415")
        if unsupported is not None and self.operation.body:
            medias = ("text/plain", "text/x-unknown")
            media = next(media for media in medias if media not in self.operation.body)
            yield self._make(
                415,
                "unsupported-media-type",
                unsupported.pointer,
                without="body",
                raw_body=_UNKNOWN,
                content_type=media,
            )

    def _derive_parameters(self) -> Iterator[StatusCase]:
        refusals = [status for status in (422, 400) if str(status) in self.operation.responses]
        parameters = self.base.request.get("parameters", {})
        for spec in self.operation.parameters if refusals else ():
            status = refusals[0]
            if spec.location not in ("query", "header"):
                continue
            if spec.required:
                others = {name: value for name, value in parameters.items() if name != spec.name}
                rule = f"{spec.pointer}/required"
                yield self._make(status, f"{spec.name}-missing", rule, parameters=others)
            for keyword, value in _list_invalid(spec.schema, self.api.formats):
                changed, name = {**parameters, spec.name: value}, f"{spec.name}-{keyword}"
                yield self._make(status, name, spec.schema_pointer, parameters=changed)

    def _derive_beyond_contract(self) -> Iterator[StatusCase]:
        """Requests that no operation describes: an unknown path, HEAD and OPTIONS."""
        rule, methods, cases = self.operation.pointer, self._path_methods, list[StatusCase]()
        if self.operation.method == "GET":
            suffix = f"/{_UNKNOWN}"
            # `/items/x` is no unknown path where the contract has `/items/{id}`.
            while self.api.contract.match("GET", self.operation.path + suffix) != Unmatched(()):
                suffix += f"/{_UNKNOWN}"
            cases.append(self._make(404, "unknown-path", rule, append=suffix))
            cases.append(self._make(self.operation.success, "head", rule, method="HEAD"))
        if self.operation.method == methods[0]:
            expect = {"statuses": [200, 204], "allow": methods}
            cases.append(replace(self._make(204, "options", rule, method="OPTIONS"), expect=expect))
        for case in cases:
            yield replace(case, evidence="assumed", is_beyond_contract=True)

    @property
    def _path_methods(self) -> list[str]:
        """The methods of the operation's path."""
        operations = self.api.contract.operations
        return [other.method for other in operations if other.path == self.operation.path]


def _list_invalid(
    schema: Mapping[str, Any], formats: Sequence[Format]
) -> Iterator[tuple[str, Any]]:
    """The values that a schema refuses, one for each keyword that can be violated."""
    items = schema.get("items", {})
    if schema.get("type") == "array" and items.get("type") != "array":
        yield from ((keyword, [value]) for keyword, value in _list_invalid(items, formats))
    if schema.get("type") in ("integer", "number", "boolean"):
        yield "type", _UNKNOWN
    if schema.get("type") in ("integer", "number"):
        for keyword, step in (("minimum", -1), ("maximum", 1)):
            if keyword in schema:
                is_exclusive = schema.get(f"exclusive{keyword.title()}") is True
                yield keyword, schema[keyword] + (0 if is_exclusive else step)
    if schema.get("type") != "string":
        return
    if "enum" in schema:
        yield "enum", _UNKNOWN
    if schema.get("minLength", 0) > 0:
        yield "minLength", ""
    if schema.get("maxLength", _LONGEST) < _LONGEST:
        yield "maxLength", "x" * (schema["maxLength"] + 1)
    pattern = schema.get("pattern", "")
    for value in [text for text in _MISMATCHES if pattern and not re.search(pattern, text)][:1]:
        yield "pattern", value
    for item in formats:
        if item.name == schema.get("format") and item.counterexamples:
            # The best counterexample is one that only the meaning refuses, as 31 February.
            texts = item.counterexamples
            yield "format", max(texts, key=lambda text: bool(re.search(item.pattern, text)))
