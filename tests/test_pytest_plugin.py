"""The pytest plugin, as a run of pytest sees it: each test makes a project and runs its tests.

Most runs are in this process, which is faster. Not by pytest's own `pytester`: it forgets the
modules that were imported while a test ran, and with them those of the servers that other tests of
this process go on to use.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from io import StringIO
from pathlib import Path
from textwrap import dedent

import httpx
import pytest

from mockserver.client import Client
from mockserver.pytest_plugin import server as servers

HEAVY = ("connexion", "faker", "flask", "httpx", "jsonschema_rs", "sqlalchemy", "uvicorn", "yaml")
OURS = ("client", "contract", "server", "store")
OUTER = ("PYTEST_", "MOCKSERVER_")
VARIABLES = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "150"}
OPTIONS = ("-p", "mockserver", "--strict-markers", "-W", "error", "-p", "no:cacheprovider")
BEGIN = """
import httpx
import pytest

LOG = "/v1/customer/sessions/4600/log"
BEARER = {"Authorization": "Bearer token"}


def end(sandbox):
    url = sandbox.url + LOG
    with httpx.Client(headers=BEARER, verify=False) as client:
        return client.post(url, json={"action_type": "ENDED"}).status_code
"""


class Result:
    """What a run printed, and how its tests ended: `{"passed": 3}`."""

    def __init__(self, output: str) -> None:
        self.output = output
        self.outcomes = {
            word.rstrip("s"): int(number)
            for number, word in re.findall(r"(\d+) ([a-z]+)", output.splitlines()[-1])
        }

    def has(self, *lines: str, consecutive: bool = False) -> bool:
        """Whether lines of these patterns stand in the output, one below the other."""
        matcher = pytest.LineMatcher(self.output.splitlines())
        matcher.fnmatch_lines(lines, consecutive=consecutive)
        return True


class Project:
    """A folder with tests. Of all plugins that are installed here, it has this one and xdist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")

    def run(self, *options: str) -> Result:
        """Run the tests that are there in this process, every warning an error."""
        output = StringIO()
        before = set(sys.modules)
        # Garbage and threads of other tests of this process are no matter of these ones.
        others = ["-p", "no:unraisableexception", "-p", "no:threadexception"]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            for name in [name for name in os.environ if name.startswith(OUTER)]:
                patch.delenv(name)
            for name, value in VARIABLES.items():
                patch.setenv(name, value)
            with redirect_stdout(output), redirect_stderr(output):
                pytest.main([*OPTIONS, *others, "--import-mode=importlib", *options])
        for name in set(sys.modules) - before:
            if name.rpartition(".")[2].startswith("test_"):
                del sys.modules[name]
        return Result(output.getvalue())

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Run them in a process of their own, in a group of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OUTER)}
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *OPTIONS, *options],
            cwd=self.folder,
            env={**kept, **VARIABLES, "PYTEST_PLUGINS": "xdist.plugin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )

    def run_process(self, *options: str) -> Result:
        """Run them in a process of their own."""
        with self.start(*options) as process:
            output, _ = process.communicate(timeout=300)
        return Result(output)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project, beside the temporary files of its own runs."""
    (tmp_path / "project").mkdir()
    return Project(tmp_path / "project")


@pytest.fixture
def run(project: Project, tmp_path: Path) -> Callable[..., Result]:
    """Runs a file of tests, which start a server of their own."""

    def of_one_file(tests: str, *options: str, is_process: bool = False) -> Result:
        project.write("test_it.py", BEGIN + dedent(tests))
        run = project.run_process if is_process else project.run
        return run(f"--basetemp={tmp_path / 'temporary'}", *options)

    return of_one_file


@pytest.fixture
def run_on(run: Callable[..., Result], server: str) -> Callable[..., Result]:
    """Runs a file of tests on a server that runs already, which is faster."""
    return lambda tests, *options, **how: run(tests, "--mockserver-url", server, *options, **how)


def names(server: str) -> set[str]:
    with Client(server) as client:
        return {sandbox.name for sandbox in client.list_sandboxes()}


# The plugin


def test_a_run_that_does_not_use_it_imports_nothing_heavy(project: Project) -> None:
    project.write(
        "test_it.py",
        f"""
        import sys

        def test_nothing(request):
            assert request.config.pluginmanager.has_plugin("mockserver")
            ours = [f"mockserver.{{name}}" for name in {OURS}]
            assert [name for name in [*{HEAVY}, *ours] if name in sys.modules] == []
        """,
    )
    assert project.run_process().outcomes == {"passed": 1}


def test_it_is_there_because_the_package_is_installed() -> None:
    (entry,) = entry_points(group="pytest11", name="mockserver")
    assert entry.value == "mockserver.pytest_plugin"


def test_pytest_help_has_the_options_markers_and_fixtures(project: Project) -> None:
    project.write("test_it.py", "")
    assert project.run("--fixtures", "--markers").has(
        "@pytest.mark.scenario(name, [*], seed=None, clock=None): what the test's sandbox is *"
    )
    assert project.run("--fixtures").has(
        "mockserver [[]session scope] -- *", "*A mock server*", "sandbox -- *", "*A new sandbox*"
    )
    options = project.run("--help")
    for option in ("--mockserver-url=URL", "--mockserver-token=TOKEN", "--mockserver-keep"):
        assert options.has(f"  {option}*")
    for setting in ("url", "default_scenario", "scenarios"):
        assert options.has(f"  mockserver_{setting} (string):*")


# Worlds


def test_each_test_has_a_fresh_world_on_one_server(run: Callable[..., Result]) -> None:
    tests = """
        @pytest.mark.scenario("calwe-before-end")
        @pytest.mark.parametrize("number", range(3))
        def test_end(sandbox, mockserver, number):
            assert sandbox.base_url == mockserver.url
            assert mockserver.client.get_info().scenario == "default"
            assert sandbox.name.startswith(f"test_end-{number}-")
            assert end(sandbox) == 200
            assert end(sandbox) == 422
    """
    assert run(tests, is_process=True).outcomes == {"passed": 3}


def test_every_client_reaches_the_sandbox(run_on: Callable[..., Result]) -> None:
    tests = """
        import json
        import urllib.request

        import requests

        @pytest.mark.scenario("calwe-before-end")
        def test_clients(sandbox):
            with httpx.Client(base_url=sandbox.url, headers=BEARER, verify=False) as client:
                assert client.post(LOG, json={"action_type": "LEFT"}).status_code == 200
            headers = BEARER | sandbox.headers
            with httpx.Client(
                base_url=sandbox.base_url, headers=headers, verify=False
            ) as client:
                assert client.get(LOG).json()["data"]["total"] == 4
            with requests.Session() as session:
                session.headers.update(headers)
                assert session.get(sandbox.base_url + LOG).json()["data"]["total"] == 4
            request = urllib.request.Request(sandbox.url + LOG, headers=BEARER)
            with urllib.request.urlopen(request) as response:
                assert json.load(response)["data"]["total"] == 4
    """
    assert run_on(tests).outcomes == {"passed": 1}


FAILS_AND_PASSES = """
    def test_fails(sandbox):
        assert False

    def test_passes(sandbox, mockserver):
        assert sandbox.name in [it.name for it in mockserver.client.list_sandboxes()]

    def test_deletes(sandbox):
        sandbox.delete()
"""


def test_the_sandbox_is_deleted_after_the_test(run_on: Callable[..., Result], server: str) -> None:
    before = names(server)
    assert run_on(FAILS_AND_PASSES).outcomes == {"failed": 1, "passed": 2}
    assert names(server) == before


def test_the_sandbox_of_a_failed_test_stays_with_the_option_keep(
    run_on: Callable[..., Result], server: str
) -> None:
    before = names(server)
    result = run_on(FAILS_AND_PASSES, "--mockserver-keep")
    (kept,) = names(server) - before
    assert kept.startswith("test_fails-")
    assert result.has(f"  export MOCKSERVER_URL={server} MOCKSERVER_SANDBOX={kept}")


# The marker


def test_the_nearest_marker_says_what_the_world_is_made_from(
    run_on: Callable[..., Result],
) -> None:
    tests = """
        pytestmark = pytest.mark.scenario("calwe-empty", seed=3)

        def made(sandbox):
            it = sandbox.client.get_sandbox(sandbox.name)
            return it.scenario, it.seed

        def test_module(sandbox):
            assert made(sandbox) == ("calwe-empty", 3)

        @pytest.mark.scenario("calwe-names")
        class TestNames:
            def test_class(self, sandbox):
                assert made(sandbox) == ("calwe-names", 0)

            @pytest.mark.scenario("documented", seed=5, clock="2025-01-02T03:04:05Z")
            def test_function(self, sandbox):
                assert made(sandbox) == ("documented", 5)
                assert sandbox.clock.read().now.isoformat() == "2025-01-02T03:04:05+00:00"

            @pytest.mark.parametrize("which", [pytest.param(1, marks=pytest.mark.scenario(seed=9))])
            def test_parameter(self, sandbox, which):
                assert made(sandbox) == ("default", 9)
    """
    assert run_on(tests).outcomes == {"passed": 4}


def test_a_file_lies_in_the_folder_of_the_test(project: Project, server: str) -> None:
    project.write("cases/mine.yaml", "name: mine\ndescription: Mine.\nseed: 8\n")
    project.write(
        "cases/test_mine.py",
        """
        import pytest

        @pytest.mark.scenario("mine.yaml")
        def test_mine(sandbox):
            assert sandbox.client.get_sandbox(sandbox.name).scenario == "mine"
            sandbox.load("documented")
            sandbox.load("mine.yaml")
            assert sandbox.client.get_sandbox(sandbox.name).seed == 8
        """,
    )
    assert project.run("--mockserver-url", server).outcomes == {"passed": 1}


def test_a_wrong_name_ends_the_setup_with_the_server_s_sentence_alone(
    run_on: Callable[..., Result],
) -> None:
    tests = """
        @pytest.mark.scenario("calwe-before-edn")
        def test_it(sandbox):
            pass
    """
    result = run_on(tests)
    assert result.outcomes == {"error": 1}
    assert result.has(
        "*ERROR at setup of test_it*",
        "There is no scenario 'calwe-before-edn'; did you mean 'calwe-before-end'?",
        "*short test summary*",
        consecutive=True,
    )


def test_everything_that_is_wrong_with_a_file_is_shown(
    run_on: Callable[..., Result], project: Project, server: str
) -> None:
    before = names(server)
    project.write(
        "bad.yaml",
        """\
        name: bad
        description: Bad.
        seed: -1
        events: [{trigger: calwe.entr}]
        """,
    )
    tests = """
        @pytest.mark.scenario("bad.yaml")
        def test_it(sandbox):
            pass
    """
    result = run_on(tests)
    assert result.outcomes == {"error": 1}
    assert result.has("*3: seed: -1 *", "*4: events.0.trigger: *did you mean 'calwe.enter'?")
    assert names(server) == before


def test_a_mutation_is_turned_on_by_a_marker_or_in_a_test(run_on: Callable[..., Result]) -> None:
    tests = """
        LOSE = "calwe.createSessionLog.lose-write"
        TRIM = "calwe.listSessionLogs.always-empty:/data/data"

        pytestmark = [pytest.mark.scenario("calwe-before-end"), pytest.mark.mutation(LOSE)]

        def list_active(sandbox):
            return [it.name for it in sandbox.client.list_mutations(active=True)]

        def test_module(sandbox):
            assert list_active(sandbox) == [LOSE]
            assert end(sandbox) == end(sandbox) == 200
            sandbox.turn_mutation_off(LOSE)
            assert end(sandbox) == 200
            assert end(sandbox) == 422
            sandbox.turn_mutation_on(LOSE)
            assert list_active(sandbox) == [LOSE]

        @pytest.mark.mutation(TRIM)
        def test_function(sandbox):
            assert set(list_active(sandbox)) == {LOSE, TRIM}

        @pytest.mark.mutation("calwe.createSessionLog.lose-wriet")
        def test_unknown(sandbox):
            pass

        @pytest.mark.mutation(name=TRIM)
        def test_keyword(sandbox):
            pass

        @pytest.mark.mutation
        def test_without_a_name(sandbox):
            pass
    """
    result = run_on(tests)
    assert result.outcomes == {"passed": 2, "error": 3}
    assert result.has(
        "*ERROR at setup of test_unknown*",
        "There is no mutation 'calwe.createSessionLog.lose-wriet'; did you mean *lose-write'*",
        "*ERROR at setup of test_keyword*",
        "The marker mutation takes the names of mutations, and nothing else.",
        "*ERROR at setup of test_without_a_name*",
    )


def test_a_mutation_without_a_sandbox_is_a_failure(run_on: Callable[..., Result]) -> None:
    tests = """
        pytestmark = pytest.mark.mutation("calwe.createSessionLog.lose-write")

        def test_without():
            pass

        def test_with_another(mockserver):
            pass

        def test_while_it_runs(request):
            request.getfixturevalue("sandbox")

        @pytest.mark.skip
        def test_skipped():
            pass
    """
    result = run_on(tests)
    assert result.outcomes == {"passed": 1, "failed": 2, "skipped": 1}
    assert result.has(
        "The marker mutation has no effect, since the test has no sandbox: add 'sandbox' to its "
        "parameters, or remove the marker."
    )


def test_faults_are_added_by_markers_or_in_a_test(run_on: Callable[..., Result]) -> None:
    tests = """
        pytestmark = pytest.mark.fault("down", status=503, match={"api": "calwe", "first": 1})

        def read(sandbox):
            path = "/v1/customer/sessions/1/log"
            return httpx.get(sandbox.url + path, headers={"Authorization": "Bearer t"}).status_code

        def test_module(sandbox):
            assert [read(sandbox), read(sandbox)] == [503, 200]
            assert sandbox.faults.get("down").applied == 1
            sandbox.faults.add(connection="reset")
            with pytest.raises(httpx.ReadError):
                read(sandbox)
            sandbox.faults.clear()
            assert read(sandbox) == 200

        @pytest.mark.fault(delay="1ms")
        def test_function(sandbox):
            assert [it.name for it in sandbox.faults.list()] == ["down", "fault-1"]

        @pytest.mark.fault(match={"api": "kalwe"}, status=500)
        def test_unknown(sandbox):
            pass

        @pytest.mark.fault("name")
        def test_without_an_effect(sandbox):
            pass

        def test_without_a_sandbox():
            pass
    """
    result = run_on(tests)
    assert result.outcomes == {"passed": 2, "error": 2, "failed": 1}
    assert result.has(
        "*ERROR at setup of test_unknown*",
        "*match.api: there is no API 'kalwe'; did you mean 'calwe'?*",
        "*ERROR at setup of test_without_an_effect*",
        "The marker fault takes an effect, such as fault(status=503), and if you like a name "
        "before it and match=.",
        "The marker fault has no effect, since the test has no sandbox: add 'sandbox' to its "
        "parameters, or remove the marker.",
    )


def test_a_wrong_marker_ends_the_setup_with_a_sentence(run_on: Callable[..., Result]) -> None:
    markers = ["'a', 'b'", "'a', sed=1", "5", "'no.yaml'", "seed=-1", "clock='someday'"]
    result = run_on(
        "\n".join(
            f"@pytest.mark.scenario({marker})\ndef test_{number}(sandbox): pass"
            for number, marker in enumerate(markers)
        )
    )
    assert result.outcomes == {"error": len(markers)}
    assert result.has(
        "The marker scenario('a', 'b') is not understood; it takes one name or file, seed= and *",
        "The marker scenario('a', sed=…) is not understood; it takes one name or file, seed= and *",
        "5 is no scenario; give the name of one, a YAML file, or a whole one.",
        "There is no file 'no.yaml' in '*/project'.",
        "*/seed: -1 is less than the minimum of 0",
        "'someday' is not a moment; write it like *",
    )
    assert "src/mockserver" not in result.output


def test_without_a_marker_the_ini_options_apply(
    run_on: Callable[..., Result], project: Project
) -> None:
    project.write("pytest.ini", "[pytest]\nmockserver_default_scenario = calwe-empty\n")
    tests = """
        def made(sandbox):
            it = sandbox.client.get_sandbox(sandbox.name)
            return it.scenario, it.seed

        def test_default(sandbox):
            assert made(sandbox) == ("calwe-empty", 0)

        @pytest.mark.scenario(seed=4)
        def test_seed(sandbox):
            assert made(sandbox) == ("calwe-empty", 4)

        @pytest.mark.scenario("documented")
        def test_other(sandbox):
            assert made(sandbox) == ("documented", 1)
    """
    assert run_on(tests).outcomes == {"passed": 3}


def test_the_scenarios_of_a_folder_are_known_by_name(
    run: Callable[..., Result], project: Project
) -> None:
    project.write("pytest.ini", "[pytest]\nmockserver_scenarios = worlds\n")
    project.write("worlds/base.yaml", "name: base\ndescription: Base.\nseed: 8\n")
    project.write("worlds/case.yaml", "name: case\ndescription: A case.\nextends: base\n")
    tests = """
        @pytest.mark.scenario("case")
        def test_case(sandbox):
            assert sandbox.client.get_sandbox(sandbox.name).seed == 5
    """
    result = run(tests)
    assert result.outcomes == {"failed": 1}
    assert result.has(
        "E *assert 8 == 5",
        "To start from the same scenario, on a server of "
        f"'mockserver serve --scenarios {project.folder / 'worlds'}':",
        "  mockserver load case --seed 8",
    )


# Failures


def test_a_failure_reports_the_state_of_the_sandbox(run_on: Callable[..., Result]) -> None:
    tests = """
        @pytest.mark.scenario("calwe-before-end")
        def test_it(sandbox):
            assert end(sandbox) == 422, "the reason"
    """
    result = run_on(tests)
    assert result.outcomes == {"failed": 1}
    assert result.has(
        "E * the reason",
        "*- mockserver sandbox -*",
        "Sandbox 'test_it-*' of http://127.0.0.1:*",
        "Scenario 'calwe-before-end', seed 0, clock frozen at 2025-08-21T14:30:00Z",
        "Differences from the scenario: 2 documents added, 0 removed, 1 changed",
        '  ~ calwe session 4600: /status "IN_PROGRESS" → "COMPLETED"',
        "  mockserver load calwe-before-end --seed 0",
        "  mockserver snapshot upload last-state *.json",
    )
    (file,) = re.findall(r"upload last-state (\S+)", result.output)
    assert b"COMPLETED" in Path(file).read_bytes()


def test_a_failure_of_another_fixture_reports_it_too(run_on: Callable[..., Result]) -> None:
    tests = """
        @pytest.fixture
        def broken(sandbox):
            raise ValueError("the reason")

        def test_it(broken):
            pass
    """
    result = run_on(tests)
    assert result.outcomes == {"error": 1}
    assert result.has("E * the reason", "*- mockserver sandbox -*", "Sandbox '*")


def test_other_outcomes_report_nothing(run_on: Callable[..., Result]) -> None:
    tests = """
        def test_passes(sandbox):
            pass

        def test_skips(sandbox):
            pytest.skip("no reason")

        @pytest.mark.xfail
        def test_fails_as_expected(sandbox):
            assert False
    """
    result = run_on(tests, "-rA")
    assert result.outcomes == {"passed": 1, "skipped": 1, "xfailed": 1}
    assert "mockserver sandbox" not in result.output


def test_a_server_that_is_gone_hides_no_failure_and_makes_none(run: Callable[..., Result]) -> None:
    tests = """
        from contextlib import ExitStack

        from mockserver.pytest_plugin.server import connect_server, start_server

        @pytest.fixture
        def stack():
            with ExitStack() as stack:
                yield stack

        @pytest.fixture
        def mockserver(stack):
            with connect_server(stack.enter_context(start_server()).url) as it:
                yield it

        @pytest.mark.parametrize("passes", [False, True])
        def test_stops_the_server(stack, sandbox, passes):
            stack.close()
            assert passes, "the reason"
    """
    result = run(tests)
    assert result.outcomes == {"failed": 1, "passed": 1}
    assert result.has(
        "E * the reason", "The sandbox cannot be described further: http://* cannot be connected *"
    )


# Servers


def test_a_server_that_does_not_run_is_an_error_with_its_url(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_READY_SECONDS", 0.1)
    tests = """
        def test_one(sandbox):
            pass

        def test_two(mockserver):
            pass
    """
    result = run(tests, "--mockserver-url", "http://127.0.0.1:9")
    assert result.outcomes == {"error": 2}
    assert result.has(
        "*ERROR at setup of test_one*",
        "http://127.0.0.1:9 cannot be connected to: *. Start a server with 'mockserver serve --port"
        " 9', or give the URL of one that runs.",
        "*ERROR at setup of test_two*",
        consecutive=False,
    )


def test_the_option_goes_before_the_setting(
    run: Callable[..., Result], project: Project, server: str
) -> None:
    tests = f"""
        def test_it(mockserver):
            assert mockserver.url == {server!r}
    """
    project.write("pytest.ini", f"[pytest]\nmockserver_url = {server}\n")
    assert run(tests).outcomes == {"passed": 1}
    project.write("pytest.ini", "[pytest]\nmockserver_url = http://127.0.0.1:9\n")
    assert run(tests, "--mockserver-url", server).outcomes == {"passed": 1}


def test_a_server_can_lie_below_a_path(
    run: Callable[..., Result], start: Callable[..., httpx.Client]
) -> None:
    url = str(start(scenario="documented", base_path="/mock").base_url).rstrip("/")
    tests = f"""
        @pytest.mark.scenario("calwe-before-end")
        def test_it(sandbox):
            assert sandbox.url == "{url}/__sandbox__/" + sandbox.name
            assert end(sandbox) == 200
    """
    assert run(tests, "--mockserver-url", url).outcomes == {"passed": 1}


def test_a_server_with_a_token_wants_it(
    run: Callable[..., Result], start: Callable[..., httpx.Client]
) -> None:
    url = str(start(scenario="documented", admin_token="secret").base_url).rstrip("/")
    tests = """
        def test_it(sandbox):
            assert sandbox.url.endswith(sandbox.name)
    """
    assert run(tests, "--mockserver-url", url).outcomes == {"error": 1}
    options = ("--mockserver-url", url, "--mockserver-token", "secret")
    assert run(tests, *options).outcomes == {"passed": 1}


# Tests that freeze the time, or fake HTTP

FREEZERS = """
    from datetime import UTC, datetime

    import time_machine
    from freezegun import freeze_time

    @pytest.fixture
    def frozen():
        with freeze_time("1999-09-01T10:00:00Z"):
            yield

    def use(sandbox):
        assert end(sandbox) == 200
        assert 2026 <= sandbox.clock.read().now.year < 2060
        sandbox.take_snapshot("before")
        sandbox.clock.freeze(datetime.now(UTC))
        assert sandbox.clock.read().now.year in (1999, 2060)
        sandbox.restore("before")
        assert sandbox.state("calwe", "session", where={"id": "4600"})[0].at is None
        assert not sandbox.diff().equal
        sandbox.reset()

    @pytest.mark.scenario("calwe-before-end", clock={"shift": 0})
    class TestTime:
        def test_is_frozen_before_the_server_starts(self, frozen, sandbox):
            use(sandbox)

        def test_is_frozen_after_the_sandbox_is_created(self, sandbox, frozen):
            use(sandbox)

        def test_is_frozen_when_the_test_fails(self, sandbox, frozen):
            use(sandbox)
            assert False, "the reason"

        @pytest.mark.parametrize("year", [1999, 2060])
        def test_travels(self, sandbox, year):
            with time_machine.travel(datetime(year, 1, 1, tzinfo=UTC)):
                use(sandbox)
                assert sandbox.client.get_info().limits.idle == 0  # none is deleted

        def test_is_real_again(self, sandbox):
            assert sandbox.clock.read().now.year >= 2026
            assert end(sandbox) == 200
"""


def test_frozen_tests_have_their_sandboxes_and_break_no_others(
    run: Callable[..., Result],
) -> None:
    result = run(FREEZERS, is_process=True)
    assert result.outcomes == {"passed": 5, "failed": 1}
    assert result.has(
        "E * the reason",
        "*- mockserver sandbox -*",
        "Scenario 'calwe-before-end', seed 0, clock real at 2*",
        "Nothing differs from the scenario.",
        "  mockserver clock shift 0",
        "  mockserver snapshot upload last-state *.json",
        "*- mockserver requests -*",
        "200 POST /v1/customer/sessions/4600/log",
    )


def test_fakes_of_http_do_not_catch_the_plugin(run_on: Callable[..., Result]) -> None:
    tests = """
        import requests
        import respx
        import responses

        pytestmark = pytest.mark.scenario("calwe-before-end")

        @pytest.fixture
        def fakes():
            with respx.mock(assert_all_called=False) as fakes, responses.mock:
                fakes.get("https://vendor.example/").respond(204)
                yield

        def use(sandbox):
            assert httpx.get("https://vendor.example/").status_code == 204
            sandbox.reset()

        def test_that_are_active_first(fakes, sandbox):
            use(sandbox)

        def test_that_are_active_last(sandbox, fakes):
            use(sandbox)

        def test_that_let_the_app_through(sandbox):
            with respx.mock() as fakes:
                fakes.route(host="127.0.0.1").pass_through()
                assert end(sandbox) == 200
            with responses.mock:
                responses.add_passthru(sandbox.base_url)
                assert requests.get(sandbox.url + LOG, headers=BEARER).status_code == 200

        def test_that_fails(sandbox, fakes):
            assert False
    """
    result = run_on(tests)
    assert result.outcomes == {"passed": 3, "failed": 1}
    assert result.has("*- mockserver sandbox -*", "Nothing differs from the scenario.")


def test_without_sockets_the_plugin_needs_its_own_host_alone(run: Callable[..., Result]) -> None:
    tests = """
        @pytest.mark.scenario("calwe-before-end")
        def test_it(sandbox):
            assert end(sandbox) == 200
            with pytest.raises(UserWarning, match="tried to use socket"):  # an error here
                httpx.get("http://192.0.2.1/", verify=False)
    """
    options = ("-p", "pytest_socket", "--disable-socket", "--allow-hosts=127.0.0.1")
    assert run(tests, *options, is_process=True).outcomes == {"passed": 1}


# Processes


def test_processes_share_a_server_and_never_a_world(
    run_on: Callable[..., Result], server: str
) -> None:
    tests = """
        @pytest.mark.scenario("calwe-before-end")
        @pytest.mark.parametrize("number", range(12))
        def test_end(sandbox, number):
            assert end(sandbox) == 200
            assert end(sandbox) == 422
            sandbox.reset()
            assert end(sandbox) == 200

        def test_fails(sandbox):
            assert False
    """
    before = names(server)
    result = run_on(tests, "-n", "2", is_process=True)
    assert result.outcomes == {"passed": 12, "failed": 1}
    assert result.has("*- mockserver sandbox -*", "Nothing differs from the scenario.")
    assert names(server) == before


def is_gone(url: str) -> bool:
    try:
        return httpx.get(f"{url}/__mock__/health", verify=False).status_code == 0
    except httpx.TransportError:
        return True


def test_the_workers_of_a_run_share_one_server_that_outlives_a_crash(
    run: Callable[..., Result], project: Project
) -> None:
    tests = """
        import os

        @pytest.mark.scenario("calwe-before-end")
        @pytest.mark.parametrize("number", range(8))
        def test_it(sandbox, number):
            with open("urls", "a") as file:
                print(sandbox.base_url, file=file)
            if number == 2:
                os._exit(1)
            assert end(sandbox) == 200
    """
    assert run(tests, "-n", "2", is_process=True).outcomes == {"passed": 7, "failed": 1}
    (url,) = set((project.folder / "urls").read_text().splitlines())
    assert is_gone(url)


def test_a_server_that_cannot_start_fails_the_tests_of_every_worker(
    run: Callable[..., Result], project: Project
) -> None:
    project.write("pytest.ini", "[pytest]\nmockserver_scenarios = nowhere\n")
    tests = """
        @pytest.mark.parametrize("number", range(2))
        def test_it(sandbox, number):
            pass
    """
    result = run(tests, "-n", "2", is_process=True)
    assert result.outcomes == {"error": 2}
    assert result.has("--scenarios: '*/project/nowhere' is no folder.")


WAITS = """
    import time

    @pytest.fixture(scope="session")
    def last(mockserver):
        yield
        mockserver.client.list_sandboxes()
        open("reached", "w").close()

    def test_waits(sandbox, last):
        with open("url", "w") as file:
            print(sandbox.base_url, file=file)
        time.sleep(60)
"""


@pytest.mark.parametrize(
    ("number", "options"),
    [
        (signal.SIGINT, ("-n", "0")),
        (signal.SIGINT, ("-n", "1")),
        (signal.SIGKILL, ("-n", "1", "--dist", "no")),
        (signal.SIGKILL, ("-n", "1")),
    ],
)
def test_the_server_ends_with_a_run_that_is_stopped(
    project: Project,
    eventually: Callable[[Callable[[], bool]], None],
    number: signal.Signals,
    options: tuple[str, ...],
) -> None:
    project.write("test_it.py", BEGIN + dedent(WAITS))
    file = project.folder / "url"
    with project.start(*options) as process:
        eventually(lambda: file.exists() and file.read_text().endswith("\n"))
        url = file.read_text().strip()
        assert not is_gone(url)
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.kill()
        process.communicate()
        eventually(lambda: is_gone(url))
    if number == signal.SIGINT:
        assert process.returncode == 2
        assert (project.folder / "reached").exists()
