"""Upstreams: real deployments that requests are forwarded to (ADR 042)."""
