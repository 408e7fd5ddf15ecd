"""Validating exchanges: findings, results, coverage and the verdict."""
