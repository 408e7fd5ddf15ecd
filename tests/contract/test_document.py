"""Contracts as they are written: what is read, what is refused, and what every one of ours has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from mockserver.apis import load
from mockserver.contract import EVIDENCE, Contract, Operation, Unmatched, Validator
from mockserver.errors import ContractError, YamlError
from mockserver.files import CONTRACTS
from mockserver.json_pointer import ABSENT

HEAD = "openapi: 3.0.3\ninfo: {title: A little world, version: '1'}\n"


def contract(paths: str, rest: str = "") -> Contract:
    return Contract.parse(f"{HEAD}{rest}\npaths:\n{paths}")


def operation(of_get: str, rest: str = "") -> Operation:
    """What is read of one operation, written after `get:` in the path item of `/a`."""
    return contract(f"  /a: {{get: {of_get}}}", rest).operations[0]


OK = "responses: {'200': {description: ok}}"


# What is read


def test_an_operation_is_loaded_with_everything_in_the_document() -> None:
    read = contract(
        """
  /things/{id}:
    post:
      operationId: makeThing
      x-evidence: documented
      security: [{key: []}, {}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: n, in: query, schema: {type: array, items: {type: integer}, default: [1]}}
      requestBody:
        required: true
        content: {Application/JSON: {schema: {type: object}, examples: {one: {value: {a: 1}}}}}
      responses:
        200:
          description: ok
          headers: {X-Count: {required: true, schema: {type: integer}}}
          content: {application/json: {schema: {type: object}}, text/plain: {}}
""",
        rest="components: {securitySchemes: {key: {type: http, scheme: bearer}}}",
    ).operation("makeThing")
    place = "#/paths/~1things~1{id}/post"
    assert (read.id, read.method, read.path) == ("makeThing", "POST", "/things/{id}")
    assert (read.pointer, read.evidence) == (place, "documented")
    assert read.security == (frozenset({"key"}), frozenset())
    assert [(p.name, p.location, p.required, p.style, p.explode) for p in read.parameters] == [
        ("id", "path", True, "simple", False),
        ("n", "query", False, "form", True),
    ]
    assert read.parameters[1].schema["default"] == [1]
    assert read.parameters[1].pointer == f"{place}/parameters/1"
    assert read.is_body_required
    (body,) = read.body.values()
    assert body.name == "application/json"
    assert body.pointer == f"{place}/requestBody/content/Application~1JSON/schema"
    assert body.examples == {"one": {"a": 1}}
    response = read.responses["200"]
    assert [(header.name, header.required) for header in response.headers] == [("X-Count", True)]
    assert response.headers[0].pointer == f"{place}/responses/200/headers/X-Count"
    assert response.content["application/json"].pointer.endswith("/application~1json/schema")
    assert response.content["text/plain"].pointer == ""


@pytest.mark.parametrize(
    ("location", "style", "explode"),
    [
        ("path", "simple", False),
        ("query", "form", True),
        ("header", "simple", False),
        ("cookie", "form", True),
    ],
)
def test_a_parameter_without_a_style_has_that_of_its_place(
    location: str, style: str, explode: bool
) -> None:
    path = "/{p}" if location == "path" else "/a"
    read = contract(
        f"  {path}: {{get: {{operationId: a, {OK}, parameters:"
        f" [{{name: p, in: {location}, required: true, schema: {{type: string}}}}]}}}}"
    )
    (parameter,) = read.operation("a").parameters
    assert (parameter.style, parameter.explode) == (style, explode)


def test_a_delimited_parameter_does_not_explode_unless_told_to() -> None:
    read = operation(
        f"{{operationId: a, {OK}, parameters: [{{name: p, in: query, style: pipeDelimited,"
        " schema: {type: array, items: {type: string}}}]}"
    )
    assert read.parameters[0].explode is False


def test_an_operations_own_parameter_stands_for_its_paths_of_that_name_and_place() -> None:
    read = contract("""
  /a:
    parameters:
      - {name: n, in: query, schema: {type: string}}
      - {name: n, in: header, schema: {type: string}}
    get:
      operationId: own
      parameters: [{name: n, in: query, schema: {type: integer}}]
      responses: {'200': {description: ok}}
    delete:
      operationId: shared
      responses: {'200': {description: ok}}
