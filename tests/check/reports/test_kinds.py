"""The kinds of reports, by the name that a user gives."""

from mockserver.check.reports.kinds import WRITERS


def test_a_report_for_programs_and_one_for_ci_systems_can_be_written() -> None:
    assert {"har", "json", "junit"} <= set(WRITERS)
