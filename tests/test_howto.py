"""The how-to pages work: their files are written, their commands run, their outputs compared.

A block whose first line is a comment with a file name is that file. In a console, `$` begins a
command, and its output follows; `…` there stands for any text. On all pages the server is at
http://127.0.0.1:4010, and another one where `--port` says so; here they listen on free ports, which
are replaced in their outputs.

To start a program takes longer than what most of them do. So a server without options is the same
one for all pages, which find it as if it had just been started, and runs of pytest use it; what a
page says of starting is tested where it says it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

import pytest
from click.testing import CliRunner
from forking import start_program
from postgres import Cluster

from mockserver.cli import main
from mockserver.client import Client

ROOT = Path(__file__).resolve().parents[1]
HOWTO = ROOT / "docs" / "howto"
GUIDES = sorted(path.name for path in HOWTO.glob("*.md") if path.name != "README.md")
PAGES = [*GUIDES, "../tutorial.md"]
ADDRESS = "127.0.0.1:4010"
DATABASE = "postgresql://mockserver:secret@db.example/"
"""The URL on all pages of the server that has the databases."""
SECONDS = 300

BLOCK = re.compile(r"^```([a-z]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"^(?:#|//|<!--) (\S+\.\w+)(?: -->)?\n")
COMMAND = re.compile(r"^\$ (.+(?:(?<=\\)\n.+)*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
SERVE = "mockserver serve"
STARTING = {"parallel-tests.md", "../tutorial.md", "../../README.md"}
"""The pages on which the first run of pytest starts its servers itself."""
INSTALLED = {"../tutorial.md", "../../README.md"}
"""The pages on which `mockserver` runs in a process of its own; elsewhere it runs in this one."""


def blocks(page: str) -> list[tuple[str, str]]:
    """The language and the text of each block of a page, in their order."""
    return BLOCK.findall((HOWTO / page).read_text(encoding="utf-8"))


def fits(printed: str, expected: str) -> bool:
    """Whether an output is the expected one, in which `…` stands for any text."""
    pattern = ".*".join(map(re.escape, expected.strip().split("…")))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def unavailable(what: str, how: str) -> None:
    """Skip the test, or fail it in CI, where everything must be tested."""
    sentence = f"There is no {what} here: {how}."
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def browser() -> str:
    """The browser that tools/browser.sh finds, in a folder where it is called `chromium`."""
    finding = [ROOT / "tools" / "browser.sh", "find"]
    found = subprocess.run(finding, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        unavailable("browser", "tools/browser.sh says what to install")
    return found


def install_packages(programs: Path, source: Path) -> None:
    """Put an `npm` into a folder that installs what is in a folder already."""
    npm = programs / "npm"
    npm.write_text(f"#!/bin/sh\nln -s {source}/node_modules node_modules\n")
    npm.chmod(0o755)


def install_generators(programs: Path) -> None:
    """Put into a folder the generators of clients, which npm and pip have installed already."""
    finding = [ROOT / "tools" / "typed-clients.sh", "find"]
    found = subprocess.run(finding, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        unavailable("generator of clients", "'make typed-clients' installs them")
    install_packages(programs, Path(found))
    (programs / "pip").write_text("#!/bin/sh\n")
    (programs / "pip").chmod(0o755)
    generator = "openapi-python-client"
    (programs / generator).symlink_to(Path(found) / ".venv" / "bin" / generator)


@dataclass(frozen=True)
class Server:
    """A server that runs already, and what it printed until it listened."""

    url: str
    announcement: str

    def renew(self) -> None:
        """Reset the default sandbox and delete the others, as if the server had just started."""
        with Client(self.url) as client:
            client.load("default")  # a page may have loaded another one
            client.turn_mutations_off()
            client.journal.clear()
            for sandbox in client.list_sandboxes():
                if sandbox.name != "default":
                    client.delete_sandbox(sandbox.name)


def start_server(stack: ExitStack, command: str, folder: Path, **variables: str) -> Server:
    """Start a server in a process on a free port, which ends with the stack."""
    process = stack.enter_context(
        start_program(
            ["-m", *shlex.split(command), "--port", "0"],
            cwd=folder,
            env={**environment(), "HOME": str(folder), **variables},
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
    )
    stack.callback(process.terminate)
    assert process.stdout
    first = process.stdout.readline()
    (url,) = re.findall(r" listens on (\S+), ", first)
    lines = [first, *iter(process.stdout.readline, "Ctrl-C stops it.\n"), "Ctrl-C stops it.\n"]
    return Server(url, "".join(lines))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of `mockserver serve`, for all pages."""
    with ExitStack() as stack:
        yield start_server(stack, SERVE, tmp_path_factory.mktemp("server"))