""")

    def seen(id: str) -> list[tuple[str, str, str]]:
        return [(p.location, p.schema["type"], p.pointer) for p in read.operation(id).parameters]

    assert seen("own") == [
        ("query", "integer", "#/paths/~1a/get/parameters/0"),
        ("header", "string", "#/paths/~1a/parameters/1"),
    ]
    assert seen("shared") == [
        ("query", "string", "#/paths/~1a/parameters/0"),
        ("header", "string", "#/paths/~1a/parameters/1"),
    ]


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_three_headers_are_no_parameters_as_openapi_says(name: str) -> None:
    read = operation(
        f"{{operationId: a, {OK}, parameters: [{{name: {name}, in: header,"
        " schema: {type: string}}]}"
    )
    assert read.parameters == ()


def test_the_content_type_is_no_documented_header_of_a_response_as_openapi_says() -> None:
    read = operation(
        "{operationId: a, responses: {'200': {description: ok, headers:"
        " {Content-Type: {schema: {type: string}}, X-A: {schema: {type: string}}}}}}"
    )
    assert [header.name for header in read.responses["200"].headers] == ["X-A"]


def test_references_are_followed_and_pointers_lead_to_the_definitions() -> None:
    read = contract(
        "  /a: {$ref: '#/components/x-items/Item'}",
        """
components:
  x-items:
    Item:
      get:
        operationId: a
        parameters: [{$ref: '#/components/parameters/First'}]
        requestBody: {$ref: '#/components/requestBodies/Body'}
        responses: {'200': {$ref: '#/components/responses/Fine%20one'}}
  parameters:
    First: {$ref: '#/components/parameters/Second'}
    Second: {name: n, in: query, schema: {$ref: '#/components/schemas/N'}}
  requestBodies:
    Body: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/N'}}}}
  responses:
    Fine one:
      description: ok
      headers: {X-N: {$ref: '#/components/headers/N'}}
      content:
        application/json: {examples: {one: {$ref: '#/components/examples/One'}}}
  headers: {N: {schema: {$ref: '#/components/schemas/N'}}}
  examples: {One: {value: 1}}
  schemas: {N: {type: integer}}
""",
    ).operation("a")
    assert read.pointer == "#/components/x-items/Item/get"
    assert read.parameters[0].pointer == "#/components/parameters/Second"
    assert read.parameters[0].schema == {"type": "integer"}
    assert read.is_body_required
    assert (
        read.body["application/json"].pointer
        == "#/components/requestBodies/Body/content/application~1json/schema"
    )
    response = read.responses["200"]
    assert response.pointer == "#/components/responses/Fine one"
    assert response.headers[0].pointer == "#/components/headers/N"
    assert response.headers[0].schema == {"type": "integer"}
    assert response.content["application/json"].examples == {"one": 1}


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        ("", ""),
        ("servers: []", ""),
        ("servers: [{url: /}]", ""),
        ("servers: [{url: /v1/}]", "/v1"),
        ("servers: [{url: 'https://example.com'}]", ""),
        ("servers: [{url: 'https://example.com:8443/api/v1?x=1'}]", "/api/v1"),
        ("servers: [{url: /first}, {url: /second}]", "/first"),
        ("servers: [{url: 'http://{h}/{v}', variables: {h: {default: x}, v: {default: 2}}}]", "/2"),
    ],
)
def test_the_base_is_the_path_of_the_first_server(servers: str, base: str) -> None:
    assert contract("  {}", servers).base == base


def test_extensions_are_no_paths_no_methods_and_no_responses() -> None:
    read = contract("""
  x-note: get or post
  /a:
    x-note: of a path
    summary: A path
    get:
      operationId: a
      responses:
        x-note: of responses
        '200': {description: ok}
