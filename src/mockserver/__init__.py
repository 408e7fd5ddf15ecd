"""A mock server for four vendors' APIs, driven by their contracts and keeping state."""

__all__ = ["__version__"]

__version__ = "0.1.0"
