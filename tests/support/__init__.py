"""Helpers for tests: a clock you set, builders, wait_until."""
