"""Recorded traffic: HAR files, and the verification of what they hold."""
