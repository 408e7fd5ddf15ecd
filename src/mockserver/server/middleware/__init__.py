"""What a request passes on its way to a handler; `server.app` has them in their order."""

from mockserver.server.middleware.control_access import Door
from mockserver.server.middleware.cors import Cors
from mockserver.server.middleware.dispatch import Exchanges
from mockserver.server.middleware.errors import Errors
from mockserver.server.middleware.head_and_options import Methods
from mockserver.server.middleware.request_guard import Guard
from mockserver.server.middleware.routing import Routing
from mockserver.server.middleware.sandbox_headers import Stamp
from mockserver.server.middleware.sandbox_selection import Prefix

__all__ = [
    "Cors",
    "Door",
    "Errors",
    "Exchanges",
    "Guard",
    "Methods",
    "Prefix",
    "Routing",
    "Stamp",
]
