"""A mock server for four vendors' APIs, driven by their contracts and keeping state."""

from mockserver.installation import check_installation as _check_installation

__all__ = ["__version__"]

__version__ = "0.1.0"

_check_installation()
