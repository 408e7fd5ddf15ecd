"""Asks the operations of one API of a deployment, in one thread of requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.api import Api
from mockserver.check.http.connection import Connection
from mockserver.check.http.request import ABSENT, Outgoing, written
from mockserver.check.validation.observation import Observation, observe
from mockserver.clock import machine_now
from mockserver.contract import Operation
from mockserver.invariant import Interaction

__all__ = ["HttpCaller", "credential_headers"]

Record = Callable[[Observation, Sequence[Interaction]], None]
"""Is told what was seen, and what had been seen before in the same thread."""


def credential_headers(api: Api, operation: Operation, credential: str) -> dict[str, str]:
    """The headers that carry a credential to an operation; none where it takes none."""
    schemes = api.contract.security_schemes
    names = sorted({name for alternative in operation.security for name in alternative})
    headers: dict[str, str] = {}
    for name in names:
        scheme = schemes[name]
        if scheme["type"] == "apiKey" and scheme["in"] == "header":
            headers[scheme["name"]] = credential
        elif scheme["type"] == "http":
            headers["Authorization"] = f"Bearer {credential}"
    return headers


def _bent(outgoing: Outgoing, method: str | None, suffix: str) -> Outgoing:
    request = outgoing.request
    path, mark, query = outgoing.target.partition("?")
    bent = replace(request, method=method or request.method, path=request.path + suffix)
    return Outgoing(bent, f"{path}{suffix}{mark}{query}")


@dataclass
class HttpCaller:
    """A thread of requests to one API, each validated with those before it.

    `headers` go with each of them, such as the sandbox of a mock; `now` is the deployment's own
    moment, as far as it is known.
    """

    connection: Connection
    api: Api
    credential: str
    record: Record
    headers: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], int] = machine_now
    before: list[Interaction] = field(default_factory=list)

    @property
    def now(self) -> int:
        """The deployment's present moment, in microseconds since the epoch."""
        return self.clock()

    def __call__(self, operation: str, /, *, body: Any = ABSENT, **arguments: Any) -> Interaction:
        """Call an operation with the credential that is good. Raises NoAnswer and TimeOver."""
        return self.send(operation, arguments, body=body)

    def send(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        *,
        body: Any = ABSENT,
        credential: str | None = "",
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        suffix: str = "",
    ) -> Interaction:
        """Call an operation with more of one's own: another credential, or None for none; other headers.

        `method` takes the place of the operation's own, and `suffix` goes behind its path: what is
        asked then is no operation of the contract, and is validated as this one's refusal.
        """
        spec = self.api.contract.operation(operation)
        is_admitted = credential == ""
        chosen = self.credential if is_admitted else credential
        own = {} if chosen is None else credential_headers(self.api, spec, chosen)
        outgoing = written(spec, arguments, body, {**own, **self.headers, **(headers or {})})
        if method or suffix:
            outgoing = _bent(outgoing, method, suffix)
        response = self.connection.send(self.api.contract.base, outgoing)
        path_values = {
            parameter.name: str(arguments[parameter.name])
            for parameter in spec.parameters
            if parameter.location == "path"
        }
        seen = observe(
            self.api,
            outgoing.request,
            response,
            moment=self.now,
            is_admitted=is_admitted,
            found=(spec, path_values),
        )
        assert seen is not None  # noqa: S101 - the operation is known
        self.record(seen, tuple(self.before))
        self.before.append(seen.seen)
        return seen.seen
