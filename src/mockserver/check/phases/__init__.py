"""The phases of a run: each sends requests of its own kind."""
