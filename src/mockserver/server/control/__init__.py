"""The control API: a contract of our own, served by the same machinery as those of the vendors."""

from mockserver.server.control.api import make_control_api
from mockserver.server.control.context import PREFIX, ControlContext, ServerContext
from mockserver.server.control.dashboard import DASHBOARD, make_dashboard
from mockserver.server.control.pages import (
    PAGES,
    make_pages,
    make_problem_page,
    make_start_page,
)

__all__ = [
    "DASHBOARD",
    "PAGES",
    "PREFIX",
    "ControlContext",
    "ServerContext",
    "make_control_api",
    "make_dashboard",
    "make_pages",
    "make_problem_page",
    "make_start_page",
]
