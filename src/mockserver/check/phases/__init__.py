"""The phases of a run: each sends requests of its own kind, and every exchange is validated alike."""