""")
    assert [operation.id for operation in read.operations] == ["a"]
    assert list(read.operation("a").responses) == ["200"]


def test_an_example_that_lies_elsewhere_is_left_there() -> None:
    read = operation(
        "{operationId: a, responses: {'200': {description: ok, content: {application/json:"
        " {examples: {far: {externalValue: 'http://example.com/x'}, near: {value: 1}}}}}}}"
    )
    assert read.responses["200"].content["application/json"].examples == {"near": 1}


def test_a_contract_has_its_source_and_its_title() -> None:
    source = f"{HEAD}paths: {{}}\n"
    read = Contract.parse(source)
    assert read.source == source
    assert read.title == "A little world"
    assert read.operations == ()
    assert read.security_schemes == {}


def test_an_unknown_operation_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        contract("  {}").operation("missing")


# Operations without an operationId


@pytest.mark.parametrize(
    ("method", "path", "id"),
    [
        ("get", "/pets/{petId}", "getPetsByPetId"),
        ("post", "/pets", "postPets"),
        ("get", "/", "getRoot"),
        (
            "delete",
            "/v1/user-groups/{group_id}/members.json",
            "deleteV1UserGroupsByGroupIdMembersJson",
        ),
        ("put", "/a/{x}-{y}", "putAByXByY"),
        ("patch", "/سجل", "patchسجل"),
    ],
)
def test_an_operation_without_an_id_has_one_of_its_method_and_path(
    method: str, path: str, id: str
) -> None:
    read = contract(f"  '{path}': {{{method}: {{{OK}}}}}")
    assert [operation.id for operation in read.operations] == [id]
    assert read.operation(id).path == path
    assert read.document["paths"][path][method]["operationId"] == id


def test_a_derived_id_that_is_taken_has_a_number() -> None:
    read = contract(
        f"  /a-b: {{get: {{{OK}}}}}\n  /a/b: {{get: {{{OK}}}}}\n"
        f"  /c: {{get: {{operationId: getAB, {OK}}}}}\n"
    )
    ids = {operation.path: operation.id for operation in read.operations}
    assert ids == {"/a-b": "getAB2", "/a/b": "getAB3", "/c": "getAB"}


def test_extensions_pass_through_the_loader_as_they_are_written() -> None:
    read = contract(
        f"  /a: {{x-a: 1, get: {{operationId: a, {OK}, x-pagination: {{rows: /data, $ref: 5}}}}}}",
        "x-traits: {pattern: '[\\w-.]', nullable: true, type: string}",
    )
    assert read.document["x-traits"] == {
        "pattern": "[\\w-.]",
        "nullable": True,
        "type": "string",
    }
    assert read.document["paths"]["/a"]["x-a"] == 1
    assert read.resolve("#/paths/~1a/get/x-pagination") == {"rows": "/data", "$ref": 5}


# What a path and a method find

PATHS = """
  /things/{id}: {get: {operationId: one, RESPONSES}, delete: {operationId: end, RESPONSES}}
  /things/mine: {get: {operationId: mine, RESPONSES}}
  /things: {get: {operationId: all, RESPONSES}, post: {operationId: make, RESPONSES}}
  /files/{name}.json: {get: {operationId: file, RESPONSES}}
  /a.b: {get: {operationId: dotted, RESPONSES}}
  /{a}/x/{b}: {get: {operationId: two, RESPONSES}}
  /(group)/[set]+: {get: {operationId: odd, RESPONSES}}
