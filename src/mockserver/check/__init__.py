"""The contract kit: holds any deployment, the mock or the real one, against the same contracts."""
