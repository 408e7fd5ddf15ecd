"""A target: a deployment under test, and what may be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import httpx

from mockserver import apis
from mockserver.check.target.credentials import CredentialSource, Token, read_secret
from mockserver.contract import BINDING
from mockserver.deployment import Tls
from mockserver.redaction import Mask, list_secret_headers


@dataclass(frozen=True)
class Target:
    """A deployment of one or more APIs.

    `url` is what stands before the bases of the contracts. `apis` are those that it serves, all of
    them where none is named. `credentials` has one for each API, and `ids` the ids that the
    deployment has, by API and name. `excluded` has, by API, the operations that are not requested.
    Without `allow_writes` only safe methods are sent.
    `rate` is in requests a second, `time_limit` and `timeout` in seconds; 0 is no limit. `workers`
    is how many requests that only read are sent at a time. `headers` go with every request.

    `variables` and `header_variables` name the environment variables that have credentials and the
    values of headers; `with_secrets` reads them, and they are secret. `sources` fetch credentials
    by API, and `tokens` are those that can be fetched again. `admin_token` is that of a mock's
    control API, and goes nowhere else; the names of the sandboxes that a run makes there begin with
    `sandbox_prefix`. `transport` takes the place
    of a socket for all but generated requests.
    """

    name: str
    url: str
    apis: tuple[str, ...] = ()
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    ids: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    allow_writes: bool = False
    rate: float = 0.0
    time_limit: float = 0.0
    timeout: float = 10.0
    workers: int = 1
    tls: Tls = field(default_factory=Tls)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    evidence: str = BINDING
    variables: Mapping[str, str] = field(default_factory=dict)
    header_variables: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, CredentialSource] = field(default_factory=dict)
    tokens: Mapping[str, Token] = field(default_factory=dict, repr=False, compare=False)
    admin_token: str = field(default="", repr=False)
    sandbox_prefix: str = "check-"
    transport: httpx.BaseTransport | None = field(default=None, repr=False)

    @property
    def is_encrypted(self) -> bool:
        """Whether its URL is one of TLS."""
        return self.url.lower().startswith("https:")

    @property
    def mask(self) -> Mask:
        """What redacts its secrets in everything that is printed or written."""
        pairs = [
            *((self.credentials.get(api, ""), name) for api, name in self.variables.items()),
            *((self.headers.get(field, ""), name) for field, name in self.header_variables.items()),
        ]
        variables = {secret: name for secret, name in reversed(pairs) if secret}
        contracts = (api.contract for api in apis.load(self.apis).values())
        headers = {*list_secret_headers(contracts), *self.header_variables}
        fetched = [value for token in self.tokens.values() for value in token.values]
        own = [secret for source in self.sources.values() for secret in source.list_secrets()]
        admin = [self.admin_token] if self.admin_token else []
        secrets = [*self.credentials.values(), *variables, *fetched, *own, *admin]
        return Mask(secrets, headers, variables)

    def with_secrets(self) -> Target:
        """The target with what its environment variables have, for the APIs that it serves.

        Credentials that have another source are fetched. Raises SettingError for a variable that is
        not there or that no header could carry, for a source that fails, and for a file that TLS
        cannot use.
        """
        if self.is_encrypted:
            self.tls.context()
        credentials = {
            api: read_secret(name, f"the credential of '{api}' for '{self.name}'")
            for api, name in self.variables.items()
            if not self.apis or api in self.apis
        }
        tokens = {
            api: Token(partial(source.fetch, purpose, self.tls.context, self.timeout))
            for api, source in self.sources.items()
            if not self.apis or api in self.apis
            for purpose in (f"the credential of '{api}' for '{self.name}'",)
        }
        credentials |= {api: token.first for api, token in tokens.items()}
        headers = {
            header: read_secret(name, f"the header '{header}' for '{self.name}'")
            for header, name in self.header_variables.items()
        }
        return replace(
            self,
            credentials={**self.credentials, **credentials},
            tokens=tokens,
            headers={**self.headers, **headers},
        )
