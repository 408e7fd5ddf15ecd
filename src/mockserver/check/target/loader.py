"""A targets file: deployments by name, with their ids, and what a check may do to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mockserver import apis
from mockserver.check.cases import read_cases
from mockserver.check.target.credentials import CredentialSource, OAuthClient, TokenCommand
from mockserver.check.target.selection import Excluded, list_remaining
from mockserver.check.target.target import Target
from mockserver.contract import Schemas, SchemaViolation
from mockserver.deployment import Tls, find_url_fault, normalize_url
from mockserver.errors import SettingError, YamlError, suggest_nearest
from mockserver.files import CONTRACTS
from mockserver.json_pointer import escape, split_pointer
from mockserver.kind import closed_object
from mockserver.yaml_source import Source, decode, read_yaml

_PLAIN = ("allow_writes", "rate", "time_limit", "timeout", "workers", "evidence")
"""The fields that a target has as the file says them."""

_REASONS = {
    "url": "it is not a string; write a URL like https://staging.example",
    # What is written there by mistake may be the secret itself, and is not repeated.
    "credentials": (
        "write the name of an environment variable like STAGING_TOKEN, {command: [...]} or "
        "{oauth: {token_url: ..., client_id: ..., client_secret: {env: VARIABLE}}}, never a value"
    ),
    "headers": (
        "write a text of visible ASCII characters, or {env: VARIABLE} with the name of an "
        "environment variable such as STAGING_TOKEN"
    ),
}
"""The reasons for fields in which the message of the validator would repeat the value."""


def build_schema() -> dict[str, Any]:
    """The JSON Schema of a targets file, with the present APIs and the ids of their cases."""
    schema: dict[str, Any] = json.loads((CONTRACTS / "targets.schema.json").read_text("utf-8"))
    (target,) = schema["properties"]["targets"]["patternProperties"].values()
    fields, served = target["properties"], apis.load()
    names = list(served)
    fields["apis"]["items"] = {"enum": names}
    credential = next(iter(fields["credentials"]["properties"].values()))
    fields["credentials"]["properties"] = dict.fromkeys(names, credential)
    fields["ids"]["properties"] = {
        name: closed_object(
            {
                required.name: {
                    "type": ["string", "integer"],
                    "minLength": 1,
                    "description": required.description,
                }
                for required in read_cases(name).ids
            }
        )
        for name in names
    }
    for field in ("operations", "exclude"):
        fields[field]["properties"] = {
            name: {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"enum": [operation.id for operation in api.contract.operations]},
            }
            for name, api in served.items()
        }
    return schema


def read_targets(path: Path) -> dict[str, Target]:
    """The targets of a YAML file by name, their secrets still in the environment.

    Files of TLS are relative to the file's folder. Raises SettingError with everything that is
    wrong, each with its line and field.
    """
    try:
        source = read_yaml(decode(path.read_bytes()))
    except (OSError, YamlError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingError(f"The targets file '{path}' cannot be read: {reason}.") from error
    faults = list(_find_faults(source)) or list(_find_emptied(source.data["targets"]))
    faults.sort(key=lambda fault: source.line(fault[0]))
    if faults:
        lines = []
        for pointer, reason in faults:
            field = ".".join(split_pointer(pointer))
            place = f"{path}:{source.line(pointer)}"
            lines.append(f"{place}: {field}: {reason}" if field else f"{place}: {reason}")
        raise SettingError("\n".join(dict.fromkeys(lines)))
    return {
        name: _make_target(name, item, path.parent) for name, item in source.data["targets"].items()
    }


def _find_faults(source: Source) -> Iterator[tuple[str, str]]:
    """Every fault, as a pointer and a reason."""
    schema = build_schema()
    for violation in Schemas({}).compile_inline(schema).find_violations(source.data):
        yield from _explain(schema, violation)
    targets = source.data.get("targets") if isinstance(source.data, dict) else None
    for name, item in targets.items() if isinstance(targets, dict) else ():
        url = item.get("url") if isinstance(item, dict) else None
        if isinstance(url, str) and (fault := find_url_fault(url)):
            yield f"/targets/{escape(name)}/url", fault


def _find_emptied(targets: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, item in targets.items():
        excluded = _list_excluded(item)
        for api in excluded:
            if not list_remaining([api], excluded):
                field = "exclude" if api in item.get("exclude", {}) else "operations"
                reason = f"no operation of '{api}' is left; leave the API out of `apis` instead"
                yield f"/targets/{escape(name)}/{field}/{api}", reason


def _explain(schema: Mapping[str, Any], violation: SchemaViolation) -> Iterator[tuple[str, str]]:
    place = split_pointer(violation.location)
    field, value = place[2] if len(place) > 2 else "", violation.value
    if violation.unexpected and (place == ["targets"] or field == "headers"):
        of = "a header" if field else "a target; write letters, digits, '.', '_' and '-'"
        for word in violation.unexpected:
            yield f"{violation.location}/{escape(word)}", f"'{word}' cannot be the name of {of}"
    elif field == "url" and violation.code == "pattern":
        return  # reported by find_url_fault
    elif field in _REASONS and not violation.unexpected:
        yield violation.location, _REASONS[field]
    elif field == "apis" and isinstance(value, str):
        nearest = suggest_nearest(value, apis.names())
        yield violation.location, f"there is no API '{value}'; {nearest}"
    elif field in ("operations", "exclude") and len(place) > 4 and isinstance(value, str):
        operations = [it.id for it in apis.load([place[3]])[place[3]].contract.operations]
        nearest = suggest_nearest(value, operations)
        yield violation.location, f"'{place[3]}' has no operation '{value}'; {nearest}"
    else:
        yield from violation.explain(schema)


def _make_target(name: str, item: Mapping[str, Any], folder: Path) -> Target:
    headers, tls = item.get("headers", {}), item.get("tls", {})
    credentials = item.get("credentials", {})
    named = {field: value["env"] for field, value in headers.items() if not isinstance(value, str)}
    return Target(
        name=name,
        url=normalize_url(item["url"]),
        apis=tuple(item.get("apis", ())),
        ids={
            api: {name: str(value) for name, value in ids.items()}
            for api, ids in item.get("ids", {}).items()
        },
        excluded=_list_excluded(item),
        tls=Tls(
            verify=tls.get("verify", True),
            **{file: folder / tls[file] for file in ("ca", "certificate", "key") if file in tls},
        ),
        headers={field: value for field, value in headers.items() if isinstance(value, str)},
        variables={api: it for api, it in credentials.items() if isinstance(it, str)},
        sources={
            api: _make_source(it, folder)
            for api, it in credentials.items()
            if not isinstance(it, str)
        },
        header_variables=named,
        **{field: item[field] for field in _PLAIN if field in item},
    )


def _make_source(item: Mapping[str, Any], folder: Path) -> CredentialSource:
    if "command" in item:
        command = item["command"]
        words = command if isinstance(command, str) else tuple(command)
        own = {"timeout": item["timeout"]} if "timeout" in item else {}
        return TokenCommand(words, folder, **own)
    client = item["oauth"]
    has_variable = isinstance(client["client_id"], dict)
    return OAuthClient(
        token_url=client["token_url"],
        client_secret_variable=client["client_secret"]["env"],
        client_id="" if has_variable else client["client_id"],
        client_id_variable=client["client_id"]["env"] if has_variable else "",
        scope=client.get("scope", ""),
    )


def _list_excluded(item: Mapping[str, Any]) -> Excluded:
    only, excluded = item.get("operations", {}), item.get("exclude", {})
    return {
        name: frozenset(
            operation.id
            for operation in api.contract.operations
            if operation.id in excluded.get(name, ())
            or (name in only and operation.id not in only[name])
        )
        for name, api in apis.load().items()
        if name in only or name in excluded
    }
