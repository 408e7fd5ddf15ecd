"""What Connexion would import for one call, which waits for that call."""

import subprocess
import sys

SLOW = (
    *("faker", "httpx", "requests", "rich", "starlette.testclient"),
    *("psycopg", "sqlalchemy.dialects.postgresql"),
)


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_server_imports_only_what_it_needs() -> None:
    code = f"print([name for name in {SLOW} if name in sys.modules])"
    assert run(f"import sys, mockserver.server.run; {code}") == "[]"


def test_a_postponed_import_happens_when_it_is_called() -> None:
    code = """
import httpx, requests  # the real ones
from connexion.json_schema import URLHandler
from connexion.security import httpx as used
from mockserver.server.framework import FlaskApp

print(FlaskApp("app").test_client().get("/nothing").status_code)
print(type(used.AsyncClient()) is httpx.AsyncClient)
try:
    URLHandler()("http://127.0.0.1:1/contract.yaml")
except requests.ConnectionError:
    print("no connection")
"""
    first_import = "import mockserver.server.framework\n"
    assert run(first_import + code).split("\n") == ["404", "True", "no connection"]


def test_a_module_that_is_there_stays() -> None:
    code = "from connexion.security import httpx as used; print(used is httpx)"
    assert run(f"import httpx, mockserver.server.framework; {code}") == "True"
