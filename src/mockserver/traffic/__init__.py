"""Recorded traffic: HAR files as recorders write them, and the APIs that their calls belong to."""
