"""What a request passes on its way to a handler; `server.app` has them in their order."""

from mockserver.server.middleware.cors import Cors
from mockserver.server.middleware.door import Door
from mockserver.server.middleware.errors import Errors
from mockserver.server.middleware.exchanges import Exchanges
from mockserver.server.middleware.guard import Guard
from mockserver.server.middleware.methods import Methods
from mockserver.server.middleware.prefix import Prefix
from mockserver.server.middleware.routing import Routing
from mockserver.server.middleware.stamp import Stamp

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