""".replace("RESPONSES", OK)


@pytest.mark.parametrize(
    ("path", "id", "values"),
    [
        ("/things", "all", {}),
        ("/things/mine", "mine", {}),
        ("/things/5", "one", {"id": "5"}),
        ("/things/mine2", "one", {"id": "mine2"}),
        ("/things/a.b c", "one", {"id": "a.b c"}),
        ("/things/a\nb", "one", {"id": "a\nb"}),
        ("/things/a\n", "one", {"id": "a\n"}),
        ("/things/{id}", "one", {"id": "{id}"}),
        ("/things/%2F", "one", {"id": "%2F"}),
        ("/things/جلسة", "one", {"id": "جلسة"}),
        ("/files/a.json", "file", {"name": "a"}),
        ("/files/a.json.json", "file", {"name": "a.json"}),
        ("/a.b", "dotted", {}),
        ("/1/x/2", "two", {"a": "1", "b": "2"}),
        ("/(group)/[set]+", "odd", {}),
    ],
)
def test_a_path_finds_its_operation_and_its_values(
    path: str, id: str, values: dict[str, str]
) -> None:
    found = contract(PATHS).match("GET", path)
    assert not isinstance(found, Unmatched)
    assert (found[0].id, found[1]) == (id, values)


@pytest.mark.parametrize(
    ("paths", "path", "expected"),
    [
        (["/s/{a}/u/{b}", "/s/{a}/u/cases"], "/s/1/u/cases", "/s/{a}/u/cases"),
        (["/s/{a}/u/{b}", "/s/{a}/u/cases"], "/s/1/u/2", "/s/{a}/u/{b}"),
        (["/a/{x}/b", "/a/c/{y}"], "/a/c/b", "/a/c/{y}"),
        (["/{x}/b", "/{x}/{y}", "/a/{y}"], "/a/b", "/a/{y}"),
        (["/{x}", "/{x}.json", "/a.json"], "/b.json", "/{x}.json"),
        (["/{x}", "/{x}.json", "/a.json"], "/a.json", "/a.json"),
    ],
)
def test_of_two_paths_the_one_with_more_written_comes_first(
    paths: list[str], path: str, expected: str
) -> None:
    read = contract("".join(f"  {one}: {{get: {{{OK}}}}}\n" for one in paths))
    found = read.match("GET", path)
    assert not isinstance(found, Unmatched)
    assert found[0].path == expected


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/kept/a", "a"),
        ("/kept/a/b", "a/b"),
        ("/kept//a", "/a"),
        ("/kept/a/", "a/"),
        ("/kept//", "/"),
        ("/kept/a\nb", "a\nb"),
        # Connexion's router finds the operation too, so that it must be found here.
        ("/kept/", ""),
        ("/kept", None),
    ],
)
def test_a_value_whose_format_is_path_may_have_slashes_in_it(path: str, key: str | None) -> None:
    parameter = "{name: key, in: path, required: true, schema: {type: string, format: path}}"
    read = contract(
        f"  /kept/{{key}}: {{get: {{operationId: a, {OK}, parameters: [{parameter}]}}}}"
    )
    found = read.match("GET", path)

    if key is None:
        assert found == Unmatched(())
    else:
        assert not isinstance(found, Unmatched)
        assert found[1] == {"key": key}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "things",
        "/things/",
        "/things//",
        "/things/5/6",
        "/Things",
        "/things\n",
        "/things/5/",
        "/axb",
        "/files/axjson",
        "/files/.json",
        "//x/2",
        "/group/s",
        "/" * 10_000,
    ],
)
def test_a_path_that_is_not_documented_finds_nothing(path: str) -> None:
    assert contract(PATHS).match("GET", path) == Unmatched(())


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("PUT", "/things", ("GET", "POST")),
        ("POST", "/things/5", ("GET", "DELETE")),
        ("HEAD", "/things", ("GET", "POST")),
        ("X-NOTE", "/things", ("GET", "POST")),
        ("", "/things", ("GET", "POST")),
    ],
)
def test_a_method_that_is_not_documented_names_those_that_are(
    method: str, path: str, methods: tuple[str, ...]
) -> None:
    assert contract(PATHS).match(method, path) == Unmatched(methods)


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_a_concrete_path_has_no_method_of_a_templated_one(method: str) -> None:
    assert contract(PATHS).match(method, "/things/mine") == Unmatched(("GET",))


def test_templates_that_differ_in_names_alone_share_their_methods() -> None:
    read = contract(
        PATHS
        + "  /things/{other}: {get: {operationId: more, RESPONSES}, "
        "put: {operationId: put, RESPONSES}}\n".replace("RESPONSES", OK)
    )
    found = read.match("PUT", "/things/5")
    assert not isinstance(found, Unmatched)
    assert (found[0].id, found[1]) == ("put", {"other": "5"})
    assert read.match("POST", "/things/5") == Unmatched(("GET", "DELETE", "PUT"))


@pytest.mark.parametrize("method", ["get", "Get", "GET"])
def test_a_method_is_known_in_any_case(method: str) -> None:
    found = contract(PATHS).match(method, "/things")
    assert not isinstance(found, Unmatched)
    assert found[0].id == "all"


# What is refused

ELSEWHERE = "leads to another file; bundle the files into one"


@pytest.mark.parametrize("source", ["", "5", "[]", "swagger: '2.0'", "openapi: 3.1.0", "openapi:"])
def test_what_is_no_openapi_3_0_is_refused(source: str) -> None:
    with pytest.raises(ContractError, match=r"not an OpenAPI 3\.0 document"):
        Contract.parse(source)


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(YamlError, match="line 2: the key 'openapi' stands twice"):
        Contract.parse("openapi: 3.0.3\nopenapi: 3.0.3\n")


def test_an_operation_id_that_stands_twice_is_refused_with_both_places() -> None:
    with pytest.raises(ContractError) as caught:
        contract(
            f"  /a: {{get: {{operationId: same, {OK}}}}}\n"
            f"  /b/c: {{put: {{operationId: same, {OK}}}}}\n"
        )
    assert (
        str(caught.value)
        == "the operationId 'same' stands at #/paths/~1a/get and at #/paths/~1b~1c/put"
    )


@pytest.mark.parametrize(
    ("path_item", "reason"),
    [
        (
            "{$ref: 'other.yaml#/a'}",
            f"'other.yaml#/a' at #/paths/~1a {ELSEWHERE}",
        ),
        (
            "{$ref: 'http://x/y'}",
            f"'http://x/y' at #/paths/~1a {ELSEWHERE}",
        ),
        ("{$ref: '#/nowhere'}", "the reference '#/nowhere' leads nowhere"),
        ("{$ref: '#/info/title/x'}", "the reference '#/info/title/x' leads nowhere"),
        ("{$ref: '#/paths/~1a'}", "the reference '#/paths/~1a' leads to itself"),
        ("{$ref: '#/components/a'}", "the reference '#/components/a' leads to itself"),
        (
            "{get: {operationId: a, responses: {}, parameters: [{name: n, in: query}]}}",
            "the parameter at #/paths/~1a/get/parameters/0 has no schema",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(path_item: str, reason: str) -> None:
    loop = "components: {a: {$ref: '#/components/b'}, b: {$ref: '#/components/a'}}"
    components = loop if "#/components/a" in path_item else ""
    with pytest.raises(ContractError) as caught:
        contract(f"  /a: {path_item}", components)
    assert str(caught.value) == reason


def test_a_schema_that_is_nothing_but_itself_is_refused() -> None:
    schemas = "components: {schemas: {Loop: {allOf: [{$ref: '#/components/schemas/Loop'}]}}}"
    with pytest.raises(ContractError, match="'#/components/schemas/Loop' leads to itself"):
        operation(f"{{operationId: a, {OK}}}", schemas)


@pytest.mark.parametrize("reference", ["#foo", "#foo/components/item"])
def test_a_reference_that_is_no_pointer_leads_nowhere(reference: str) -> None:
    with pytest.raises(ContractError):
        contract(f"  /a: {{$ref: '{reference}'}}", "components: {item: {summary: An item}}")


@pytest.mark.parametrize(
    "paths",
    [
        "",
        "5",
        "{/a: 5}",
        "{/a: {get: }}",
        "{/a: {get: {operationId: a}}}",
        f"{{/a: {{get: {{operationId: [a], {OK}}}}}}}",
        f"{{/a: {{get: {{operationId: a, {OK}, security: [{{missing: []}}]}}}}}}",
    ],
)
def test_a_document_that_is_not_as_openapi_has_it_is_refused(paths: str) -> None:
    with pytest.raises(ContractError):
        Contract.parse(f"{HEAD}paths: {paths}\n")


def test_a_server_without_a_url_is_refused() -> None:
    with pytest.raises(ContractError):
        contract("  {}", "servers: [{description: nowhere}]")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"openapi: 3.0.3\na: 1\na: 2\n", "line 3: the key 'a' stands twice"),
        (b"openapi: 3.1.0\n", "it is not an OpenAPI 3.0 document"),
        (b"openapi: '\xff'\n", "line 1: the byte 0xff is no UTF-8; save the file as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(ContractError) as caught:
        Contract.load(path)
    assert str(caught.value).startswith(f"The contract 'broken.yaml' cannot be used: {reason}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing.yaml"
    with pytest.raises(ContractError) as caught:
        Contract.load(path)
    assert str(caught.value) == f"There is no contract at '{path}'."


# What every contract of ours has

# The control API's contract is the document itself: there is no vendor to be right about.
OURS = sorted(path for path in CONTRACTS.glob("*.yaml") if path.stem != "control")
each_contract = pytest.mark.parametrize("path", OURS, ids=[path.stem for path in OURS])


def validator(path: Path) -> Validator:
    apis = load()
    formats = apis[path.stem].formats if path.stem in apis else ()
    return Validator(Contract.load(path), formats)


def nodes(node: Any, pointer: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping of a document and where it stands, except inside examples."""
    if isinstance(node, dict):
        yield pointer, node
        for key, value in node.items():
            if key not in ("example", "examples", "x-documented-example", "default", "enum"):
                yield from nodes(value, f"{pointer}/{key}")
    elif isinstance(node, list):
        for n, item in enumerate(node):
            yield from nodes(item, f"{pointer}/{n}")


