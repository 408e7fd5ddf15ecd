"""How uvicorn is to run the app, in this process or in several."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

from mockserver.server.protocol import Http1Protocol
from mockserver.settings import Settings

__all__ = ["make_uvicorn_config"]


def make_uvicorn_config(settings: Settings, app: Any, **more: Any) -> uvicorn.Config:
    """The configuration of uvicorn for an app, or for a factory of one."""
    return uvicorn.Config(
        app,
        http=Http1Protocol,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="none",
        lifespan="on",
        log_level=settings.log_level,
        access_log=settings.log_level in ("debug", "info"),
        server_header=False,
        # Whoever comes through a proxy on this machine is where the proxy says. Without this the
        # environment would say which proxies are believed, and could say all of them.
        forwarded_allow_ips=["127.0.0.1", "::1"],
        timeout_graceful_shutdown=5,
        **more,
    )
