"""What holds of the session logs beyond their traits."""

from mockserver.apis.autozod.invariants import rules
from mockserver.invariant import Invariant

INVARIANTS = tuple(it for it in vars(rules).values() if isinstance(it, Invariant))
