"""The JSON Schema of a targets file, made from the APIs and the ids that their cases need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.contract import EVIDENCE
from mockserver.kind import closed_object

_NAME = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
_VARIABLE = {"type": "string", "pattern": "^[A-Z_][A-Z0-9_]*$"}
_FILE = {"type": "string", "minLength": 1}
_FIELD = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
_VALUE = "^([!-~]([ -~]*[!-~])?)?$"
_NUMBER = {"type": "number", "minimum": 0, "maximum": 1_000_000}


def targets_schema(apis: Mapping[str, Api]) -> dict[str, Any]:
    """The schema of a targets file."""
    return closed_object(
        {
            "targets": {
                "type": "object",
                "description": "The deployments, each under the name by which it is called.",
                "minProperties": 1,
                "additionalProperties": False,
                "patternProperties": {_NAME: _target(apis)},
            }
        },
        required=["targets"],
    )


def editor_schema(apis: Mapping[str, Api]) -> dict[str, Any]:
    """The schema as editors read it, complete in itself."""
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "Targets of Mockserver",
        **targets_schema(apis),
    }


def _target(apis: Mapping[str, Api]) -> dict[str, Any]:
    properties = {
        "url": _describe(
            {"type": "string", "pattern": "^https?://[^/?#@\\s]+[^?#@\\s]*$"},
            "What stands before the base path of each API; no user, no query.",
        ),
        "apis": _describe(
            {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": list(apis)}},
            "The APIs that it serves; all of them without it.",
        ),
        "credentials": _describe(
            closed_object(dict.fromkeys(apis, _VARIABLE)),
            "By API, the name of the environment variable that has its credential. Never a value.",
        ),
        "ids": _describe(
            closed_object({name: _ids(name) for name in apis}),
            "By API, the ids that the deployment has; what needs another one is skipped.",
        ),
        "allow_writes": _describe(
            {"type": "boolean", "default": False},
            "Whether unsafe methods are sent; without it what writes is skipped.",
        ),
        "rate": _describe(_NUMBER, "At most so many requests a second; 0 is no limit."),
        "time_limit": _describe(_NUMBER, "How many seconds a run may take; 0 is no limit."),
        "timeout": _describe(
            {**_NUMBER, "default": 10}, "How many seconds a response may take; 0 is no limit."
        ),
        "tls": _describe(_tls(), "How certificates are verified, and which one is shown."),
        "headers": _describe(_headers(), "What goes with every request."),
        "evidence": _describe(
            {"enum": [EVIDENCE[0], EVIDENCE[-1]], "default": EVIDENCE[0]},
            "With the weakest, what is only assumed fails a run as well.",
        ),
    }
    return closed_object(properties, required=["url"])


def _describe(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "description": description}


def _ids(api: str) -> dict[str, Any]:
    return closed_object(
        {
            required.name: {
                "type": ["string", "integer"],
                "minLength": 1,
                "description": required.description,
            }
            for required in read_cases(api).ids
        }
    )


def _tls() -> dict[str, Any]:
    files = {
        "ca": "A PEM file of the authorities to trust, in the place of the usual ones.",
        "certificate": "A PEM file of the certificate to show, where one is asked for.",
        "key": "A PEM file of its private key, without a password.",
    }
    verify = {"type": "boolean", "default": True}
    return {
        **closed_object(
            {
                "verify": _describe(verify, "Whether certificates are verified at all."),
                **{name: _describe(_FILE, text) for name, text in files.items()},
            }
        ),
        "dependencies": {"key": ["certificate"]},
    }


def _headers() -> dict[str, Any]:
    # A text or an object, and each keyword speaks of one of the two.
    value = {
        "type": ["string", "object"],
        "pattern": _VALUE,
        **{
            name: it
            for name, it in closed_object({"env": _VARIABLE}, ["env"]).items()
            if name != "type"
        },
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "patternProperties": {_FIELD: value},
    }
