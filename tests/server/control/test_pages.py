"""The mock's own pages: contracts, their documentation, health."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import openapi_spec_validator
import pytest
import yaml

import mockserver

CONTRACTS = Path(__file__).parents[3] / "openapi"
NAMES = ["autozod", "avaamo", "calwe", "ekran"]
TITLES = {
    "autozod": "Autozod agent session logs",
    "avaamo": "Avaamo live agent changelog",
    "calwe": "Calwe session log",
    "ekran": "Ekran sessions",
}
BASES = {"autozod": "api", "avaamo": "api/v1", "calwe": "v1", "ekran": "ekranapi"}
PROBLEM = "application/problem+json"


def test_the_apis_are_listed_with_their_operations(documented: httpx.Client) -> None:
    response = documented.get("/__mock__/apis")
    apis = response.json()

    assert response.headers["content-type"] == "application/json"
    assert [(api["name"], api["base"]) for api in apis] == [
        ("autozod", "/api"),
        ("avaamo", "/api/v1"),
        ("calwe", "/v1"),
        ("ekran", "/ekranapi"),
    ]
    assert [
        (operation["method"], operation["path"], operation["evidence"])
        for api in apis
        for operation in api["operations"]
    ] == [
        ("GET", "/api/sessionLogs/list", "documented"),
        ("GET", "/api/v1/cap/change_logs.json", "documented"),
        ("GET", "/v1/customer/sessions/{id}/log", "documented"),
        ("POST", "/v1/customer/sessions/{id}/log", "documented"),
        ("GET", "/v1/coach/sessions/{id}/log", "related"),
        ("POST", "/v1/coach/sessions/{id}/log", "related"),
        ("GET", "/ekranapi/sessions", "documented"),
    ]


def test_every_address_in_the_list_works(documented: httpx.Client) -> None:
    for api in documented.get("/__mock__/apis").json():
        assert documented.get(api["openapi"]).status_code == 200
        assert documented.get(api["client"]).status_code == 200
        assert documented.get(api["docs"]).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_that_is_counted_is_what_the_contract_states(
    documented: httpx.Client, name: str
) -> None:
    source = (CONTRACTS / f"{name}.yaml").read_text(encoding="utf-8")
    [api] = [api for api in documented.get("/__mock__/apis").json() if api["name"] == name]

    for word, count in api["evidence"].items():
        pattern = rf"(?:^\s*(?:- )?|[{{,] ?)x-evidence: {word}\b"
        lines = re.findall(pattern, source, re.MULTILINE)
        assert count == len(lines), word


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_is_served_as_it_is_written_but_for_the_first_server(
    documented: httpx.Client, name: str
) -> None:
    response = documented.get(f"/__mock__/apis/{name}/openapi.yaml")

    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == "application/yaml"
    first = (
        f"servers:\n  - url: '{str(documented.base_url).rstrip('/')}/{BASES[name]}'\n"
        "    description: This mock server.\n"
    )
    assert response.text.replace(first, "servers:\n") == (CONTRACTS / f"{name}.yaml").read_text()
    assert response.text.count(first) == 1


@pytest.mark.parametrize("file", ["openapi.yaml", "openapi.json", "client.yaml"])
def test_the_first_server_is_this_one_as_the_client_knows_it(
    documented: httpx.Client, file: str
) -> None:
    def read_first_server(prefix: str, host: str) -> str:
        path = f"{prefix}/__mock__/apis/calwe/{file}"
        read = documented.get(path, headers={"Host": host})
        url: str = yaml.safe_load(read.content)["servers"][0]["url"]
        return url

    assert read_first_server("", "mock.example:8080") == "http://mock.example:8080/v1"
    assert read_first_server("/__sandbox__/one", "other") == "http://other/__sandbox__/one/v1"
    assert read_first_server("", "it's").startswith("http://127.0.0.1:")


@pytest.mark.parametrize("name", [*NAMES, "control"])
def test_the_client_profile_of_a_contract_is_openapi(documented: httpx.Client, name: str) -> None:
    response = documented.get(f"/__mock__/apis/{name}/client.yaml")
    profile = yaml.safe_load(response.content)

    assert response.headers["content-type"].partition(";")[0] == "application/yaml"
    openapi_spec_validator.validate(profile)
    assert "x-" not in " ".join(profile["components"])


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_is_served_as_json_too(documented: httpx.Client, name: str) -> None:
    response = documented.get(f"/__mock__/apis/{name}/openapi.json")
    written = yaml.safe_load((CONTRACTS / f"{name}.yaml").read_bytes())

    assert response.headers["content-type"] == "application/json"
    served = response.json()
    assert served["servers"].pop(0)["description"] == "This mock server."
    assert served == written
    assert list(served["paths"]) == list(written["paths"])


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_of_a_contract_has_the_lines_of_its_file(
    documented: httpx.Client, name: str
) -> None:
    evidence = documented.get(f"/__mock__/apis/{name}/evidence.json").json()
    text = (CONTRACTS / f"{name}.yaml").read_text("utf-8").splitlines()
    apis = documented.get("/__mock__/apis").json()
    operations = next(it["operations"] for it in apis if it["name"] == name)

    assert [*evidence] == [it["id"] for it in operations]
    for it in operations:
        [pointer, *_] = evidence[it["id"]]
        own = evidence[it["id"]][pointer]
        assert own["evidence"] == it["evidence"]
        assert text[own["line"] - 1].strip() == f"{it['method'].lower()}:"


def test_the_evidence_of_a_part_is_no_stronger_than_that_of_its_operation(
    documented: httpx.Client,
) -> None:
    evidence = documented.get("/__mock__/apis/calwe/evidence.json").json()
    missing = "/components/responses/SessionNotFound"

    assert evidence["listSessionLogs"][missing]["evidence"] == "documented"
    shared = evidence["listCoachSessionLogs"][missing]
    assert shared["evidence"] == "related"
    assert shared["note"].startswith("The vendor's Mentor page mirrors the customer's page")
    assert shared["line"] == evidence["listSessionLogs"][missing]["line"]


@pytest.mark.parametrize(
    "path",
    [
        "/__mock__/apis/{}/openapi.json",
        "/__mock__/apis/{}/openapi.yaml",
        "/__mock__/apis/{}/client.yaml",
        "/__mock__/docs/{}",
    ],
)
@pytest.mark.parametrize(
    ("name", "hint"),
    [("calw", "did you mean 'calwe'?"), ("Ekran", "did you mean 'ekran'?"), ("zzz", "'autozod'")],
)
def test_an_unknown_api_is_a_problem_that_names_the_nearest(
    documented: httpx.Client, path: str, name: str, hint: str
) -> None:
    response = documented.get(path.format(name))

    assert response.status_code == 404
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["status"] == 404
    assert f"'{name}'" in response.json()["detail"]
    assert hint in response.json()["detail"]


def test_an_api_that_is_not_served_has_no_pages(start: Any) -> None:
    client = start(scenario="documented", only=("ekran",))

    assert client.get("/__mock__/docs/calwe").status_code == 404
    assert client.get("/__mock__/apis/calwe/openapi.json").status_code == 404
    assert client.get("/__mock__/ready").json()["apis"] == ["ekran"]


class References(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attributes if name in ("src", "href")]


@pytest.mark.parametrize("name", NAMES)
def test_the_documentation_refers_to_nothing_outside_the_machine(
    documented: httpx.Client, name: str
) -> None:
    response = documented.get(f"/__mock__/docs/{name}")
    page = References()
    page.feed(response.text)
    addresses = [address for address in page.found if not address.startswith("data:")]

    assert response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"].split("; ")
    assert {"default-src 'self'", "frame-ancestors 'none'"} <= {*policy}
    assert not re.search(r"https?://", response.text)
    assert len(addresses) == 3
    for address in addresses:
        assert re.match(r"[^/]", address)  # relative, so that anything may stand before the page
        assert documented.get(response.url.join(address)).status_code == 200


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("assets/swagger-ui.css", "text/css"),
        ("assets/swagger-ui-bundle.js", "javascript"),
        ("page.js", "javascript"),
    ],
)
def test_the_documentation_s_files_are_served_as_what_they_are(
    documented: httpx.Client, file: str, kind: str
) -> None:
    response = documented.get(f"/__mock__/docs/{file}")

    assert response.status_code == 200
    assert kind in response.headers["content-type"]
    assert "max-age" in response.headers["cache-control"]
    assert len(response.content) > 100


def test_the_script_of_the_documentation_calls_only_this_server(documented: httpx.Client) -> None:
    script = documented.get("/__mock__/docs/page.js").text

    assert not re.search(r"https?://", script)
    # Swagger UI calls a validator on the internet unless told not to.
    assert "validatorUrl: null" in script


@pytest.mark.parametrize(
    "file",
    ["", "nope.js", "../control.py", "..%2Fcontrol.py", "%2e%2e/%2e%2e/cli.py", "%2Fetc/hosts"],
)
def test_no_other_file_is_served(documented: httpx.Client, file: str) -> None:
    response = documented.get(f"/__mock__/docs/assets/{file}")

    assert response.status_code == 404
    assert response.headers["content-type"] == PROBLEM


def test_the_start_page_says_where_everything_is(documented: httpx.Client) -> None:
    response = documented.get("/")
    root = f"{documented.base_url}/__mock__"

    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "version": mockserver.__version__,
        "apis": {
            name: {
                "title": title,
                "url": f"{documented.base_url}/{BASES[name]}",
                "docs": f"{root}/docs/{name}",
                "openapi": f"{root}/apis/{name}/openapi.yaml",
            }
            for name, title in TITLES.items()
        },
        "requests": f"{root}/requests",
        "ids": f"{root}/ids",
        "journal": f"{root}/journal",
        "dashboard": f"{root}/ui/",
        "control": f"{root}/docs/control",
    }
    assert (
        documented.get("/__sandbox__/one").json()["ids"].endswith("/__sandbox__/one/__mock__/ids")
    )
    assert documented.post("/").status_code == 405


def test_the_start_page_in_a_browser_refers_to_this_server_alone(documented: httpx.Client) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    response = documented.get("/__sandbox__/one/", headers=browser)
    page = References()
    page.feed(response.text)

    assert response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= {*policy}
    assert response.headers["vary"].startswith("Accept")
    root = "/__sandbox__/one/__mock__"
    pages = ["docs/start.css", "ui/", "docs/control"]
    apis = [page for it in NAMES for page in (f"docs/{it}", f"apis/{it}/openapi.yaml")]
    assert page.found == ["data:,", *(f"{root}/{it}" for it in [*pages, *apis, "docs/start.js"])]
    assert {documented.get(path).status_code for path in page.found[1:]} == {200}


def test_health_says_the_version(documented: httpx.Client) -> None:
    response = documented.get("/__mock__/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "version": mockserver.__version__}


def test_ready_says_what_is_served_and_from_which_seed(documented: httpx.Client) -> None:
    assert documented.get("/__mock__/ready").text == (
        '{"status":"ready","apis":["autozod","avaamo","calwe","ekran"],"seed":1}'
    )


def test_the_mock_s_own_pages_need_no_credential_and_no_sandbox(documented: httpx.Client) -> None:
    for path in ("/__mock__/apis", "/__mock__/health", "/__mock__/ready", "/__mock__/docs/calwe"):
        response = documented.get(path, headers={"X-Mock-Sandbox": "no/such", "ApiKey": "invalid"})
        assert response.status_code == 200


@pytest.mark.parametrize("path", ["/__mock__/nope", "/__mock__", "/__mock__/apis/calwe", "/nope"])
def test_an_unknown_page_is_a_problem(documented: httpx.Client, path: str) -> None:
    response = documented.get(path)

    assert response.status_code == 404
    assert response.headers["content-type"] == PROBLEM
    assert list(response.json()) == ["type", "title", "status", "detail"]
    assert response.json()["title"] == "Not Found"
