"""What a request passes on its way to a handler; `server.app` has them in their order."""

from mockserver.server.middleware.cors import Cors
from mockserver.server.middleware.errors import Errors
from mockserver.server.middleware.exchanges import Exchanges
from mockserver.server.middleware.guard import Guard
from mockserver.server.middleware.methods import Methods
from mockserver.server.middleware.prefix import Prefix
from mockserver.server.middleware.routing import Routing

__all__ = ["Cors", "Errors", "Exchanges", "Guard", "Methods", "Prefix", "Routing"]
