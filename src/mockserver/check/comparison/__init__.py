"""Compares two deployments: the same requests to both, and how their responses differ."""
