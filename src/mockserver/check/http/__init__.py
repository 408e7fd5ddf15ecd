"""Sending requests to a deployment and receiving its responses."""
