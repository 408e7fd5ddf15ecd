"""What a request passes on its way to a handler; `server.app` has them in their order."""

from mockserver.server.middleware.control_access import ControlAccess
from mockserver.server.middleware.cors import Cors
from mockserver.server.middleware.dispatch import Dispatch
from mockserver.server.middleware.errors import Errors
from mockserver.server.middleware.head_and_options import HeadAndOptions
from mockserver.server.middleware.request_guard import RequestGuard
from mockserver.server.middleware.routing import Routing
from mockserver.server.middleware.sandbox_headers import SandboxHeaders
from mockserver.server.middleware.sandbox_selection import SandboxSelection

__all__ = [
    "ControlAccess",
    "Cors",
    "Dispatch",
    "Errors",
    "HeadAndOptions",
    "RequestGuard",
    "Routing",
    "SandboxHeaders",
    "SandboxSelection",
]