def resolved(document: Any, node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for token in node["$ref"].removeprefix("#/").split("/"):
            target = target[token.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def iter_lines_with_evidence(document: Any) -> Iterator[tuple[str, Any]]:
    """All that must state its evidence, references followed."""
    for pointer, node in nodes(document):
        for method in ("get", "put", "post", "delete", "options", "head", "patch", "trace"):
            if "operationId" in (node.get(method) or {}):
                yield f"{pointer}/{method}", node[method]
        if isinstance(node.get("parameters"), list):
            for n, parameter in enumerate(node["parameters"]):
                yield f"{pointer}/parameters/{n}", resolved(document, parameter)
        for key in ("responses", "headers", "properties"):
            children = node.get(key)
            if isinstance(children, dict):
                for name, child in children.items():
                    yield f"{pointer}/{key}/{name}", resolved(document, child)


def response_schemas(document: Any, node: Any, seen: set[int]) -> Iterator[dict[str, Any]]:
    """Every schema that a response's value can be held against."""
    node = resolved(document, node)
    if id(node) in seen:
        return
    seen.add(id(node))
    yield node
    children = [*node.get("properties", {}).values()]
    for key in ("allOf", "anyOf", "oneOf"):
        children += node.get(key, [])
    if "items" in node and node.get("maxItems") != 0:  # of none at all, nothing need be said
        children.append(node["items"])
    for child in children:
        yield from response_schemas(document, child, seen)


def test_each_vendor_has_a_contract(vendor: str) -> None:
    assert CONTRACTS / f"{vendor}.yaml" in OURS


def test_what_our_contracts_create_is_linked_to_where_it_is_listed(
    vendors: tuple[str, ...],
) -> None:
    contracts = [Contract.load(CONTRACTS / f"{vendor}.yaml") for vendor in vendors]
    created = [
        operation.id
        for contract in contracts
        for operation in contract.operations
        if operation.method == "POST"
    ]
    assert created
    linked: set[str] = set()
    for contract in contracts:
        for operation in contract.operations:
            for response in operation.responses.values():
                links = contract.resolve(response.pointer).get("links", {}).values()
                linked |= (
                    {link["operationId"] for link in links} | {operation.id} if links else set()
                )
    assert set(created) <= linked


@each_contract
def test_our_contract_is_openapi(path: Path) -> None:
    OpenAPIV30SpecValidator(Contract.load(path).document).validate()


@each_contract
def test_every_line_of_our_contract_has_evidence(path: Path) -> None:
    found = list(iter_lines_with_evidence(Contract.load(path).document))
    assert found
    assert [place for place, node in found if node.get("x-evidence") not in EVIDENCE] == []


@each_contract
def test_our_contract_uses_no_other_word_for_evidence(path: Path) -> None:
    assert set(Contract.load(path).evidences) <= {"documented", "example", "related", "assumed"}


@each_contract
def test_our_contract_gives_a_reason_for_all_that_is_assumed_or_related(path: Path) -> None:
    unexplained = [
        place
        for place, node in nodes(Contract.load(path).document)
        if node.get("x-evidence") in ("assumed", "related")
        and not str(node.get("x-evidence-note", "")).strip()
    ]
    assert unexplained == []


@each_contract
def test_the_examples_of_our_contract_conform_to_it(path: Path) -> None:
    holds = validator(path)
    medias = [
        media
        for operation in holds.contract.operations
        for content in (operation.body, *(r.content for r in operation.responses.values()))
        for media in content.values()
    ]
    violations = [
        (media.pointer, name, violation)
        for media in medias
        for name, value in media.examples.items()
        for violation in holds.schemas.compile(media.pointer).find_violations(value)
    ]
    assert violations == []
    assert any(media.examples for media in medias)


@each_contract
def test_every_response_of_our_contract_has_an_example(path: Path) -> None:
    without = [
        (operation.id, status, media.name)
        for operation in Contract.load(path).operations
        for status, response in operation.responses.items()
        for media in response.content.values()
        if not media.examples
    ]
    assert without == []


@each_contract
def test_the_defaults_of_our_contract_conform_to_it(path: Path) -> None:
    holds = validator(path)
    refused = [
        (operation.id, parameter.name)
        for operation in holds.contract.operations
        for parameter in operation.parameters
        if (default := parameter.schema.get("default", ABSENT)) is not ABSENT
        and not holds.schemas.compile(parameter.schema_pointer).accepts(default)
    ]
    assert refused == []


@each_contract
def test_no_pattern_of_our_contract_has_a_class_that_depends_on_the_dialect(path: Path) -> None:
    # `\d` is ten characters to ECMA and hundreds to Python, which generates and checks with it.
    patterns = [
        node["pattern"]
        for _, node in nodes(Contract.load(path).document)
        if isinstance(node.get("pattern"), str)
    ]
    assert [pattern for pattern in patterns if "\\d" in pattern or "\\w" in pattern] == []


@each_contract
def test_a_format_of_our_own_has_its_pattern_beside_it(path: Path) -> None:
    bare = [
        place
        for place, node in nodes(Contract.load(path).document)
        if isinstance(node.get("format"), str)
        and node["format"] not in ("int32", "int64", "date-time")
        and not node.get("pattern")
    ]
    assert bare == []


@each_contract
def test_the_objects_of_our_responses_are_closed(path: Path) -> None:
    document = Contract.load(path).document
    roots = [
        media["schema"]
        for pointer, node in nodes(document)
        if "/responses/" in pointer and isinstance(node.get("content"), dict)
        for media in node["content"].values()
    ]
    seen: set[int] = set()
    schemas = [schema for root in roots for schema in response_schemas(document, root, seen)]
    open_ones = [
        schema
        for schema in schemas
        if (schema.get("type") == "object" or "properties" in schema)
        and schema.get("additionalProperties", True) is True
        and "not" not in schema  # null alone
    ]
    assert open_ones == []
    assert any(schema.get("type") == "object" for schema in schemas)
