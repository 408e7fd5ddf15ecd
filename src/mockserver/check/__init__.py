"""The contract kit: validates any deployment, the mock or the real one, by the same contracts."""