@dataclass
class Reader:
    """Runs the commands of a page in a folder: servers in processes, all else in one shell."""

    page: str
    folder: Path
    shell: subprocess.Popen[str]
    stack: ExitStack
    shared: Server
    addresses: dict[str, str] = field(default_factory=dict)

    def translate(self, text: str) -> str:
        """A text of the page with the addresses that the servers have here."""
        for address, own in self.addresses.items():
            text = text.replace(address, own)
        return text

    def translate_back(self, text: str) -> str:
        for address, own in self.addresses.items():
            text = text.replace(own, address)
        return text

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.translate(text), encoding="utf-8")

    def type(self, command: str) -> str:
        """Run a command, and return its output and its errors."""
        if command.startswith((SERVE, "mockserver proxy ")):
            return self.serve(command)
        if command.startswith("mockserver "):
            return self.fork(command) if self.page in INSTALLED else self.invoke(command)
        printed = self.run(command)
        if command.startswith("pytest "):
            self.share_server()
        return printed

    def share_server(self) -> None:
        """Let runs of pytest use the shared server."""
        self.run(f'export PYTEST_ADDOPTS="$PYTEST_ADDOPTS --mockserver-url {self.shared.url}"')

    def invoke(self, command: str) -> str:
        """Run `mockserver` in this process, with those variables of the shell that it reads."""
        variables = self.run("env | grep -E '^(MOCKSERVER_|SSL_CERT_FILE=)'")
        lines = self.translate(variables).split()
        outer = {name: None for name in os.environ if name.startswith("MOCKSERVER_")}
        own = dict(line.split("=", 1) for line in lines)
        words = shlex.split(self.translate(command))[1:]
        with chdir(self.folder):
            done = CliRunner().invoke(main, words, env={**environment(), **outer, **own})
        return self.translate_back(done.output)

    def fork(self, command: str) -> str:
        """Run `mockserver` in a process of its own, which has the variables of the shell."""
        words = shlex.split(self.translate(command))
        variables = self.translate(self.run("env -0"))
        libraries = ["schemathesis", "hypothesis"] if words[1] == "check" else []
        process = start_program(
            ["-m", *words],
            dict(line.split("=", 1) for line in variables.split("\0") if "=" in line),
            libraries=libraries,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        with process:
            printed: str = process.communicate(timeout=SECONDS)[0]
        return self.translate_back(printed)

    def run(self, command: str) -> str:
        assert self.shell.stdin and self.shell.stdout
        command = self.translate(command)
        # It may be known by its name too.
        own = self.addresses.get(ADDRESS, ADDRESS)
        command = command.replace("//localhost:4010", f"//localhost:{own.partition(':')[2]}")
        self.shell.stdin.write(f"{command}\nprintf '\\n%s\\n' '--END--'\n")
        self.shell.stdin.flush()
        lines = iter(self.shell.stdout.readline, "")
        printed = []
        for line in lines:
            if line == "--END--\n":
                return self.translate_back("".join(printed))
            printed.append(line)
        pytest.fail(f"The shell ended in '{command}': {''.join(printed)}")

    def serve(self, command: str) -> str:
        """Start a server, and return its output until it listens."""
        lines = self.translate(self.run("env | grep -E '^MOCKSERVER_(APIS|STORE|ADMIN_TOKEN)='"))
        own = dict(line.split("=", 1) for line in lines.split())
        if command == SERVE and not own:
            server = self.shared
        else:
            command = self.translate(command)
            server = start_server(self.stack, command, self.folder, **own)
        port = re.search(r"--port ([0-9]+)", command)
        self.addresses[f"127.0.0.1:{port[1]}" if port else ADDRESS] = server.url.split("/")[2]
        if not port:
            self.run(f"export MOCKSERVER_URL={server.url}")
        if "--https" in command:
            self.run("export HOME=$PWD")  # the server keeps its certificate there
        return self.translate_back(server.announcement)


def environment() -> dict[str, str]:
    """The environment of a user who has installed the package."""
    outer = ("PYTEST_", "MOCKSERVER_", "SSL_CERT_", "CURL_CA_BUNDLE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    # A user does not have the pytest plugins of this project's own tests.
    others = ("schemathesis", "hypothesispytest", "faker", "cacheprovider")
    addopts = " ".join(f"-p no:{plugin}" for plugin in others)
    own = {"COLUMNS": "80", "NO_COLOR": "1", "npm_config_loglevel": "error"}
    return {**kept, "PATH": path, "PYTEST_ADDOPTS": addopts, **own}


@contextmanager
def reader(page: str, folder: Path, programs: Path, shared: Server) -> Iterator[Reader]:
    """A reader with a shell, which is killed after a time limit."""
    folder.mkdir()
    shared.renew()
    variables = environment()
    with ExitStack() as stack:
        shell = stack.enter_context(
            subprocess.Popen(
                ["bash", "--noprofile", "--norc"],
                cwd=folder,
                env={**variables, "PATH": f"{programs}{os.pathsep}{variables['PATH']}"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
            )
        )
        timer = Timer(SECONDS, shell.kill)
        timer.start()
        stack.callback(timer.cancel)
        newcomer = Reader(page, folder, shell, stack, shared)
        if page not in STARTING:
            newcomer.share_server()
        yield newcomer


@pytest.fixture
def database_server(request: pytest.FixtureRequest) -> Iterator[tuple[str, Path]]:
    """The URL of a PostgreSQL that has the databases of a page, without their names; its programs.

    The empty database `mockserver` is there.
    """
    postgres: Cluster = request.getfixturevalue("postgres")
    postgres.execute("CREATE DATABASE mockserver")
    yield postgres.make_url(""), request.getfixturevalue("postgres_programs")
    for name in ("mockserver", "restored"):
        postgres.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_says(
    page: str, tmp_path: Path, shared: Server, request: pytest.FixtureRequest
) -> None:
    text = (HOWTO / page).read_text(encoding="utf-8")
    programs = tmp_path / "programs"
    programs.mkdir()
    for program in ("bash", "curl", "node"):
        if re.search(rf"^\$ {program} ", text, re.MULTILINE) and not shutil.which(
            program, path=environment()["PATH"]
        ):
            unavailable(program, "install it")
    if "chromium" in text:
        (programs / "chromium").symlink_to(browser())
    if "openapi-typescript" in text:
        install_generators(programs)
    if "@playwright/test" in text:
        if not (ROOT / "tools" / "node_modules").exists():
            unavailable("package of Node.js", "'make contracts' installs them")
        install_packages(programs, ROOT / "tools")
    addresses = {}
    if DATABASE in text:
        addresses[DATABASE], folder = request.getfixturevalue("database_server")
        for program in ("createdb", "pg_dump", "pg_restore"):
            (programs / program).symlink_to(folder / program)
    with reader(page, tmp_path / "project", programs, shared) as newcomer:
        newcomer.addresses |= addresses
        follow(newcomer, text)


def test_the_first_screen_of_the_readme_does_what_it_says(tmp_path: Path, shared: Server) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## ")[0]
    programs = tmp_path / "programs"
    programs.mkdir()
    # The package is installed already, so pip only records its arguments.
    (programs / "pip").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path / "pip.log"}\n')
    (programs / "pip").chmod(0o755)
    with reader("../../README.md", tmp_path / "project", programs, shared) as newcomer:
        follow(newcomer, text)
    assert (tmp_path / "pip.log").read_text() == "install mockserver-kit\n"
    assert len(re.findall(r"^\$ ", text, re.MULTILINE)) == 4


def follow(newcomer: Reader, text: str) -> None:
    """Write the files of a page, run its commands, and compare their outputs."""
    for language, block in BLOCK.findall(text):
        name = NAME.match(block)
        if name:
            newcomer.write(name[1], block)
        if language == "console":
            for command, expected in COMMAND.findall(block):
                printed = newcomer.type(command)
                assert fits(without_figures(printed), without_figures(expected)), (
                    f"$ {command}\n{printed}"
                )


def without_figures(printed: str) -> str:
    """An output without the numbers of requests and seconds of a check."""
    return re.sub(r"\b[0-9.]+ (requests|seconds)", r"N \1", printed)


@pytest.mark.parametrize("page", PAGES)
def test_all_code_of_a_page_is_a_file_or_a_console(page: str) -> None:
    assert blocks(page)
    for language, block in blocks(page):
        assert language == "console" or NAME.match(block), block
        assert language != "console" or block.startswith("$ "), block


@pytest.mark.parametrize("page", GUIDES)
def test_the_index_has_every_page(page: str) -> None:
    assert f"[{page}]({page})" in (HOWTO / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", *PAGES])
def test_each_link_leads_somewhere(page: str) -> None:
    text = (HOWTO / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((HOWTO / page).parent / target).exists(), target


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_a_missing_browser_fails_where_everything_must_be_tested(ci: str, status: int) -> None:
    script = ROOT / "tools" / "browser.sh"
    variables = {**os.environ, "CHROMIUM": "no-such-browser", "CI": ci}
    done = subprocess.run([script], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert "CHROMIUM is 'no-such-browser', which is no browser that starts." in done.stderr
    assert ("are skipped" in done.stderr) is (status == 0)


@pytest.mark.parametrize(
    ("printed", "expected", "is_fitting"),
    [
        ("3 passed in 0.12s\n", "3 passed in …s\n", True),
        ("a\nb\nc\n", "a\n…\nc", True),
        ("a\nb\nc\n", "a\nc", False),
        ("2 passed in 0.12s\n", "3 passed in …s\n", False),
        ("3 passed (.)\n", "3 passed (x)\n", False),
    ],
)
def test_output_is_compared_but_for_ellipses(printed: str, expected: str, is_fitting: bool) -> None:
    assert fits(printed, expected) is is_fitting
