"""The control API: a contract of our own, served by the same machinery as the vendors' are."""

from mockserver.server.control.api import api
from mockserver.server.control.context import Controls, Known
from mockserver.server.control.pages import pages, problem_page

__all__ = ["Controls", "Known", "api", "pages", "problem_page"]
