"""What holds of the session logs beyond their traits."""

from mockserver.apis.autozod.invariants import rules
from mockserver.invariant import invariants

INVARIANTS = invariants(rules)
