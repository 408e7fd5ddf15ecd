"""Targets: the deployments under test, and what may be done to them."""
